"""The only I/O against the target."""
