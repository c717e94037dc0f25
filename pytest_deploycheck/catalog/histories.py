"""Where migration tools write down what they applied, and how to read it."""

from collections.abc import Collection
from dataclasses import dataclass

from pytest_deploycheck.model.relation import Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool's table, and the query of version, name and failure of each migration, in the tool's order.

    `columns` are those by which the table is known; `alone` says that it has no others. `select` may hold
    {table}, and {name} where the table has a column of that name only sometimes.
    """

    name: str
    table: str
    columns: frozenset[str]
    select: str
    schema: str | None = None
    alone: bool = False

    def fits(self, relation: Relation) -> bool:
        """Whether a relation is this tool's table."""
        columns = {column.name for column in relation.columns}
        there = columns == self.columns if self.alone else columns >= self.columns
        return relation.name.name == self.table and self.schema in {None, relation.name.schema} and there

    def query(self, table: str, columns: Collection[str]) -> str:
        """The statement; `table` is quoted."""
        return self.select.format(table=table, name="name" if "name" in columns else "''")


TOOLS = (
    Tool(
        name="supabase",
        schema="supabase_migrations",
        table="schema_migrations",
        columns=frozenset({"version"}),
        select="SELECT version::text, coalesce({name}, '')::text, false FROM {table} ORDER BY version",
    ),
    Tool(
        name="alembic",
        table="alembic_version",
        columns=frozenset({"version_num"}),
        select="SELECT version_num::text, '', false FROM {table} ORDER BY version_num",
    ),
    Tool(
        name="django",
        table="django_migrations",
        columns=frozenset({"id", "app", "name", "applied"}),
        select="SELECT app || '.' || name, ''::text, false FROM {table} ORDER BY id",
    ),
    Tool(
        name="prisma",
        table="_prisma_migrations",
        columns=frozenset({"migration_name", "started_at", "finished_at", "rolled_back_at"}),
        select="SELECT migration_name::text, '', finished_at IS NULL FROM {table}"
        " WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name",
    ),
    Tool(
        name="flyway",
        table="flyway_schema_history",
        columns=frozenset({"installed_rank", "version", "description", "type", "script", "success"}),
        select="SELECT version, description, NOT success FROM ("
        " SELECT DISTINCT ON (coalesce(version, script)) coalesce(version, script)::text AS version,"
        " description::text, success, type, installed_rank FROM {table}"
        " ORDER BY coalesce(version, script), installed_rank DESC) AS latest"
        " WHERE type NOT LIKE 'UNDO%' AND type NOT IN ('SCHEMA', 'DELETE') ORDER BY installed_rank",
    ),
    Tool(
        name="liquibase",
        table="databasechangelog",
        columns=frozenset({"id", "author", "filename", "orderexecuted", "exectype"}),
        select="SELECT filename || '::' || id || '::' || author, ''::text, exectype = 'FAILED' FROM {table}"
        " WHERE exectype <> 'SKIPPED' ORDER BY orderexecuted",
    ),
    Tool(
        name="sqitch",
        table="changes",
        columns=frozenset({"change_id", "change", "project", "committed_at"}),
        select="SELECT change, project, false FROM {table} ORDER BY committed_at, change_id",
    ),
    Tool(
        name="golang-migrate",
        table="schema_migrations",
        columns=frozenset({"version", "dirty"}),
        select="SELECT version::text, '', dirty FROM {table} ORDER BY version",
        alone=True,
    ),
    Tool(
        name="dbmate",
        table="schema_migrations",
        columns=frozenset({"version"}),
        select="SELECT version::text, '', false FROM {table} ORDER BY version",
        alone=True,
    ),
)
"""The first that fits a table is its tool."""


def tool_of(relation: Relation) -> Tool | None:
    """The tool whose table a relation is."""
    if relation.kind not in {"r", "p"}:
        return None
    return next((tool for tool in TOOLS if tool.fits(relation)), None)
