"""Who asks for what is not its own, and what its request carries beside the path."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import urlencode

from pytest_deploycheck.checks.exchange.status import Statuses
from pytest_deploycheck.checks.surface.owned import Ids
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.probe import HttpRequest


@dataclass(frozen=True, slots=True)
class Pair:
    """Who asks, and whose things it must not reach."""

    asker: Identity
    other: Identity

    @property
    def names(self) -> frozenset[str]:
        """Both identities."""
        return frozenset({self.asker.name, self.other.name})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the contract says about denials and tenants.

    `denied` are the statuses that deny; `strict`: they must not tell what exists from what does not. `bare`:
    the application refuses without a JSON body. `tenants`: the id of a tenant as the application knows it.
    `pages`: how many of a list are read, at most. `base_url` is the environment's.
    """

    denied: Statuses
    strict: bool = False
    bare: bool = False
    tenants: Mapping[str, str] = field(default_factory=dict)
    pages: int = 1
    base_url: str = ""

    def home(self, identity: Identity) -> str | None:
        """The id of an identity's tenant, if the contract says it."""
        return self.tenants.get(identity.tenant or "")

    def tenant_id(self, identity: Identity) -> str:
        """The id of an identity's tenant; its name where the contract says no other."""
        return self.home(identity) or identity.tenant or ""


@dataclass(frozen=True, slots=True)
class Alteration:
    """What a request carries beside what it needs; `label` tells its check apart."""

    label: str = ""
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    members: tuple[tuple[str, str | int], ...] = ()
    """Of a JSON object in the body."""

    def of(self, request: HttpRequest) -> HttpRequest:
        """Return the request with it."""
        mark = "&" if "?" in request.target else "?"
        target = f"{request.target}{mark}{urlencode(self.query)}" if self.query else request.target
        headers = (*request.headers, *self.headers)
        return replace(request, target=target, headers=headers, body=self._body(request.body))

    def _body(self, body: bytes | None) -> bytes | None:
        if not self.members:
            return body
        document = {**json.loads(body or b"{}"), **dict(self.members)}
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()

    def __str__(self) -> str:
        return f" [{self.label}]" if self.label else ""


PLAIN = Alteration()


class Trespass(Protocol):
    """An attempt to reach what belongs to another, and what decides whether it was fended off."""

    @property
    def pair(self) -> Pair:
        """Who tries, and on whom."""

    @property
    def spend(self) -> Spend:
        """The most that it sends."""

    @property
    def tenant(self) -> str | None:
        """The tenant in which it creates something, if it does."""

    def steps(self) -> Steps:
        """Try, and judge."""

    def __str__(self) -> str:
        """Say what must hold."""


def first_ids(ids: Ids) -> dict[str, object]:
    """The first id of each parameter."""
    return {name: next((each for each in values if each is not None), "") for name, values in ids.items()}


def listed(names: Iterable[object]) -> str:
    """Names in a row."""
    return ", ".join(map(str, names))
