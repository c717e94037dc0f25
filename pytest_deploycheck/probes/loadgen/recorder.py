"""Every request of this process: its name, when it was due, how long it took, what came of it."""

import base64
from array import array
from collections import defaultdict

MOST_NAMES = 200
"""More names of requests are no names of endpoints: identifiers stand in them."""
MOST_KINDS = 50
OTHER = "(other names)"
NEVER = 0xFFFFFFFF

Key = tuple[str, str, int, str]
"""Name, version, second, kind of failure ("" if good)."""


class Recorder:
    """Latencies since they were last drained, in microseconds."""

    def __init__(self) -> None:
        self._samples: defaultdict[Key, array[int]] = defaultdict(lambda: array("I"))
        self._late = array("I")
        self._names: set[str] = set()
        self._kinds: set[str] = set()

    def add(self, name: str, version: str, second: int, kind: str, seconds: float) -> None:
        """Note a request; `kind` is how it failed, or nothing."""
        if name not in self._names:
            name = self._known(name)
        if kind and kind not in self._kinds:
            kind = self._known_kind(kind)
        self._samples[name, version, second, kind].append(_micros(seconds))

    def late(self, seconds: float) -> None:
        """Note how late this process did something that was due."""
        self._late.append(_micros(seconds))

    @property
    def lateness(self) -> "array[int]":
        """What was noted of it since the last time, in microseconds."""
        return self._late

    def drain(self) -> dict[str, object]:
        """Return what was noted since the last time, as JSON values."""
        samples, self._samples = self._samples, defaultdict(lambda: array("I"))
        late, self._late = self._late, array("I")
        return {"samples": [[*key, _packed(found)] for key, found in samples.items()], "late": _packed(late)}

    def _known(self, name: str) -> str:
        if len(self._names) >= MOST_NAMES:
            return OTHER
        self._names.add(name)
        return name

    def _known_kind(self, kind: str) -> str:
        if len(self._kinds) >= MOST_KINDS:
            return "other failures"
        self._kinds.add(kind)
        return kind


def _micros(seconds: float) -> int:
    return round(min(max(seconds * 1e6, 0.0), NEVER))


def _packed(values: "array[int]") -> str:
    return base64.b64encode(values.tobytes()).decode()
