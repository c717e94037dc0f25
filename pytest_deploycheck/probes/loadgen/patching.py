"""Changes classes of other packages in one place, before any user is made."""

from collections.abc import Callable
from typing import Any


def patch(owner: type, name: str, change: Callable[[Any], Any]) -> None:
    """Replace a method by what `change` makes of it."""
    setattr(owner, name, change(getattr(owner, name)))
