"""What a server says about its own work: each module is one item of the kind `performance`."""
