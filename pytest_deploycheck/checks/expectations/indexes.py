"""Indexes of a table: there, valid, and of the columns that the contract names."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from pytest_deploycheck.catalog.quoting import quote, quoted
from pytest_deploycheck.checks.expectations.named import named
from pytest_deploycheck.checks.expectations.sets import state_of_index
from pytest_deploycheck.checks.expectations.types import expression
from pytest_deploycheck.checks.expectations.wrong import Wrong
from pytest_deploycheck.checks.language.part import PART, Text
from pytest_deploycheck.model.relation import Index, Relation


class IndexSpec(BaseModel):
    """What an index must be; `columns` are its keys in order, names or expressions."""

    model_config = PART

    columns: tuple[Text, ...] = Field(default=(), min_length=1)
    includes: tuple[Text, ...] = Field(default=(), min_length=1)
    unique: bool | None = None
    where: Text | None = None
    partial: bool | None = None
    method: Text | None = None


Indexes = Annotated[
    dict[Text, IndexSpec],
    BeforeValidator(named, json_schema_input_type=list[Text] | dict[Text, IndexSpec | None]),
]


def wrong_indexes(relation: Relation, wanted: Mapping[str, IndexSpec]) -> Iterator[Wrong]:
    """Yield what is wrong with named indexes."""
    there = {index.name: index for index in relation.indexes}
    for name, spec in wanted.items():
        index = there.get(name)
        if index is None:
            yield Wrong(f"{relation.name} has no index {name}", _create(relation, name, spec))
        else:
            yield from _wrong_index(relation, index, spec)


def _wrong_index(relation: Relation, index: Index, spec: IndexSpec) -> Iterator[Wrong]:
    schema = relation.name.schema
    where = f"index {schema}.{index.name}"
    if state := state_of_index(index):
        yield Wrong(f"{where} {state}", f"REINDEX INDEX CONCURRENTLY {quote(schema)}.{quote(index.name)};")
    keys = tuple(expression(key, schema) for key in index.keys)
    if spec.columns and keys != tuple(expression(key, schema) for key in spec.columns):
        yield Wrong(f"{where} is of ({', '.join(index.keys)}), expected ({', '.join(spec.columns)})")
    if spec.includes and set(index.included) != set(spec.includes):
        yield Wrong(f"{where} includes ({', '.join(index.included)}), expected ({', '.join(spec.includes)})")
    if spec.unique is not None and index.unique is not spec.unique:
        yield Wrong(f"{where} is {'' if index.unique else 'not '}unique, expected the opposite")
    if spec.method is not None and index.method != spec.method:
        yield Wrong(f"{where} is a {index.method}, expected a {spec.method}")
    if spec.partial is not None and (index.predicate is not None) is not spec.partial:
        yield Wrong(
            f"{where} is {'for some rows only' if index.predicate else 'for all rows'}, expected the opposite"
        )
    if spec.where is not None and expression(spec.where, schema) != expression(index.predicate or "", schema):
        yield Wrong(f"{where} is for rows where {index.predicate or 'all'}, expected {spec.where}")


def _create(relation: Relation, name: str, spec: IndexSpec) -> str:
    if not spec.columns:
        return ""
    unique, where = "UNIQUE " if spec.unique else "", f" WHERE {spec.where}" if spec.where else ""
    on = f"{quoted(relation.name)} ({', '.join(spec.columns)}){where}"
    return f"CREATE {unique}INDEX CONCURRENTLY {quote(name)} ON {on};"


def wrong_indexed(relation: Relation, wanted: Iterable[tuple[str, ...]]) -> Iterator[Wrong]:
    """Yield the columns that no valid, whole index begins with, in any order."""
    usable = [each for each in relation.indexes if not state_of_index(each) and each.predicate is None]
    for columns in wanted:
        if not any(set(each.keys[: len(columns)]) == set(columns) for each in usable):
            on = f"{quoted(relation.name)} ({', '.join(map(quote, columns))})"
            yield Wrong(
                f"{relation.name}: no index begins with ({', '.join(columns)})",
                f"CREATE INDEX CONCURRENTLY ON {on};",
            )
