"""A thing that the run itself creates as somebody, through the ledger, to be attacked or compared."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pytest_deploycheck.checks.exchange.act import Act
from pytest_deploycheck.checks.exchange.line import Line
from pytest_deploycheck.checks.exchange.request import request_of
from pytest_deploycheck.checks.exchange.section import Creates, Step
from pytest_deploycheck.checks.exchange.status import SUCCESS, Statuses
from pytest_deploycheck.checks.isolation.replies import NO_JSON, all_answered, document, named, shown
from pytest_deploycheck.checks.isolation.trespass import PLAIN, Alteration, first_ids
from pytest_deploycheck.checks.language.jsonpath import parse_path
from pytest_deploycheck.checks.language.template import MARK, as_text, filled_target, filled_text
from pytest_deploycheck.checks.surface.owned import Source, Sources, find_ids, sources
from pytest_deploycheck.checks.surface.path import parameters
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.evidence import Evidence, Mark, Reply
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import HttpRequest, NewMark, Probe
from pytest_deploycheck.model.route import Route


@dataclass(frozen=True, slots=True)
class Thing:
    """What was created: its id, the names that filled its request, and the reply."""

    id: str
    known: Mapping[str, Any]
    reply: Reply


Making: TypeAlias = Generator[
    tuple[Probe, ...], tuple[Evidence, ...], tuple[HttpRequest, Reply, Mapping[str, Any]] | Inconclusive
]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the contract creates a thing. `names` are those in braces, of which its creator must know ids.

    `routes` are those of the contract: they tell where ids are found.
    """

    line: Line
    step: Step
    creates: Creates
    names: tuple[str, ...]
    routes: tuple[Route, ...] = ()

    @property
    def statuses(self) -> Statuses:
        """What says that it was created."""
        return self.step.status or SUCCESS

    def sources(self, identity: Identity) -> Sources:
        """Where an identity finds the names: what it owns, or as for the path of a route that has them."""
        found: dict[str, Source] = {}
        for name in self.names:
            paths = (f"/{{{name}}}", *(route.url for route in self.routes if name in parameters(route.url)))
            known = (sources(path, identity, self.routes).found.get(name) for path in paths)
            if source := next(filter(None, known), None):
                found[name] = source
        return Sources(found, tuple(name for name in self.names if name not in found))

    def spend(self, identity: Identity) -> Spend:
        """What creating it once, and removing it, sends at most."""
        return self._act(identity).spend + Spend(requests=self.sources(identity).requests)

    def make(
        self, identity: Identity, alteration: Alteration = PLAIN, borrowed: Mapping[str, object] | None = None
    ) -> Making:
        """Create it as `identity`, with ids that it has `borrowed`. The reply may be a refusal."""
        (mark,) = yield (NewMark(),)
        if not isinstance(mark, Mark):
            return Inconclusive("no mark was given, so nothing was sent")
        ids = yield from find_ids(self.sources(identity), identity.name)
        if isinstance(ids, Inconclusive):
            return ids
        known = {**first_ids(ids), **(borrowed or {}), MARK: mark.text}
        request = alteration.of(request_of(self._act(identity), known, "create"))
        replies = all_answered((request,), (yield (request,)))
        return replies if isinstance(replies, Inconclusive) else (request, replies[0], known)

    def create(
        self, identity: Identity
    ) -> Generator[tuple[Probe, ...], tuple[Evidence, ...], Thing | Inconclusive]:
        """Create it, or say why nothing can be tried with it."""
        made = yield from self.make(identity)
        if isinstance(made, Inconclusive):
            return made
        request, reply, known = made
        if reply.status not in self.statuses:
            return Inconclusive(
                f"the control {named(request)}: expected {self.statuses}, got {shown(reply)}: "
                "there is nothing to try with"
            )
        thing = self.id_of(reply, known)
        if thing is None:
            return Inconclusive(
                f"the control {named(request)}: nothing at {self.creates.id}: its id is not known"
            )
        return Thing(thing, known, reply)

    def id_of(self, reply: Reply, known: Mapping[str, Any]) -> str | None:
        """The id of what was created: as the reply tells it, or as the client chose it."""
        if not self.creates.id.startswith("$"):
            return filled_text(self.creates.id, known)
        data = document(reply)
        found = () if data is NO_JSON else parse_path(self.creates.id).find(data)
        return as_text(found[0]) if found and found[0] is not None else None

    def read(self, identity: Identity, id_: str, known: Mapping[str, Any], purpose: str) -> HttpRequest:
        """Ask for it."""
        line = self.creates.gone or Line("GET", self.creates.delete.target)
        target = filled_target(line.target, {**known, "id": id_})
        return HttpRequest(method=line.method, target=target, identity=identity.name, purpose=purpose)

    def remove(self, identity: Identity, id_: str, known: Mapping[str, Any]) -> HttpRequest:
        """Ask for its removal."""
        line = self.creates.delete
        target = filled_target(line.target, {**known, "id": id_})
        return HttpRequest(
            method=line.method, target=target, identity=identity.name, writes=True, purpose="removal"
        )

    def _act(self, identity: Identity) -> Act:
        return Act(self.line, self.step, identity.name)
