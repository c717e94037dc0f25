"""What the kinds that read the database share."""
