"""How PostgreSQL carries a query out: what its plan may hold and cost."""
