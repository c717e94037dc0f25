"""What may be concluded from samples: passed, failed, or not decided yet. Pure; the standard library only."""
