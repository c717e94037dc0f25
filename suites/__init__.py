"""Suites: the deployments the product is tried on, and what must hold for each."""
