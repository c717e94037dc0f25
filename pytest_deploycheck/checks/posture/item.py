"""One question of a kind that asks several, and the check it becomes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase, Steps, Weakness
from pytest_deploycheck.model.kind import Context, Loc
from pytest_deploycheck.model.names import ANONYMOUS


class Told(Protocol):
    """What a section says about all its checks."""

    @property
    def name(self) -> str | None:
        """Replaces the kind's name in the titles, where a contract has the kind twice."""

    @property
    def runbook(self) -> tuple[str, ...]:
        """Ids of runbook items."""

    @property
    def hint(self) -> str:
        """Replaces the hints of the kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question. `title` holds no value of a variable: it must be the same before and after the start."""

    title: str
    steps: Callable[[], Steps]
    requests: int
    writes: int = 0
    identities: Iterable[str] = field(default=())
    weakness: Weakness | None = None
    hint: str = ""
    at: Loc = ()


def made(kind: str, section: Told, context: Context, items: Iterable[Item]) -> Iterator[Check]:
    """Return a check for each question."""
    for item in items:
        yield Check(
            marker=context.marker,
            title=f"{section.name or kind}: {item.title}",
            place=context.place(item.at),
            steps=item.steps,
            phase=Phase.WRITE if item.writes else Phase.READ,
            spend=Spend(requests=item.requests, writes=item.writes),
            identities=frozenset(item.identities) - {ANONYMOUS},
            runbook=section.runbook,
            hint=section.hint or item.hint,
            weakness=item.weakness,
        )
