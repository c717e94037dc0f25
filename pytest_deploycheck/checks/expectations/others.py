"""Schemas, extensions, publications, buckets."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from pytest_deploycheck.catalog.quoting import quote
from pytest_deploycheck.checks.expectations.known import Known
from pytest_deploycheck.checks.expectations.named import Spec, whole
from pytest_deploycheck.checks.expectations.privileges import Object, Privileges, wrong_privileges
from pytest_deploycheck.checks.expectations.wrong import Wrong, other
from pytest_deploycheck.checks.language.part import Text


class SchemaSpec(Spec):
    """Who owns a schema, and who may do what with it."""

    owner: Text | None = None
    privileges: Privileges = Field(default={}, min_length=1)


class ExtensionSpec(Spec):
    """The version of an extension, and its schema."""

    version: Text | None = None
    schema_: Text | None = Field(default=None, alias="schema")


class PublicationSpec(Spec):
    """What is published: all the tables that are named and no others, or all that there are."""

    tables: tuple[Text, ...] = Field(default=(), min_length=1)
    all_tables: bool | None = None
    operations: tuple[Text, ...] = Field(default=(), min_length=1)


class BucketSpec(Spec):
    """A bucket of Supabase's storage; `size_limit` is in bytes."""

    public: bool | None = None
    size_limit: int | None = None
    types: tuple[Text, ...] = Field(default=(), min_length=1)


def _version(value: Any) -> Any:  # noqa: ANN401 - whatever the YAML holds
    return {"version": value} if isinstance(value, str) else value


OneExtension = Annotated[
    ExtensionSpec, BeforeValidator(_version, json_schema_input_type=Text | ExtensionSpec)
]


def wrong_schema(name: str, spec: SchemaSpec, known: Known) -> Iterator[Wrong]:
    """Yield what is wrong with a schema."""
    schema = next((each for each in known.catalog.schemas if each.name == name), None)
    if schema is None:
        yield Wrong(f"there is no schema {name}", f"CREATE SCHEMA {quote(name)};")
        return
    if spec.owner is not None and schema.owner != spec.owner:
        yield other(f"schema {name}", "owner", schema.owner, spec.owner)
    thing = Object(f"schema {name}", f"SCHEMA {quote(name)}", schema.owner, schema.grants)
    yield from wrong_privileges(thing, spec.privileges, known)


def wrong_extension(name: str, spec: ExtensionSpec, known: Known) -> Iterator[Wrong]:
    """Yield what is wrong with an extension; a version may be `>=1.9`."""
    found = next((each for each in known.catalog.extensions if each.name == name), None)
    if found is None:
        yield Wrong(f"there is no extension {name}", f"CREATE EXTENSION {quote(name)};")
        return
    if spec.version is not None and not _is_version(found.version, spec.version):
        yield Wrong(
            f"extension {name} has version {found.version}, expected {spec.version}",
            f"ALTER EXTENSION {quote(name)} UPDATE;",
        )
    if spec.schema_ is not None and found.schema != spec.schema_:
        yield other(f"extension {name}", "schema", found.schema, spec.schema_)


def _is_version(found: str, wanted: str) -> bool:
    if not wanted.startswith(">="):
        return found == wanted.removeprefix("==").strip()
    return _numbers(found) >= _numbers(wanted.removeprefix(">="))


def _numbers(version: str) -> list[int]:
    return [int("".join(filter(str.isdecimal, part)) or 0) for part in version.strip().split(".")]


def wrong_publication(name: str, schema: str, spec: PublicationSpec, known: Known) -> Iterator[Wrong]:
    """Yield what is wrong with a publication."""
    found = next((each for each in known.catalog.publications if each.name == name), None)
    if found is None:
        yield Wrong(f"there is no publication {name}")
        return
    if spec.all_tables is not None and found.all_tables is not spec.all_tables:
        told = "publishes all tables" if found.all_tables else "publishes some tables only"
        yield Wrong(f"publication {name} {told}, expected the opposite")
    if spec.tables:
        tables = {str(each.table) for each in found.tables}
        wanted = {whole(each, schema) for each in spec.tables}
        change = f"ALTER PUBLICATION {quote(name)}"
        for table in sorted(tables - wanted):
            yield Wrong(f"publication {name} publishes {table}", f"{change} DROP TABLE {_sql(table)};")
        for table in sorted(wanted - tables):
            yield Wrong(f"publication {name} lacks {table}", f"{change} ADD TABLE {_sql(table)};")
    if spec.operations and set(found.operations) != set(spec.operations):
        yield other(f"publication {name}", "operations", _listed(found.operations), _listed(spec.operations))


def wrong_bucket(name: str, spec: BucketSpec, known: Known) -> Iterator[Wrong]:
    """Yield what is wrong with a bucket; that they can be read is for the caller to know."""
    buckets = known.catalog.buckets
    found = next((each for each in buckets if each.id == name), None) if isinstance(buckets, tuple) else None
    if found is None:
        yield Wrong(f"there is no bucket {name}")
        return
    if spec.public is not None and found.public is not spec.public:
        told = "public: anybody reads its objects" if found.public else "not public"
        literal = "'" + name.replace("'", "''") + "'"
        change = f"SET public = {str(spec.public).lower()} WHERE id = {literal};"
        yield Wrong(f"bucket {name} is {told}", f"UPDATE storage.buckets {change}")
    if spec.size_limit is not None and found.size_limit != spec.size_limit:
        yield other(f"bucket {name}", "size limit", found.size_limit, spec.size_limit)
    if spec.types and set(found.types) != set(spec.types):
        yield other(f"bucket {name}", "types", _listed(found.types), _listed(spec.types))


def _sql(name: str) -> str:
    return ".".join(map(quote, name.split(".", 1)))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
