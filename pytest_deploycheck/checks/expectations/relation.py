"""One table or view and what the contract says of it: each aspect is a check of its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from pytest_deploycheck.catalog.quoting import quoted
from pytest_deploycheck.checks.expectations.columns import Columns, wrong_columns
from pytest_deploycheck.checks.expectations.indexes import Indexes, wrong_indexed, wrong_indexes
from pytest_deploycheck.checks.expectations.keys import (
    ForeignKey,
    wrong_primary_key,
    wrong_references,
    wrong_rules,
    wrong_unique,
)
from pytest_deploycheck.checks.expectations.known import Known
from pytest_deploycheck.checks.expectations.named import Spec, listed
from pytest_deploycheck.checks.expectations.policies import Policies, wrong_policies
from pytest_deploycheck.checks.expectations.privileges import Object, Privileges, granted_on, wrong_privileges
from pytest_deploycheck.checks.expectations.triggers import Triggers, wrong_triggers
from pytest_deploycheck.checks.expectations.wrong import Wrong
from pytest_deploycheck.checks.language.part import Text
from pytest_deploycheck.model.relation import Relation

Names = Annotated[tuple[Text, ...], Field(min_length=1)]
Rules = Annotated[
    dict[Text, Text | None],
    BeforeValidator(listed, json_schema_input_type=list[Text] | dict[Text, Text | None]),
]
_PERSISTENCE = {"p": "permanent", "u": "unlogged", "t": "temporary"}
_REPLICA_IDENTITY = {"d": "default", "n": "nothing", "f": "full", "i": "index"}


class RelationSpec(Spec):
    """What a table or view must be; what is left out may be anything."""

    columns: Columns = Field(default={}, min_length=1)
    no_other_columns: bool = False
    primary_key: tuple[Text, ...] = Field(default=(), min_length=1)
    unique: tuple[Names, ...] = Field(default=(), min_length=1)
    foreign_keys: tuple[ForeignKey, ...] = Field(default=(), min_length=1)
    checks: Rules = Field(default={}, min_length=1)
    indexes: Indexes = Field(default={}, min_length=1)
    indexed: tuple[Names, ...] = Field(default=(), min_length=1)
    triggers: Triggers = Field(default={}, min_length=1)
    policies: Policies = Field(default={}, min_length=1)
    no_other_policies: bool = False
    privileges: Privileges = Field(default={}, min_length=1)
    row_security: bool | Literal["forced"] | None = None
    owner: Text | None = None
    security_invoker: bool | None = None
    security_barrier: bool | None = None
    partitioned_by: Text | None = None
    partition_of: Text | None = None
    inherits: tuple[Text, ...] = Field(default=(), min_length=1)
    persistence: Literal["permanent", "unlogged"] | None = None
    replica_identity: Literal["default", "nothing", "full", "index"] | None = None


Look = Callable[[RelationSpec, Relation, Known], Iterator[Wrong]]


@dataclass(frozen=True, slots=True)
class Aspect:
    """A part of what is said of a relation: the keys that ask for it, its words, and how it is judged."""

    words: str
    keys: tuple[str, ...]
    look: Look

    def is_asked(self, spec: RelationSpec) -> bool:
        """Whether a contract asks for it."""
        return bool(spec.model_fields_set.intersection(self.keys))


def _properties(spec: RelationSpec, relation: Relation, _: Known) -> Iterator[Wrong]:
    yield from _row_security(spec, relation)
    schema = f"{relation.name.schema}."
    for words, found, wanted in (
        ("owner", relation.owner, spec.owner),
        (
            "partition key",
            relation.partition_key.lower(),
            spec.partitioned_by and spec.partitioned_by.lower(),
        ),
        ("persistence", _PERSISTENCE.get(relation.persistence), spec.persistence),
        ("replica identity", _REPLICA_IDENTITY.get(relation.replica_identity), spec.replica_identity),
        ("security_invoker", relation.security_invoker, spec.security_invoker),
        ("security_barrier", relation.security_barrier, spec.security_barrier),
        ("parent", str(relation.partition_of or "").removeprefix(schema), _bare(spec.partition_of, schema)),
    ):
        if wanted is not None and found != wanted:
            yield Wrong(f"{relation.name} has {words} {_told(found)}, expected {_told(wanted)}")
    parents = {str(name).removeprefix(schema) for name in relation.inherits}
    if spec.inherits and parents != {name.removeprefix(schema) for name in spec.inherits}:
        found = ", ".join(sorted(parents)) or "nothing"
        yield Wrong(f"{relation.name} inherits {found}, expected {', '.join(spec.inherits)}")


def _row_security(spec: RelationSpec, relation: Relation) -> Iterator[Wrong]:
    alter = f"ALTER TABLE {quoted(relation.name)}"
    if spec.row_security is None:
        return
    if relation.row_security is not bool(spec.row_security):
        found, mend = ("on", "DISABLE") if relation.row_security else ("off", "ENABLE")
        yield Wrong(f"{relation.name}: row-level security is {found}", f"{alter} {mend} ROW LEVEL SECURITY;")
    if spec.row_security == "forced" and not relation.forced:
        yield Wrong(
            f"{relation.name}: row-level security is not forced, its owner passes it by",
            f"{alter} FORCE ROW LEVEL SECURITY;",
        )


def _bare(name: str | None, schema: str) -> str | None:
    return name and name.removeprefix(schema)


def _told(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value or "none")


def _object(relation: Relation) -> Object:
    return Object(str(relation.name), quoted(relation.name), relation.owner, granted_on(relation))


ASPECTS = (
    Aspect(
        "columns",
        ("columns", "no_other_columns"),
        lambda spec, relation, _: wrong_columns(relation, spec.columns, only=spec.no_other_columns),
    ),
    Aspect(
        "primary key",
        ("primary_key",),
        lambda spec, relation, _: wrong_primary_key(relation, spec.primary_key),
    ),
    Aspect("unique", ("unique",), lambda spec, relation, _: wrong_unique(relation, spec.unique)),
    Aspect(
        "foreign keys",
        ("foreign_keys",),
        lambda spec, relation, _: wrong_references(relation, spec.foreign_keys),
    ),
    Aspect("checks", ("checks",), lambda spec, relation, _: wrong_rules(relation, spec.checks)),
    Aspect("indexes", ("indexes",), lambda spec, relation, _: wrong_indexes(relation, spec.indexes)),
    Aspect("indexed", ("indexed",), lambda spec, relation, _: wrong_indexed(relation, spec.indexed)),
    Aspect("triggers", ("triggers",), lambda spec, relation, _: wrong_triggers(relation, spec.triggers)),
    Aspect(
        "policies",
        ("policies", "no_other_policies"),
        lambda spec, relation, _: wrong_policies(relation, spec.policies, only=spec.no_other_policies),
    ),
    Aspect(
        "privileges",
        ("privileges",),
        lambda spec, relation, known: wrong_privileges(_object(relation), spec.privileges, known),
    ),
    Aspect(
        "properties",
        (
            "row_security",
            "owner",
            "security_invoker",
            "security_barrier",
            "partitioned_by",
            "partition_of",
            "inherits",
            "persistence",
            "replica_identity",
        ),
        _properties,
    ),
)
