"""Migrations: those of the release, as each tool's files name them, beside those that were applied."""
