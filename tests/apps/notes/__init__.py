"""Notes of teams: another framework, another way to say no, other names than the stand-ins have."""
