"""What stands in tables rather than in the catalog: storage buckets, and what migration tools wrote down.

Rows that row-level security hides look like rows that are not there. So these tables are read with
`row_security` off, where PostgreSQL refuses to filter, unless a policy shows them whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pytest_deploycheck.catalog.histories import Tool, tool_of
from pytest_deploycheck.catalog.inheritance import with_inherited
from pytest_deploycheck.catalog.quoting import quote, quoted
from pytest_deploycheck.model.catalog import Bucket, Catalog, History, Migration
from pytest_deploycheck.model.evidence import Refused, Rows
from pytest_deploycheck.model.relation import PUBLIC, Name, Relation, Unknown

BUCKETS = Name("storage", "buckets")

_NO_PRIVILEGE = "42501"


@dataclass(frozen=True, slots=True)
class Reading:
    """A table to be read as `reader`; `tool` is whose it is, None for storage buckets.

    `filtered` says whether row-level security stays on: a policy shows the reader every row.
    """

    relation: Relation
    reader: str
    filtered: bool
    tool: Tool | None = None

    @property
    def sql(self) -> str:
        """The statement that reads it."""
        table = quoted(self.relation.name)
        columns = {column.name for column in self.relation.columns}
        if self.tool is not None:
            return self.tool.query(table, columns)
        limit = "file_size_limit" if "file_size_limit" in columns else "NULL::int8"
        types = "allowed_mime_types" if "allowed_mime_types" in columns else "NULL::text[]"
        return f"SELECT id::text, coalesce(public, false), {limit}, {types} FROM {table} ORDER BY id"  # noqa: S608 - quoted


def readings(catalog: Catalog, reader: str | None) -> tuple[Reading, ...]:
    """The tables to read next: as `reader`, or as who read the catalog."""
    user = reader or catalog.server.user
    found = [
        Reading(relation, user, shows_all(relation, user, catalog), tool)
        for relation in catalog.relations
        if (tool := tool_of(relation)) or _holds_buckets(relation)
    ]
    return tuple(found)


def _holds_buckets(relation: Relation) -> bool:
    columns = {column.name for column in relation.columns}
    return relation.name == BUCKETS and relation.kind in {"r", "p"} and columns >= {"id", "public"}


def shows_all(relation: Relation, user: str, catalog: Catalog) -> bool:
    """Whether a policy shows `user` every row of a relation, and no other hides some."""
    if not relation.row_security:
        return False
    mine = with_inherited(user, catalog) | {PUBLIC}
    applying = [
        policy for policy in relation.policies if policy.command in {"r", "*"} and mine & set(policy.roles)
    ]
    permits = any(policy.permissive and policy.using == "true" for policy in applying)
    return permits and all(policy.permissive or policy.using == "true" for policy in applying)


def with_contents(catalog: Catalog, asked: Sequence[Reading], answers: Sequence[Rows | Refused]) -> Catalog:
    """The catalog with what the readings were answered, in their order."""
    histories = []
    buckets = catalog.buckets
    for reading, answer in zip(asked, answers, strict=True):
        if reading.tool is None:
            buckets = _buckets(reading, answer)
        else:
            applied = _applied(reading, answer)
            histories.append(History(tool=reading.tool.name, table=reading.relation.name, applied=applied))
    return replace(catalog, buckets=buckets, histories=tuple(histories))


def with_last_values(catalog: Catalog, answer: Rows | Refused) -> Catalog:
    """The catalog with what `LAST_VALUES` told another role: it may see more sequences, or fewer."""
    if isinstance(answer, Refused):
        return catalog
    told = {Name(schema, name): last for schema, name, may_see, last in answer.rows if may_see}
    sequences = tuple(
        replace(sequence, last=told[sequence.name]) if sequence.name in told else sequence
        for sequence in catalog.sequences
    )
    return replace(catalog, sequences=sequences)


def _buckets(reading: Reading, answer: Rows | Refused) -> tuple[Bucket, ...] | Unknown:
    if isinstance(answer, Refused):
        return _unknown(reading, answer)
    return tuple(
        Bucket(id=name, public=public, size_limit=limit, types=tuple(sorted(types or ())))
        for name, public, limit, types in answer.rows
    )


def _applied(reading: Reading, answer: Rows | Refused) -> tuple[Migration, ...] | Unknown:
    if isinstance(answer, Refused):
        return _unknown(reading, answer)
    return tuple(
        Migration(version=version, name=name or "", failed=failed) for version, name, failed in answer.rows
    )


def _unknown(reading: Reading, refused: Refused) -> Unknown:
    name = reading.relation.name
    said = f"{name}: {refused.message} (SQLSTATE {refused.sqlstate})"
    if refused.sqlstate != _NO_PRIVILEGE:
        return Unknown(said)
    grant = (
        f"GRANT USAGE ON SCHEMA {quote(name.schema)} TO {quote(reading.reader)}; "
        f"GRANT SELECT ON {quoted(name)} TO {quote(reading.reader)}"
    )
    if "row-level security" in refused.message:
        return Unknown(
            f"{said}: name a `database_reader` that it does not bind, or {grant}; "
            f"CREATE POLICY gate ON {quoted(name)} FOR SELECT TO {quote(reading.reader)} USING (true)"
        )
    return Unknown(f"{said}: {grant}")
