"""How fast a database is read: `python -m benchmarks database`."""
