"""What a contract expects of the objects of a schema, and whether a catalog shows it."""
