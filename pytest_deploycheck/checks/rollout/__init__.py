"""A canary beside the stable deployment: what is measured, and what it shows."""
