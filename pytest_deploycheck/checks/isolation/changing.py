"""Changing or removing another's thing, one that the run itself created: refused, and really untouched."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pytest_deploycheck.checks.isolation.replies import (
    all_answered,
    broken_control,
    document,
    named,
    other_layer,
    shown,
)
from pytest_deploycheck.checks.isolation.thing import Recipe, Thing
from pytest_deploycheck.checks.isolation.trespass import Pair, Rules, listed
from pytest_deploycheck.checks.language.template import filled
from pytest_deploycheck.checks.surface.path import filled as filled_path
from pytest_deploycheck.checks.surface.path import parameters
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.model.route import Route

GONE = (404, 410)
"""Statuses that say a thing does not exist (RFC 9110, 15.5.5 and 15.5.11)."""

UNAUTHENTICATED = 401


@dataclass(frozen=True, slots=True, kw_only=True)
class Changing:
    """A route that changes one thing, tried on what the run created as the other.

    `recipe` creates it; without one nothing is tried. `standing` is a route that shows that the asker is let
    in at all.
    """

    route: Route
    pair: Pair
    rules: Rules
    recipe: Recipe | None
    standing: Route | None

    @property
    def spend(self) -> Spend:
        """Two readings before, one after, the attempt, and the same by the owner; beside the creation."""
        if self.recipe is None:
            return Spend()
        return self.recipe.spend(self.pair.other) + Spend(requests=5 + (self.standing is not None), writes=2)

    @property
    def tenant(self) -> str | None:
        """Where it creates something."""
        return self.pair.other.tenant if self.recipe else None

    def __str__(self) -> str:
        return f"{self.route.title} as {self.pair.asker.name} changes nothing of {self.pair.other.name}"

    def steps(self) -> Steps:
        """Create, read, try, read again; then the owner does the same, to prove that it can be done."""
        if self.recipe is None:
            return Inconclusive(
                f"nothing tells how to create what {self.route.title} could change without harm: "
                "a key `create` whose `delete` has this path"
            )
        thing = yield from self.recipe.create(self.pair.other)
        if isinstance(thing, Inconclusive):
            return thing
        before = self._before(thing, self.recipe)
        read = all_answered(before, (yield before))
        if isinstance(read, Inconclusive):
            return read
        for request, reply in zip(before, read, strict=True):
            if trouble := broken_control(request, reply):
                return trouble
        return (yield from self._try(thing, self.recipe, read))

    def _before(self, thing: Thing, recipe: Recipe) -> tuple[HttpRequest, ...]:
        """Two readings, so that what differs anyway is known; and whether the asker is let in at all."""
        read = recipe.read(self.pair.other, thing.id, thing.known, "before")
        if self.standing is None:
            return (read, read)
        path = self.standing.url
        asker = self.pair.asker.name
        return (read, read, HttpRequest(method="GET", target=path, identity=asker, purpose="control"))

    def _try(self, thing: Thing, recipe: Recipe, read: tuple[Reply, ...]) -> Steps:
        attempt = self._request(thing, self.pair.asker.name, "request")
        tried = all_answered((attempt,), (yield (attempt,)))
        again = recipe.read(self.pair.other, thing.id, thing.known, "after")
        after = all_answered((again,), (yield (again,)))
        if isinstance(tried, Inconclusive):
            return tried
        if isinstance(after, Inconclusive):
            return after
        if harm := self._harm(tried[0], read, after[0]):
            return harm
        if not after[0].ok:
            return Inconclusive(
                f"{named(again)}: expected 2xx, got {shown(after[0])}: what became of it, nobody knows"
            )
        if tried[0].ok:
            return Failed(f"expected {self.rules.denied}, got {tried[0].status}, though nothing changed")
        control = self._request(thing, self.pair.other.name, "control")
        owners = all_answered((control,), (yield (control,)))
        if isinstance(owners, Inconclusive):
            return owners
        return broken_control(control, owners[0]) or self._judge(tried[0], read[0])

    def _harm(self, tried: Reply, before: tuple[Reply, ...], after: Reply) -> Failed | None:
        """What became of the thing, whatever the asker was told."""
        hint = "the route looks the id up without the tenant"
        if after.status in GONE:
            return Failed(f"got {tried.status}, and it is gone: its owner gets {after.status}", hint=hint)
        if after.ok and (names := tuple(_changed(*map(_content, (before[0], before[1], after))))):
            return Failed(f"got {tried.status}, and it was changed: {listed(names)}", hint=hint)
        return None

    def _judge(self, tried: Reply, control: Reply) -> Outcome:
        if tried.status == UNAUTHENTICATED and self.standing is None:
            return Inconclusive(
                f"got {shown(tried)}: the credential of {self.pair.asker.name} is not accepted"
            )
        if undecided := other_layer(tried, control, bare=self.rules.bare):
            return undecided
        if tried.status not in self.rules.denied:
            return Failed(f"expected {self.rules.denied}, got {shown(tried)}")
        return Passed("" if self.standing else f"no route shows that {self.pair.asker.name} is let in at all")

    def _request(self, thing: Thing, identity: str, purpose: str) -> HttpRequest:
        body = filled(self.route.body, thing.known)
        sends = self.route.method != "DELETE" or self.route.body is not None
        return HttpRequest(
            method=self.route.method,
            target=self._target(thing),
            identity=identity,
            headers=(("Content-Type", "application/json"),) if sends else (),
            body=json.dumps({} if body is None else body).encode() if sends else None,
            writes=True,
            purpose=purpose,
        )

    def _target(self, thing: Thing) -> str:
        """The route's path, filled as the removal's path of the same shape is."""
        known = {**thing.known, "id": thing.id}
        removal = self.recipe.creates.delete.target if self.recipe else ""
        ids = zip(parameters(self.route.url), parameters(removal), strict=True)
        return filled_path(self.route.url, {name: known[twin] for name, twin in ids})


def _content(reply: Reply) -> Any:  # noqa: ANN401 - JSON
    data = document(reply)
    return data if isinstance(data, dict) else {"body": reply.text}


def _changed(one: dict[str, Any], two: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """The members that stayed the same between two readings, and did not until the third."""
    for name, value in one.items():
        twin, now = two.get(name), after.get(name)
        if isinstance(value, dict) and isinstance(twin, dict) and isinstance(now, dict):
            yield from (f"{name}.{inner}" for inner in _changed(value, twin, now))
        elif value == twin and value != now:
            yield name
    yield from after.keys() - one.keys()
