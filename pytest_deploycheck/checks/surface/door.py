"""How a route is knocked at: which path is asked, with whose ids, and what proves that it opens at all."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass

from pytest_deploycheck.checks.surface.owned import Sources, find_ids, sources
from pytest_deploycheck.checks.surface.path import filled, nobodys, parameters
from pytest_deploycheck.checks.surface.walk import nearest_safe, user_of
from pytest_deploycheck.model.evidence import Evidence
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.kind import Context
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import HttpRequest, Probe
from pytest_deploycheck.model.route import Route

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True)
class Open:
    """What a route is asked with. `control` None: finding the ids was the control."""

    target: str
    control: HttpRequest | None


Opening = Generator[tuple[Probe, ...], tuple[Evidence, ...], Open | Inconclusive]


@dataclass(frozen=True, slots=True)
class Door:
    """A protected route, who may use it, and how that is proven.

    A safe route is asked for what its user owns, and is its own control. Any other is asked for what nobody
    has, and its control is a safe route: it must never do what it is there for.
    """

    route: Route
    user: Identity
    ids: Sources
    control: Route | None

    @property
    def requests(self) -> int:
        """How many requests opening and its control take."""
        return self.ids.requests + (0 if self._ids_prove else 1)

    @property
    def _ids_prove(self) -> bool:
        return not self.route.safe and self._findable

    @property
    def _findable(self) -> bool:
        return bool(self.ids.found) and not self.ids.missing

    def open(self, credential: str) -> Opening:
        """Find the ids with a credential that is let in, and say what to ask; `yield from` it."""
        if self.route.safe or self._findable:
            found = yield from find_ids(self.ids, credential, control=self._ids_prove)
            if isinstance(found, Inconclusive):
                return found
            first = {name: values[0] for name, values in found.items()}
            return self._opened(first, credential)
        return self._opened({}, credential)

    def _opened(self, ids: Mapping[str, object], credential: str) -> Open | Inconclusive:
        if self.route.safe:
            target = filled(self.route.url, ids)
            return Open(target, _control(self.route.method, target, credential))
        target = nobodys(self.route.url, ids)
        if self._ids_prove:
            return Open(target, None)
        if self.control is None:
            return Inconclusive(
                f"no GET route without parameters that {self.user.name} may use: "
                "without a control a refusal proves nothing"
            )
        return Open(target, _control("GET", self.control.url, credential))

    def ask(
        self, target: str, identity: str, headers: tuple[tuple[str, str], ...], purpose: str
    ) -> HttpRequest:
        """Return the request of the route; one that is not safe has an empty body, and only to be refused."""
        empty = self.route.method in _WITH_BODY
        return HttpRequest(
            method=self.route.method,
            target=target,
            identity=identity,
            headers=(*headers, ("Content-Type", "application/json")) if empty else headers,
            body=b"{}" if empty else None,
            purpose=purpose,
        )


def door(route: Route, preferred: Identity, context: Context) -> Door | None:
    """Return how to knock at a route, or None if no identity may use it.

    A parameter of an unsafe route need not be filled: nothing has the ids it is asked with.
    """
    user = user_of(route, preferred, context)
    if user is None:
        return None
    ids = sources(route.url, user, context.routes)
    if not route.safe and ids.missing:
        ids = Sources({}, ())
    return Door(route, user, ids, nearest_safe(route, user, context.routes))


def harmless(route: Route) -> bool:
    """Whether a credential that is accepted by mistake could do no harm: it is safe, or names an id."""
    return route.safe or bool(parameters(route.url))


def _control(method: str, target: str, credential: str) -> HttpRequest:
    return HttpRequest(method=method, target=target, identity=credential, purpose="control")
