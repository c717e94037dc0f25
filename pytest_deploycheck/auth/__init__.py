"""Credentials: logins and forged tokens."""
