"""One module a format; each renders a finished run."""
