"""What row-level security shows and takes, seen by acting as those whom it holds."""
