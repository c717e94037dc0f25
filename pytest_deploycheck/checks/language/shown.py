"""Values as a message shows them: JSON, on one line, short."""

import json
from typing import Any

LONGEST = 120
"""Characters; the evidence below a message shows more."""


def shown(value: Any) -> str:  # noqa: ANN401 - JSON
    """Return a JSON value as text, so that "5" and 5 look different."""
    return short(json.dumps(value, ensure_ascii=False, default=str))


def short(text: str) -> str:
    """Return `text` on one line, cut."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."
