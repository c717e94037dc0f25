"""Durations as people write them: 500ms, 30s, 1m30s, 14d."""

import re

UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
"""Seconds of each unit."""

PATTERN = "".join(rf"(?:(\d+(?:\.\d+)?){unit})?" for unit in UNITS)
"""A regular expression for all of a duration, with a group for each unit in the order of `UNITS`."""

EXAMPLES = ("500ms", "30s", "5m", "1h", "14d", "1m30s")

_DURATION = re.compile(PATTERN)


def parse_duration(text: str) -> float | None:
    """Return a duration in seconds, or None for a text that is none."""
    found = _DURATION.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        return None
    return sum(float(count or 0) * unit for count, unit in zip(found.groups(), UNITS.values(), strict=True))
