"""What a run would send, and what it costs."""
