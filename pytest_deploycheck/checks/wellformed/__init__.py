"""Whether the value of a variable is what it should be."""
