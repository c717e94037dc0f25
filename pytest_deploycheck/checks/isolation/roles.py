"""One identity on one route with roles: served, or refused while somebody who may is served."""

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_deploycheck.checks.isolation.replies import all_answered, broken_control, other_layer, shown
from pytest_deploycheck.checks.surface.owned import Sources, find_ids
from pytest_deploycheck.checks.surface.path import filled, nobodys, parameters
from pytest_deploycheck.checks.surface.walk import may_use
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.model.route import Route

UNAUTHENTICATED = 401
FORBIDDEN = 403
NOT_FOUND = 404

LOOKED_AT = frozenset({400, 404, 409, 410, 422})
"""Statuses that say that an id or a body was looked at: before the role, or the role not at all."""

NOT_TAKEN = frozenset({405, 411, 413, 415})
"""Statuses that say that the request was not taken at all, whoever asked."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A route that somebody who may use it is served, and where that identity finds the ids in its path."""

    route: Route
    identity: Identity
    sources: Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """One identity on one route.

    `sample` shows that somebody is served; `unproven` says why nobody can be. `standing` is another route
    that the identity may use, which shows that it is let in at all. `hidden` and `bare` as in the contract.
    """

    route: Route
    identity: Identity
    sample: Sample | None
    unproven: str = ""
    standing: Route | None = None
    hidden: bool = False
    bare: bool = False

    @property
    def may(self) -> bool:
        """Whether the identity may use the route."""
        return may_use(self.route, self.identity)

    @property
    def writes(self) -> bool:
        """Whether a deployment that lets it in might be changed: no id in the path keeps it from that."""
        return not (self.may or self.route.safe or parameters(self.route.url))

    @property
    def names(self) -> frozenset[str]:
        """The identities that it sends as."""
        return frozenset({self.identity.name} | ({self.sample.identity.name} if self.sample else set()))

    @property
    def spend(self) -> Spend:
        """The most that it sends."""
        lists = self.sample.sources.requests if self.sample else 0
        if self.may:
            return Spend(requests=lists + 1)
        controls = (self.sample is not None) + (self.standing is not None)
        return Spend(requests=lists + 1 + controls, writes=int(self.writes))

    def __str__(self) -> str:
        return f"{self.route.title} as {self.identity.name} is {'served' if self.may else 'refused'}"

    def steps(self) -> Steps:
        """Find the ids that the paths need, then ask."""
        known: dict[str, object] = {}
        if self.sample:
            ids = yield from find_ids(self.sample.sources, self.sample.identity.name)
            if isinstance(ids, Inconclusive):
                return ids
            known = {name: values[0] for name, values in ids.items()}
        requests = self._requests(known)
        replies = all_answered(requests, (yield requests))
        if isinstance(replies, Inconclusive):
            return replies
        return self._judge_served(replies[0]) if self.may else self._judge_refused(requests, replies)

    def _requests(self, known: Mapping[str, object]) -> tuple[HttpRequest, ...]:
        """The request, then its controls."""
        requests = [self._request(known)]
        if self.sample and not self.may:
            requests.append(_control(self.sample.route, self.sample.identity, known))
        if self.standing and not self.may:
            requests.append(_control(self.standing, self.identity, {}))
        return tuple(requests)

    def _request(self, known: Mapping[str, object]) -> HttpRequest:
        """The request itself; one that is not safe has an empty body, and names ids that nobody owns."""
        route = self.route
        if route.safe and self.sample:
            return HttpRequest(
                method=route.method, target=filled(route.url, known), identity=self.identity.name
            )
        sends = not route.safe and route.method != "DELETE"
        return HttpRequest(
            method=route.method,
            target=nobodys(route.url, known),
            identity=self.identity.name,
            headers=(("Content-Type", "application/json"),) if sends else (),
            body=b"{}" if sends else None,
            writes=self.writes,
        )

    def _judge_served(self, reply: Reply) -> Outcome:
        if reply.ok:
            return Passed()
        roles = ", ".join(self.identity.roles)
        return Failed(f"expected 2xx, got {shown(reply)}", hint=f"{self.identity.name} has the roles {roles}")

    def _judge_refused(self, requests: tuple[HttpRequest, ...], replies: tuple[Reply, ...]) -> Outcome:
        """Being served is a fault whatever the controls say; any other answer counts only beside them."""
        probe, *controls = replies
        if probe.ok:
            return Failed(f"expected {self._denials}, got {probe.status}", hint="the route ignores the role")
        if self.unproven:
            return Inconclusive(f"got {shown(probe)}, which proves nothing: {self.unproven}")
        for request, control in zip(requests[1:], controls, strict=True):
            if trouble := broken_control(request, control):
                return trouble
        if undecided := self._undecided(probe) or other_layer(probe, controls[0], bare=self.bare):
            return undecided
        if probe.status == FORBIDDEN or (probe.status == NOT_FOUND and self.hidden):
            return Passed(
                "" if self.standing else f"no route shows that {self.identity.name} is let in at all"
            )
        looked_at = not self.route.safe and probe.status in LOOKED_AT
        hint = "look at the role before the id and the body; or it is not looked at" if looked_at else ""
        return Failed(f"expected {self._denials}, got {shown(probe)}", hint=hint)

    def _undecided(self, probe: Reply) -> Inconclusive | None:
        """Why the role may not have been looked at."""
        if probe.status == UNAUTHENTICATED and self.standing is None:
            why = f"the credential of {self.identity.name} is not accepted, so its role was not looked at"
        elif not self.route.safe and probe.status in NOT_TAKEN:
            why = "the empty request is not taken, whoever asks"
        elif self.hidden and probe.status == NOT_FOUND and not self.route.safe and parameters(self.route.url):
            why = "the route is hidden, or nobody has the id: 404 does not tell which"
        else:
            return None
        return Inconclusive(f"got {shown(probe)}: {why}")

    @property
    def _denials(self) -> str:
        return f"{FORBIDDEN} or {NOT_FOUND}" if self.hidden else str(FORBIDDEN)


def _control(route: Route, identity: Identity, known: Mapping[str, object]) -> HttpRequest:
    return HttpRequest(
        method=route.method, target=filled(route.url, known), identity=identity.name, purpose="control"
    )
