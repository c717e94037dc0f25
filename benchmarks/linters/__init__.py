"""Which faults of a database linters find, ours beside others: python -m benchmarks.linters."""
