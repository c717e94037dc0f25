"""Who serves what: the conversation behind the check of the version."""
