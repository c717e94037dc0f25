"""Conversations held with a deployment."""
