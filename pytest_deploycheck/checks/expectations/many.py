"""The objects of one kind in a schema: which there are, how many, and that none is in a bad state."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from pydantic import BaseModel, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from pytest_deploycheck.checks.expectations.known import Known
from pytest_deploycheck.checks.expectations.sets import SERVER_WIDE, SETS, STATES, Member
from pytest_deploycheck.checks.expectations.wrong import Wrong, decided
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome
from pytest_deploycheck.model.relation import Unknown

_SINGULARS = {"policies": "policy", "indexes": "index"}
"""Of keys that do not just end with an s."""


class Many(BaseModel):
    """Which objects of a kind there are; a list is short for `contains`.

    `except` names those whose state may be bad, with the reason.
    """

    model_config = PART

    contains: tuple[Text, ...] = Field(default=(), min_length=1)
    exactly: tuple[Text, ...] = Field(default=(), min_length=1)
    absent: tuple[Text, ...] = Field(default=(), min_length=1)
    at_least: int | None = Field(default=None, ge=1)
    none: bool = False
    exceptions: dict[Text, Text] = Field(default={}, alias="except", min_length=1)
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""

    @model_validator(mode="before")
    @classmethod
    def _in_short(cls, value: Any) -> Any:  # noqa: ANN401 - whatever the YAML holds
        return {"contains": value} if isinstance(value, list) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Let editors know the list, too."""
        return {"anyOf": [{"type": "array", "items": {"type": "string"}}, handler(schema)]}

    @property
    def expects(self) -> bool:
        """Whether it says anything of the set."""
        return bool(self.contains or self.exactly or self.absent or self.at_least or self.none)

    def missing(self, known: Known, schema: str) -> Iterator[Wrong]:
        """Yield what else the set lacks; nothing, unless a kind of objects knows more."""
        yield from ()


def judge(demand: Many, kind: str, schema: str, known: Known) -> Outcome:
    """Decide on a set of objects; `kind` is a key of SETS."""
    if kind not in SERVER_WIDE and not any(each.name == schema for each in known.catalog.schemas):
        return Failed(f"schema {schema} does not exist")
    found = SETS[kind](known, schema)
    if isinstance(found, Unknown):
        return Inconclusive(f"{kind} could not be read: {found.reason}")
    members = list(found)
    counted = [each for each in members if each.counts]
    fine = [each for each in counted if not each.wrong or _named(each, demand.exceptions)]
    state = STATES.get(kind, "")
    note = f"{_told(len(counted), kind)}{state.replace('all ', '') if len(counted) == 1 else state}"
    return decided(
        (
            *demand.missing(known, schema),
            *_of_state(members, demand),
            *_of_names(members, demand),
            *_of_number(fine, demand, kind),
        ),
        note,
    )


def _named(member: Member, names: Collection[str]) -> bool:
    return any(name in names for name in member.names)


def _of_state(members: Iterable[Member], demand: Many) -> Iterator[Wrong]:
    for each in members:
        if each.wrong and not _named(each, demand.exceptions):
            yield Wrong(f"{each.names[0]} {each.wrong}", each.mend)


def _of_names(members: list[Member], demand: Many) -> Iterator[Wrong]:
    there = {name for each in members for name in each.names}
    for name in (*demand.contains, *demand.exactly):
        if name not in there:
            yield Wrong(f"missing {name}")
    for name in demand.absent:
        if name in there:
            yield Wrong(f"{name} is there, expected to be gone")
    if demand.exactly or demand.none:
        for each in members:
            if each.counts and not _named(each, demand.exactly):
                yield Wrong(f"not expected {each.names[0]}")


def _of_number(fine: list[Member], demand: Many, kind: str) -> Iterator[Wrong]:
    if demand.at_least is not None and len(fine) < demand.at_least:
        yield Wrong(f"{_told(len(fine), kind)}, expected at least {demand.at_least}")


def _told(number: int, kind: str) -> str:
    several = kind.replace("_", " ")
    return many(number, _SINGULARS.get(kind) or several.removesuffix("s"), several)
