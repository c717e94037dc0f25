"""What is published, to replicas and to clients that listen."""

from collections.abc import Iterator

from pytest_deploycheck.catalog.lints.callers import Clause, lacks, wide
from pytest_deploycheck.catalog.lints.case import Case, of
from pytest_deploycheck.catalog.lints.expressions import calls, parts
from pytest_deploycheck.catalog.lints.lint import Finding, Found, Level, Lint
from pytest_deploycheck.catalog.lints.names import listed, qualified, quoted
from pytest_deploycheck.model.catalog import Publication
from pytest_deploycheck.model.relation import Relation

_TOPIC = frozenset({"topic"})
_MESSAGES = "realtime.messages"


def _everything(case: Case) -> Found:
    for publication in case.catalog.publications:
        name = f"publication {publication.name}"
        if case.is_public(name):
            continue
        if publication.all_tables:
            what = "publishes all tables, also those that come"
        elif publication.schemas:
            what = f"publishes all of {listed(sorted(publication.schemas))}, also what comes"
        else:
            continue
        yield Finding(name, what, f"ALTER PUBLICATION {quoted(publication.name)} SET TABLE ...;")


def _heard(case: Case) -> Iterator[tuple[Publication, Relation, tuple[str, ...]]]:
    """What clients can listen to: publications of the realtime service, their tables and columns."""
    for publication in case.catalog.publications:
        if publication.name not in case.declared.realtime:
            continue
        named = {one.table: one.columns for one in publication.tables}
        for table in case.tables:
            if table.name in named or publication.all_tables or table.name.schema in publication.schemas:
                columns = named.get(table.name) or tuple(column.name for column in table.columns)
                yield publication, table, columns


def _leaks(case: Case) -> Found:
    for publication, table, columns in _heard(case):
        if not table.row_security and not case.is_public(table.name):
            what = (
                f"is in {publication.name}, and row-level security is off: every change goes to who listens"
            )
            yield Finding(
                str(table.name), what, f"ALTER TABLE {qualified(table.name)} ENABLE ROW LEVEL SECURITY;"
            )
        unread = [name for name in columns if not _anybody_reads(case, table, name)]
        if unread:
            what = f"is in {publication.name} with columns that no API role may read: {', '.join(unread)}"
            kept = ", ".join(quoted(name) for name in columns if name not in unread)
            scope = f"{qualified(table.name)} ({kept})" if kept else qualified(table.name)
            verb = "SET TABLE" if kept else "DROP TABLE"
            yield Finding(
                str(table.name), what, f"ALTER PUBLICATION {quoted(publication.name)} {verb} {scope};"
            )


def _anybody_reads(case: Case, table: Relation, name: str) -> bool:
    column = table.column(name)
    grants = (*table.grants, *(column.grants if column else ()))
    return any("SELECT" in case.has(role, grants) for role in case.declared.api_roles)


def _full_identity(case: Case) -> Found:
    for publication, table, _ in _heard(case):
        if table.replica_identity == "f" and table.row_security:
            what = (
                f"is in {publication.name} with REPLICA IDENTITY FULL: changes carry the old row, and no "
                "policy is asked about deletes"
            )
            yield Finding(
                str(table.name), what, f"ALTER TABLE {qualified(table.name)} REPLICA IDENTITY DEFAULT;"
            )


def _topics(case: Case) -> Found:
    for clause in wide(case, _MESSAGES, lambda clause: not _looks_at_topic(clause)):
        what = f"{clause.shown} doesn't look at the topic: every private channel is open"
        name = quoted(clause.policy.name)
        mend = f"ALTER POLICY {name} ON {_MESSAGES} {clause.word} (realtime.topic() = ...);"
        yield Finding(of(clause.table, clause.policy.name), what, mend)


def _looks_at_topic(clause: Clause) -> bool:
    return any(calls(part, _TOPIC) for part in parts(clause.expression))


def _unpublished(case: Case) -> str:
    return "" if case.catalog.publications else "there is no publication"


def _unheard(case: Case) -> str:
    there = {publication.name for publication in case.catalog.publications}
    names = case.declared.realtime
    return "" if there & set(names) else f"there is no publication {' or '.join(names)}".rstrip()


LINTS = (
    Lint(
        id="publication_everything",
        level=Level.WARNING,
        finds="a publication of all tables, or of a whole schema",
        why="the next table is published with the migration that creates it, whatever it holds",
        mend="ALTER PUBLICATION p SET TABLE ...; or declare `publication NAME` under `public`",
        look=_everything,
        lacking=_unpublished,
    ),
    Lint(
        id="publication_leaks",
        level=Level.ERROR,
        finds="a table that clients can listen to, without row-level security or with columns not for them",
        why="changes are sent to who listens; without policies to everybody",
        mend="ALTER PUBLICATION p SET TABLE t (columns); ENABLE ROW LEVEL SECURITY",
        look=_leaks,
        lacking=_unheard,
    ),
    Lint(
        id="publication_old_rows",
        level=Level.WARNING,
        finds="a table with row-level security that clients can listen to, with REPLICA IDENTITY FULL",
        why="the whole old row is in the log for every change, and no policy is asked about a deleted row",
        mend="ALTER TABLE t REPLICA IDENTITY DEFAULT",
        look=_full_identity,
        lacking=_unheard,
    ),
    Lint(
        id="realtime_policy_open",
        level=Level.ERROR,
        finds="a policy on realtime.messages that doesn't look at the topic",
        why="it lets who may listen to one private channel listen to all",
        mend="ALTER POLICY p ON realtime.messages USING (realtime.topic() = ...)",
        look=_topics,
        lacking=lacks(_MESSAGES),
    ),
)
