"""The contract file, from YAML to a validated Contract."""
