"""What of two schemas differs: comparable facts, a file that keeps them, and differences by their danger."""
