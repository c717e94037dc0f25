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
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome
from pytest_deploycheck.model.relation import Unknown


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


def judge(many: Many, kind: str, schema: str, known: Known) -> Outcome:
    """Decide on a set of objects; `kind` is a key of SETS."""
    if kind not in SERVER_WIDE and not any(each.name == schema for each in known.catalog.schemas):
        return Failed(f"schema {schema} does not exist")
    found = SETS[kind](known, schema)
    if isinstance(found, Unknown):
        return Inconclusive(f"{kind} could not be read: {found.reason}")
    members = list(found)
    counted = [each for each in members if each.counts]
    words = kind.replace("_", " ")
    fine = [each for each in counted if not each.wrong or _named(each, many.exceptions)]
    note = f"{len(counted)} {words}{STATES.get(kind, '')}"
    return decided(
        (
            *many.missing(known, schema),
            *_of_state(members, many),
            *_of_names(members, many),
            *_of_number(fine, many, words),
        ),
        note,
    )


def _named(member: Member, names: Collection[str]) -> bool:
    return any(name in names for name in member.names)


def _of_state(members: Iterable[Member], many: Many) -> Iterator[Wrong]:
    for each in members:
        if each.wrong and not _named(each, many.exceptions):
            yield Wrong(f"{each.names[0]} {each.wrong}", each.mend)


def _of_names(members: list[Member], many: Many) -> Iterator[Wrong]:
    there = {name for each in members for name in each.names}
    for name in (*many.contains, *many.exactly):
        if name not in there:
            yield Wrong(f"missing {name}")
    for name in many.absent:
        if name in there:
            yield Wrong(f"{name} is there, expected to be gone")
    if many.exactly or many.none:
        for each in members:
            if each.counts and not _named(each, many.exactly):
                yield Wrong(f"not expected {each.names[0]}")


def _of_number(fine: list[Member], many: Many, words: str) -> Iterator[Wrong]:
    if many.at_least is not None and len(fine) < many.at_least:
        yield Wrong(f"{len(fine)} {words}, expected at least {many.at_least}")
