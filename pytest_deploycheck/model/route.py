"""The routes of a deployment, and who may use them: what the checks of whole surfaces are derived from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pytest_deploycheck.model.names import SAFE_METHODS
from pytest_deploycheck.model.place import Place


class Scope(Enum):
    """How a route belongs to tenants."""

    LIST = "list"
    """Answers with resources of the caller's tenant, and of no other."""
    ITEM = "item"
    """Answers with one resource, named in the path, to callers of its tenant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Where in the reply of a list its items are: JSONPaths (RFC 9535).

    `items` finds the items; `id` and `owner` are looked up in each (its id, and the tenant it belongs to).
    `next` finds the address of the next page, or the values of query parameters that lead there. `total`
    finds how many items the reply says that there are.
    """

    items: str = "$[*]"
    id: str = "$.id"
    owner: str | None = None
    next: str | tuple[tuple[str, str], ...] | None = None
    total: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one path. `path` may hold parameters in braces, each named after what it identifies.

    `base` is what the path is below, where that is not the environment's base URL. `roles` are those that
    may use it; empty: everybody who is logged in. `body` is a JSON value that is valid for it. `excluded`
    says why no check should use it. `described`: it stands in the deployment's OpenAPI document.
    """

    method: str
    path: str
    place: Place
    public: bool = False
    roles: tuple[str, ...] = ()
    scope: Scope | None = None
    listing: Listing = field(default_factory=Listing)
    body: Any = None
    excluded: str = ""
    described: bool = False
    base: str = ""

    @property
    def url(self) -> str:
        """What a request for it is sent to: the path alone where it is below the environment's base URL."""
        return self.base + self.path

    @property
    def safe(self) -> bool:
        """Whether the method asks for no change (RFC 9110, 9.2.1)."""
        return self.method in SAFE_METHODS

    @property
    def title(self) -> str:
        """The route as the contract names it."""
        return f"{self.method} {self.path}"

    @property
    def line(self) -> str:
        """The route as a request line."""
        return f"{self.method} {self.url}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """The deployment's OpenAPI document. `path` is where it is served; None: it is a file only, and was read.

    `complete`: a route of it that no check asks for, and that is not excluded, is a fault.
    """

    place: Place
    path: str | None = None
    complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """Where an identity finds the ids of what it owns: a list that it may read."""

    path: str
    ids: str


Owns = Mapping[str, Owned]
"""Path parameter → where to find values for it."""
