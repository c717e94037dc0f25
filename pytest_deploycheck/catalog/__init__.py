"""What a database holds: the queries that tell it, and the catalog that is made of their rows."""
