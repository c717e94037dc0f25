"""Where the function, its API and the platform's auth service and data API are."""

FUNCTION = "/functions/v1/server"
API = f"{FUNCTION}/api"
AUTH = "/auth/v1"
DATA = "/rest/v1"


def is_under(path: str, prefix: str) -> bool:
    """Say whether a path is a place or below it."""
    return path == prefix or path.startswith(f"{prefix}/")
