"""Load: what the contract says of it, and what a run shows."""
