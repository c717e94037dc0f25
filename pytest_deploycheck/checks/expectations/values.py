"""Where values come from: sequences and enums."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from pytest_deploycheck.catalog.quoting import quoted
from pytest_deploycheck.checks.expectations.known import Known
from pytest_deploycheck.checks.expectations.named import Spec, whole
from pytest_deploycheck.checks.expectations.privileges import Object, Privileges, wrong_privileges
from pytest_deploycheck.checks.expectations.types import type_name
from pytest_deploycheck.checks.expectations.wrong import Wrong, other
from pytest_deploycheck.checks.language.part import Text


class SequenceSpec(Spec):
    """What a sequence counts, and for which column (table.column)."""

    type: Text | None = None
    start: int | None = None
    increment: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    cycle: bool | None = None
    owned_by: Text | None = None
    privileges: Privileges = Field(default={}, min_length=1)


class EnumSpec(Spec):
    """The labels of an enum, in their order."""

    labels: tuple[Text, ...] = Field(min_length=1)


def _labels(value: Any) -> Any:  # noqa: ANN401 - whatever the YAML holds
    return {"labels": value} if isinstance(value, list) else value


OneEnum = Annotated[EnumSpec, BeforeValidator(_labels, json_schema_input_type=list[Text] | EnumSpec)]


def wrong_sequence(name: str, schema: str, spec: SequenceSpec, known: Known) -> Iterator[Wrong]:
    """Yield what is wrong with a sequence."""
    title = whole(name, schema)
    sequence = known.sequences.get(title)
    if sequence is None:
        yield Wrong(f"there is no sequence {title}")
        return
    owned = f"{sequence.table}.{sequence.column}" if sequence.table else "none"
    for words, found, wanted in (
        ("type", sequence.type, spec.type and type_name(spec.type, schema)),
        ("start", sequence.start, spec.start),
        ("increment", sequence.increment, spec.increment),
        ("minimum", sequence.minimum, spec.minimum),
        ("maximum", sequence.maximum, spec.maximum),
        ("cycle", sequence.cycle, spec.cycle),
        (
            "owning column",
            owned.removeprefix(f"{schema}."),
            spec.owned_by and spec.owned_by.removeprefix(f"{schema}."),
        ),
    ):
        if wanted is not None and found != wanted:
            yield other(title, words, found, wanted)
    thing = Object(title, f"SEQUENCE {quoted(sequence.name)}", sequence.owner, sequence.grants)
    yield from wrong_privileges(thing, spec.privileges, known)


def wrong_enum(name: str, schema: str, spec: EnumSpec, known: Known) -> Iterator[Wrong]:
    """Yield what is wrong with the labels of an enum."""
    title = whole(name, schema)
    found = known.types.get(title)
    if found is None or found.kind != "e":
        yield Wrong(f"there is no enum {title}")
        return
    wanted = ", ".join(_literal(label) for label in spec.labels)
    if found.definition != wanted:
        there = set(found.definition.split(", "))
        missing = [label for label in spec.labels if _literal(label) not in there]
        add = f"ALTER TYPE {quoted(found.name)} ADD VALUE {_literal(missing[0])};" if missing else ""
        yield Wrong(f"enum {title} has {found.definition or 'no label'}, expected {wanted}", add)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
