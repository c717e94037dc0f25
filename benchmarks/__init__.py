"""How long a gate takes beside other ways to ask the same, as whole processes: python -m benchmarks."""
