"""The routes of a deployment, and who may use them: declared, or read from an OpenAPI document."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, model_validator

from pytest_deploycheck.config.errors import nearest, show
from pytest_deploycheck.config.fields import Absent, BaseUrl, JsonPath, Part, Text, UnfitError
from pytest_deploycheck.config.interpolate import names_a_variable
from pytest_deploycheck.config.reading import Reading
from pytest_deploycheck.config.spot import Spot
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.route import Listing, Route, Scope

_LINE = re.compile(r"(GET|HEAD|OPTIONS|POST|PUT|PATCH|DELETE) (/[^\s?#]*)")
_PARAMETER = re.compile(r"\{([^{}/]*)\}")


def _line(text: str) -> str:
    if not _LINE.fullmatch(text) and not names_a_variable(text):
        raise UnfitError("METHOD /path, such as GET /api/orders/{order}, without a query")
    return text


RouteLine = Annotated[str, AfterValidator(_line)]


class RoutePart(Part):
    """Who may use a route, and what it answers with."""

    public: bool = False
    """Whether it needs no credential."""
    roles: Annotated[list[Text], Field(min_length=1)] = Field(default_factory=list)
    """Roles that may use it; everybody who is logged in if left out."""
    tenant: Literal["list", "item"] | Absent = None
    """How it belongs to tenants: a list of the caller's own things, or one thing named in the path."""
    items: JsonPath = Listing().items
    """Where the items of a list are in the reply."""
    id: JsonPath = Listing().id
    """Where the id of an item is in it."""
    owner: JsonPath | Absent = None
    """Where an item says whose it is."""
    next: JsonPath | Annotated[dict[Text, JsonPath], Field(min_length=1)] | Absent = None
    """Where a reply names its next page: a link, or the values of query parameters, `{cursor: $.next}`."""
    total: JsonPath | Absent = None
    """Where a list's reply says how many items there are."""
    json_body: Any = Field(default=None, alias="body")
    """A body that is valid for it, as JSON."""
    excluded: Text = ""
    """Why no check should use it."""
    base: BaseUrl = ""
    """What its path is below, where that is not the environment's `base_url`."""

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.public and self.roles:
            raise UnfitError("one of the two", message="is public, and has roles")
        return self


Routes = Annotated[
    list[Annotated[dict[RouteLine, RoutePart], Field(min_length=1, max_length=1)]], Field(min_length=1)
]
ROUTES: TypeAdapter[list[dict[str, RoutePart]]] = TypeAdapter(Routes, config=ConfigDict(defer_build=True))


def routes(
    spot: Spot | None, described: Iterable[Route], identities: Mapping[str, Identity], reading: Reading
) -> tuple[Route, ...]:
    """Return the described routes, corrected and completed by those that are declared.

    Two paths that differ in the names of their parameters only are one; the contract's names are kept.
    """
    found = {_shape(route.title): route for route in described}
    declared: dict[str, Route] = {}
    items = (reading.validated(ROUTES, spot) if spot else None) or []
    for index, item in enumerate(items):
        for line, part in item.items():
            at = spot.find((index, line)) if spot else None
            if at is None or names_a_variable(line):
                continue
            route = _route(line, part, at, found.get(_shape(line)))
            _tell_misfits(route, at, declared, identities, reading)
            declared.setdefault(_shape(line), route)
    return tuple({**found, **declared}.values())


def _route(line: str, part: RoutePart, at: Spot, described: Route | None) -> Route:
    method, _, path = line.partition(" ")
    declared = Route(
        method=method,
        path=path,
        place=at.key.place if at.key else at.place,
        public=part.public,
        roles=tuple(part.roles),
        scope=Scope(part.tenant) if part.tenant else None,
        listing=_listing(part),
        body=part.json_body,
        excluded=part.excluded,
        described=described is not None,
        base=part.base,
    )
    if described is None:
        return declared
    silent_on_access = not part.model_fields_set & {"public", "roles"}
    return replace(
        declared,
        public=described.public if silent_on_access else part.public,
        body=part.json_body if "json_body" in part.model_fields_set else described.body,
    )


def _listing(part: RoutePart) -> Listing:
    following = tuple(part.next.items()) if isinstance(part.next, dict) else part.next
    return Listing(items=part.items, id=part.id, owner=part.owner, next=following, total=part.total)


def _tell_misfits(
    route: Route,
    at: Spot,
    declared: Mapping[str, Route],
    identities: Mapping[str, Identity],
    reading: Reading,
) -> None:
    if first := declared.get(_shape(route.title)):
        reading.mistakes.add(
            route.place, f"'{route.title}' a second time, first at {show(first.place)}", "each route once"
        )
    if route.base and route.described:
        reading.mistakes.add(
            at.find(("base",)).place,
            f"'{route.title}' is below `base_url`: it stands in the OpenAPI document",
            "no base, or another path",
        )
    if route.scope is Scope.ITEM and not _PARAMETER.search(route.path):
        reading.mistakes.add(
            at.find(("tenant",)).place,
            f"'{route.title}' is one thing of a tenant, and its path names none",
            "a parameter in it, such as {order}; or tenant: list",
        )
    known = {role for identity in identities.values() for role in identity.roles}
    for index, role in enumerate(route.roles):
        if role not in known:
            expected = nearest(role, known) or "roles: at an identity"
            reading.mistakes.add(
                at.find(("roles", index)).place, f"no identity has the role '{role}'", expected
            )


def _shape(line: str) -> str:
    return _PARAMETER.sub("{}", line)
