"""What kinds share that walk over the routes of a deployment: names, ids in paths, controls, samples."""
