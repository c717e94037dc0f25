"""What a contract may say of each kind of object: which there are, and what the named ones must be."""

from collections.abc import Iterator

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.expectations.functions import FunctionSpec
from pytest_deploycheck.checks.expectations.known import Known
from pytest_deploycheck.checks.expectations.many import Many
from pytest_deploycheck.checks.expectations.others import (
    BucketSpec,
    OneExtension,
    PublicationSpec,
    SchemaSpec,
)
from pytest_deploycheck.checks.expectations.relation import RelationSpec
from pytest_deploycheck.checks.expectations.roles import RoleSpec
from pytest_deploycheck.checks.expectations.values import OneEnum, SequenceSpec
from pytest_deploycheck.checks.expectations.wrong import Wrong
from pytest_deploycheck.checks.language.part import PART, Runbook, Text


class Relations(Many):
    """Tables or views, and what the named ones must be."""

    named: dict[Text, RelationSpec] = Field(default={}, min_length=1)


class PrimaryKeys(Many):
    """Primary keys; every table must have one with `every_table`, but those of `except`."""

    every_table: bool = False

    @property
    def expects(self) -> bool:
        """Whether it says anything of the set."""
        return super().expects or self.every_table

    def missing(self, known: Known, schema: str) -> Iterator[Wrong]:
        """Yield the tables without one."""
        for table in known.by_schema.get(schema, ()) if self.every_table else ():
            own = table.kind in "rp" and not table.extension and table.name.name not in self.exceptions
            if own and not any(each.kind == "p" for each in table.constraints):
                yield Wrong(f"{table.name} has no primary key")


class Functions(Many):
    """Functions, and what the named ones must be."""

    named: dict[Text, FunctionSpec] = Field(default={}, min_length=1)


class Sequences(Many):
    """Sequences, and what the named ones must be."""

    named: dict[Text, SequenceSpec] = Field(default={}, min_length=1)


class Enums(Many):
    """Enums, and the labels of the named ones."""

    named: dict[Text, OneEnum] = Field(default={}, min_length=1)


class Schemas(Many):
    """Schemas, and who owns and uses the named ones."""

    named: dict[Text, SchemaSpec] = Field(default={}, min_length=1)


class Roles(Many):
    """Roles, and what the named ones may do."""

    named: dict[Text, RoleSpec] = Field(default={}, min_length=1)


class Extensions(Many):
    """Extensions, and the versions of the named ones."""

    named: dict[Text, OneExtension] = Field(default={}, min_length=1)


class Publications(Many):
    """Publications, and what the named ones publish."""

    named: dict[Text, PublicationSpec] = Field(default={}, min_length=1)


class Buckets(Many):
    """Buckets of Supabase's storage, and what the named ones are."""

    named: dict[Text, BucketSpec] = Field(default={}, min_length=1)


class Groups(BaseModel):
    """All that can be expected; `schema` is that of names without one, and of all that stands in a schema."""

    model_config = PART

    schema_: Text = Field(default="public", alias="schema")
    tables: Relations | None = None
    views: Relations | None = None
    materialized_views: Relations | None = None
    foreign_tables: Relations | None = None
    indexes: Many | None = None
    constraints: Many | None = None
    primary_keys: PrimaryKeys | None = None
    foreign_keys: Many | None = None
    unique_constraints: Many | None = None
    check_constraints: Many | None = None
    triggers: Many | None = None
    policies: Many | None = None
    functions: Functions | None = None
    sequences: Sequences | None = None
    enums: Enums | None = None
    types: Many | None = None
    schemas: Schemas | None = None
    roles: Roles | None = None
    extensions: Extensions | None = None
    publications: Publications | None = None
    event_triggers: Many | None = None
    buckets: Buckets | None = None
    runbook: Runbook = ()
    hint: str = ""
