"""Columns of a relation: type, nullability, default."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from pytest_deploycheck.catalog.quoting import quote, quoted
from pytest_deploycheck.checks.expectations.named import listed
from pytest_deploycheck.checks.expectations.types import expression, type_name
from pytest_deploycheck.checks.expectations.wrong import Wrong
from pytest_deploycheck.checks.language.part import PART, Text
from pytest_deploycheck.model.relation import Column, Relation

_SHORT = re.compile(
    r"(?P<type>.+?)(?:\s+(?P<null>not\s+null|null))?(?:\s+default\s+(?P<default>.+?))?(?:\s+(?P<late>not\s+null|null))?",
    re.IGNORECASE | re.DOTALL,
)
_IDENTITY = {"": "none", "a": "always", "d": "by default"}
_GENERATED = {"": "none", "s": "stored", "v": "virtual"}


def _as_text(value: object) -> object:
    """What YAML takes for a number or a boolean is an expression of SQL, too."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


Expression = Annotated[Text, BeforeValidator(_as_text, json_schema_input_type=str | int | float | bool)]


class ColumnSpec(BaseModel):
    """What a column must be; what is left out may be anything."""

    model_config = PART

    type: Text | None = None
    nullable: bool | None = None
    default: Expression | None = None
    has_default: bool | None = None
    identity: Annotated[str, Field(pattern="^(always|by default|none)$")] | None = None
    generated: Annotated[str, Field(pattern="^(stored|virtual|none)$")] | None = None
    collation: Text | None = None


def _in_short(value: Any) -> Any:  # noqa: ANN401 - whatever the YAML holds
    """Read `uuid not null default gen_random_uuid()`, or nothing: the column is there."""
    if value is None:
        return {}
    if not isinstance(value, str) or not (found := _SHORT.fullmatch(value.strip())):
        return value
    null = found["null"] or found["late"]
    return {
        "type": found["type"],
        **({"nullable": not null.lower().startswith("not")} if null else {}),
        **({"default": found["default"]} if found["default"] else {}),
    }


OneColumn = Annotated[ColumnSpec, BeforeValidator(_in_short, json_schema_input_type=str | ColumnSpec | None)]
Columns = Annotated[
    dict[Text, OneColumn],
    BeforeValidator(listed, json_schema_input_type=list[Text] | dict[Text, OneColumn]),
]
"""By name, or names alone."""


def wrong_columns(relation: Relation, columns: Mapping[str, ColumnSpec], *, only: bool) -> Iterator[Wrong]:
    """Yield what is wrong with the columns of a relation; `only`: there must be no others."""
    for name, spec in columns.items():
        column = relation.column(name)
        if column is None:
            yield Wrong(f"missing column {relation.name}.{name}", _added(relation, name, spec))
        else:
            yield from _wrong(relation, column, spec)
    for column in relation.columns if only else ():
        if column.name not in columns:
            yield Wrong(f"not expected column {relation.name}.{column.name}")


def _wrong(relation: Relation, column: Column, spec: ColumnSpec) -> Iterator[Wrong]:
    schema, where = relation.name.schema, f"{relation.name}.{column.name}"
    alter = f"ALTER TABLE {quoted(relation.name)} ALTER COLUMN {quote(column.name)}"
    if spec.type is not None and type_name(spec.type, schema) != type_name(column.type, schema):
        yield Wrong(f"{where} is {column.type}, expected {spec.type}", f"{alter} TYPE {spec.type};")
    if spec.nullable is not None and spec.nullable is column.not_null:
        found, wanted = ("not null", "nullable") if column.not_null else ("nullable", "not null")
        yield Wrong(
            f"{where} is {found}, expected {wanted}",
            f"{alter} {'DROP' if spec.nullable else 'SET'} NOT NULL;",
        )
    yield from _wrong_default(where, alter, column, spec, schema)
    yield from _wrong_traits(where, column, spec)


def _wrong_traits(where: str, column: Column, spec: ColumnSpec) -> Iterator[Wrong]:
    for name, found, wanted in (
        ("identity", _IDENTITY.get(column.identity, column.identity), spec.identity),
        ("generated", _GENERATED.get(column.generated, column.generated), spec.generated),
        ("collation", column.collation or "default", spec.collation),
    ):
        if wanted is not None and found != wanted:
            yield Wrong(f"{where} has {name} {found}, expected {wanted}")


def _wrong_default(where: str, alter: str, column: Column, spec: ColumnSpec, schema: str) -> Iterator[Wrong]:
    found = column.default or ""
    if spec.default is not None and expression(spec.default, schema) != expression(found, schema):
        told = f"default {found}" if found else "no default"
        yield Wrong(f"{where} has {told}, expected {spec.default}", f"{alter} SET DEFAULT {spec.default};")
    if spec.has_default is not None and spec.has_default is not bool(found or column.identity):
        told, mend = (
            ("no default, expected one", "")
            if spec.has_default
            else (
                f"default {found or 'of its identity'}, expected none",
                f"{alter} DROP DEFAULT;",
            )
        )
        yield Wrong(f"{where} has {told}", mend)


def _added(relation: Relation, name: str, spec: ColumnSpec) -> str:
    if spec.type is None or spec.generated or spec.identity:
        return ""
    default = f" DEFAULT {spec.default}" if spec.default else ""
    null = " NOT NULL" if spec.nullable is False else ""
    return f"ALTER TABLE {quoted(relation.name)} ADD COLUMN {quote(name)} {spec.type}{null}{default};"
