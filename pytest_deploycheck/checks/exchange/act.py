"""A request of a check, with all that the contract says about it, and what it will spend."""

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_deploycheck.checks.exchange.line import Line
from pytest_deploycheck.checks.exchange.section import Step
from pytest_deploycheck.checks.exchange.status import SUCCESS, Statuses
from pytest_deploycheck.checks.language.template import MARK, names_in
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.names import ANONYMOUS


@dataclass(frozen=True, slots=True)
class Act:
    """One request and its controls. `label` tells it from the other steps of its check."""

    line: Line
    step: Step
    identity: str
    controls: tuple["Act", ...] = ()
    label: str = ""

    @property
    def statuses(self) -> Statuses:
        """The statuses that are right; 2xx where the contract names none."""
        return self.step.status or SUCCESS

    @property
    def writes(self) -> bool:
        """Whether the request is declared to change the deployment."""
        return self.step.writes or self.step.creates is not None

    @property
    def names(self) -> frozenset[str]:
        """The identities that the request needs: who sends it, and who removes what it creates."""
        remover = self.step.creates.by if self.step.creates else None
        return frozenset({self.identity} | ({remover} if remover else set()))

    @property
    def all(self) -> tuple["Act", ...]:
        """The request, then its controls: what goes in one round."""
        return (self, *self.controls)

    @property
    def uses_mark(self) -> bool:
        """Whether the run's unique mark is needed."""
        return any(MARK in names_of(act) for act in self.all)

    @property
    def spend(self) -> Spend:
        """The most that the request, its controls and the removal of what they create will send."""
        return sum((_spend(act) for act in self.all), Spend())

    def __str__(self) -> str:
        who = "" if self.identity == ANONYMOUS else f" as {self.identity}"
        return f"{self.line}{who}"


def names_of(act: Act) -> frozenset[str]:
    """The names in braces that a request or its expectations use."""
    matchers = [*act.step.json_.values(), *act.step.headers.values()]
    matchers += [act.step.body] if act.step.body else []
    return frozenset(sent_names(act)).union(*(matcher.names() for matcher in matchers))


def sent_names(act: Act) -> Iterator[str]:
    """The names in braces that are sent, now or by the removal. `{id}` in a removal is not one of them."""
    send = act.step.send
    yield from names_in([act.line.target, send.headers, send.query, send.document, send.form, send.body])
    if creates := act.step.creates:
        find = [line.target for line in creates.find or ()]
        gone = creates.gone.target if creates.gone else ""
        lines = [creates.id, creates.delete.target, gone, *find]
        yield from (name for name in names_in(lines) if name != "id")


def _spend(act: Act) -> Spend:
    """A removal deletes and asks again; where it can search, it searches before and after."""
    writes = int(act.writes and not act.line.safe)
    if act.step.creates is None:
        return Spend(requests=1, writes=writes)
    searches = 2 if act.step.creates.find else 0
    return Spend(requests=3 + searches, writes=writes + 1)
