"""Names that several words of the model share."""

ANONYMOUS = "anonymous"
"""The identity without any credential; always there."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that ask for no change (RFC 9110, 9.2.1)."""

NOT_DECLARED = "not declared"
NOT_PROVEN = "not proven"
"""What stands for the version of a deployment where none is known: two deploys share the words."""
