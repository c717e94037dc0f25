"""The last requests, and how many of them failed."""

from collections import Counter, deque
from dataclasses import dataclass


@dataclass(slots=True)
class _Came:
    at: float
    kind: str
    is_retracted: bool = False


class Recent:
    """The last `most` requests, and all of the last `seconds`; `kind` is how one failed, or nothing."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._came: deque[_Came] = deque()
        self._good: deque[_Came] = deque()
        self._kinds: Counter[str] = Counter()

    def __len__(self) -> int:
        """How many there are."""
        return len(self._good) + self.failed

    @property
    def failed(self) -> int:
        """How many of them failed."""
        return self._kinds.total()

    @property
    def commonest(self) -> str:
        """How most of those failed."""
        return max(self._kinds, key=self._kinds.__getitem__)

    @property
    def is_full(self) -> bool:
        """Whether there are so many, over so long."""
        return len(self) >= self._most and self._came[-1].at - self._came[0].at >= self._seconds

    def add(self, now: float, kind: str) -> None:
        """Note the next one, and forget what is older."""
        this = _Came(now, kind)
        self._came.append(this)
        if kind:
            self._kinds[kind] += 1
        else:
            self._good.append(this)
        while len(self._came) > 1 and self._may_go(now):
            self._forget(self._came.popleft())

    def retract(self) -> None:
        """Forget the newest that was good: it comes again, as a failure, and is one request all the same."""
        if self._good:
            self._good.pop().is_retracted = True

    def _may_go(self, now: float) -> bool:
        """Without the oldest, there must still be enough of them, over long enough."""
        if self._came[0].is_retracted:
            return True
        return len(self) > self._most and now - self._came[1].at >= self._seconds

    def _forget(self, one: _Came) -> None:
        if one.kind:
            self._kinds[one.kind] -= 1
        elif not one.is_retracted:
            self._good.popleft()
