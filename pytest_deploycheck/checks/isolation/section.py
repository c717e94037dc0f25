"""The YAML of tenant isolation."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from pytest_deploycheck.checks.exchange.section import Step
from pytest_deploycheck.checks.exchange.status import StatusOf, parse_statuses
from pytest_deploycheck.checks.isolation.timing import DEFAULT_PAIRS, LEAST_PAIRS
from pytest_deploycheck.checks.language.jsonpath import Path
from pytest_deploycheck.checks.language.part import PART, Runbook, Text

Pairs = Annotated[int, Field(ge=LEAST_PAIRS, le=1000)]


class Tampering(BaseModel):
    """Where a request could name a tenant: names of query parameters, headers, members of a JSON body."""

    model_config = PART

    query: tuple[Text, ...] = Field(default=(), min_length=1)
    headers: tuple[Text, ...] = Field(default=(), min_length=1)
    body: tuple[Text, ...] = Field(default=(), min_length=1)


class TimingSection(BaseModel):
    """The time of refusals, on these routes of single things, all if none is named; in so many pairs."""

    model_config = PART

    routes: tuple[Text, ...] = Field(default=(), min_length=1)
    pairs: Pairs = DEFAULT_PAIRS


def _timing(value: object) -> object:
    """Return what `true` and a number of pairs are short for."""
    match value:
        case bool():
            return {} if value else None
        case int():
            return {"pairs": value}
        case _:
            return value


class TenantsSection(BaseModel):
    """Who is tried against whom, on which routes, and how.

    `queries`: what lists are asked for besides. `pages`: how many pages of the asker's list are read, at
    most. `search`: for a list, query parameters and where in an item their values stand. `tenants`: the id
    of each tenant as the application knows it. `timing`: whether refusals are timed. `create`: how the run
    creates what it attacks, as a step of an http check.
    """

    model_config = PART

    pairs: tuple[tuple[Text, Text], ...] = Field(default=(), min_length=1)
    routes: tuple[Text, ...] = Field(default=(), min_length=1)
    denied: StatusOf = parse_statuses([403, 404])
    oracle: Literal["note", "strict"] = "note"
    bare: bool = False
    guess: bool = True
    pages: int = Field(default=2, ge=1)
    queries: tuple[Annotated[Text, Field(pattern=r"^[^=&]+=[^&]*$")], ...] = ("limit=100",)
    search: dict[Text, dict[Text, Path]] = Field(default={}, min_length=1)
    tenants: dict[Text, Text] = Field(default={}, min_length=1)
    tampering: Tampering = Tampering()
    timing: Annotated[
        TimingSection | None,
        BeforeValidator(_timing),
        WithJsonSchema({"anyOf": [{"type": ["boolean", "integer"]}, TimingSection.model_json_schema()]}),
    ] = None
    create: dict[Text, Step] = Field(default={}, min_length=1)
    runbook: Runbook = ()
    hint: str = ""
