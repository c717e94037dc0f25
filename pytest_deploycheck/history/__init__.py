"""Runs on disk, and this run against others."""
