"""Keys and rules of a table: there, validated, and of the columns that the contract names."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from pytest_deploycheck.catalog.quoting import quote, quoted
from pytest_deploycheck.checks.expectations.sets import mend_constraint, state_of_constraint, state_of_index
from pytest_deploycheck.checks.expectations.types import expression
from pytest_deploycheck.checks.expectations.wrong import Wrong
from pytest_deploycheck.checks.language.part import MistakeError
from pytest_deploycheck.model.relation import Constraint, Relation

_ACTIONS = {"no action": "a", "restrict": "r", "cascade": "c", "set null": "n", "set default": "d"}
_ACTION = "|".join(_ACTIONS)
_REFERENCE = re.compile(
    r"\(?(?P<columns>[^()]+?)\)?\s+references\s+(?P<table>[^\s(]+)\s*(?:\((?P<referenced>[^)]+)\))?"
    rf"(?:\s+on\s+delete\s+(?P<delete>{_ACTION}))?(?:\s+on\s+update\s+(?P<update>{_ACTION}))?",
    re.IGNORECASE,
)
_EXAMPLE = "client_id, site_id references sites (client_id, id) on delete cascade"


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key as SQL says it; `referenced` is empty for the primary key, actions for any."""

    written: str
    columns: tuple[str, ...]
    table: str
    referenced: tuple[str, ...]
    on_delete: str
    on_update: str


def _reference(value: object) -> Reference:
    found = _REFERENCE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or not isinstance(value, str):
        raise MistakeError(f"'{value}' is no foreign key", f"columns references table (columns): {_EXAMPLE}")
    return Reference(
        written=" ".join(value.split()),
        columns=_names(found["columns"]),
        table=found["table"],
        referenced=_names(found["referenced"] or ""),
        on_delete=_ACTIONS.get((found["delete"] or "").lower(), ""),
        on_update=_ACTIONS.get((found["update"] or "").lower(), ""),
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip().strip('"') for part in text.split(",") if part.strip())


ForeignKey = Annotated[
    Reference, PlainValidator(_reference), WithJsonSchema({"type": "string", "examples": [_EXAMPLE]})
]


def wrong_primary_key(relation: Relation, columns: tuple[str, ...]) -> Iterator[Wrong]:
    """Yield what is wrong with the primary key."""
    keys = [each for each in relation.constraints if each.kind == "p"]
    add = f"ALTER TABLE {quoted(relation.name)} ADD PRIMARY KEY ({_sql(columns)});"
    if not keys:
        yield Wrong(f"{relation.name} has no primary key, expected ({', '.join(columns)})", add)
    for key in keys:
        if key.columns != columns:
            found, wanted = ", ".join(key.columns), ", ".join(columns)
            yield Wrong(f"{relation.name} has primary key ({found}), expected ({wanted})")


def wrong_unique(relation: Relation, wanted: Iterable[tuple[str, ...]]) -> Iterator[Wrong]:
    """Yield the columns of which no constraint or whole, valid index says that they are unique."""
    keys = {frozenset(each.columns) for each in relation.constraints if each.kind in "pu"}
    indexes = {
        frozenset(each.keys)
        for each in relation.indexes
        if each.unique and each.predicate is None and not state_of_index(each)
    }
    for columns in wanted:
        if frozenset(columns) not in keys | indexes:
            add = f"ALTER TABLE {quoted(relation.name)} ADD UNIQUE ({_sql(columns)});"
            yield Wrong(f"{relation.name} ({', '.join(columns)}) is not unique", add)


def wrong_references(relation: Relation, wanted: Iterable[Reference]) -> Iterator[Wrong]:
    """Yield what is wrong with the foreign keys."""
    keys = [each for each in relation.constraints if each.kind == "f"]
    for reference in wanted:
        fitting = [each for each in keys if _fits(each, reference, relation.name.schema)]
        if not fitting:
            add = f"ALTER TABLE {quoted(relation.name)} ADD FOREIGN KEY ({_sql(reference.columns)}) "
            rest = reference.written.lower().index("references")
            yield Wrong(
                f"{relation.name} has no foreign key {reference.written}", f"{add}{reference.written[rest:]};"
            )
        elif all(state_of_constraint(each) for each in fitting):
            yield from _state(relation, fitting[0])


def _fits(key: Constraint, reference: Reference, schema: str) -> bool:
    tables = {
        str(key.references),
        key.references.name if key.references and key.references.schema == schema else "",
    }
    pairs = dict(zip(key.columns, key.referenced, strict=False))
    wanted = (
        dict(zip(reference.columns, reference.referenced, strict=False)) if reference.referenced else None
    )
    return (
        reference.table.replace('"', "") in tables
        and (pairs == wanted if wanted is not None else set(pairs) == set(reference.columns))
        and reference.on_delete in {"", key.on_delete}
        and reference.on_update in {"", key.on_update}
    )


def wrong_rules(relation: Relation, wanted: dict[str, str | None]) -> Iterator[Wrong]:
    """Yield what is wrong with check constraints; one is known by its name, or by a column it is about."""
    schema = relation.name.schema
    rules = [each for each in relation.constraints if each.kind == "c"]
    for name, rule in wanted.items():
        about = [each for each in rules if each.name == name] or [
            each for each in rules if name in each.columns
        ]
        fitting = [each for each in about if rule is None or _said(each, schema) == expression(rule, schema)]
        if not about:
            yield Wrong(f"{relation.name} has no check constraint {name}, or of a column {name}")
        elif not fitting:
            told = "; ".join(_said(each, schema) for each in about)
            yield Wrong(f"{relation.name}: check {name} is {told}, expected {rule}")
        elif all(state_of_constraint(each) for each in fitting):
            yield from _state(relation, fitting[0])


def _said(constraint: Constraint, schema: str) -> str:
    text = (
        constraint.definition.removeprefix("CHECK ").removesuffix(" NOT VALID").removesuffix(" NOT ENFORCED")
    )
    return expression(text.removesuffix(" NO INHERIT"), schema)


def _state(relation: Relation, constraint: Constraint) -> Iterator[Wrong]:
    told = f"{relation.name}: {constraint.name} {state_of_constraint(constraint)}"
    yield Wrong(told, mend_constraint(relation.name, constraint))


def _sql(columns: Iterable[str]) -> str:
    return ", ".join(map(quote, columns))
