"""How many connections clients hold, of those that the server lets them have."""

from collections.abc import Iterable
from functools import partial

from pydantic import BaseModel

from pytest_deploycheck.checks.database.reading import rows_of
from pytest_deploycheck.checks.language.amount import Percent
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.kind import Context
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import Query

SQL = """
SELECT count(*) FILTER (WHERE backend_type = 'client backend'),
       count(*) FILTER (WHERE backend_type IS NULL),
       pg_catalog.current_setting('max_connections')::int
         - pg_catalog.current_setting('superuser_reserved_connections')::int
         - coalesce(pg_catalog.current_setting('reserved_connections', true), '0')::int
FROM pg_catalog.pg_stat_activity
"""
"""Clients, backends whose kind is hidden from this role (without pg_read_all_stats), and the limit.

`reserved_connections` exists since PostgreSQL 16."""


class Section(BaseModel):
    """The share of the limit that must not be reached."""

    model_config = PART

    under: Percent
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return the check of the whole server."""
    yield Check(
        marker=context.marker,
        title=section.name or "connections",
        place=context.place(()),
        steps=partial(_count, section),
        spend=Spend(queries=1),
        runbook=section.runbook,
        hint=section.hint,
    )


def _count(section: Section) -> Steps:
    """Judge by bounds: what is hidden may be clients or not."""
    rows = yield from rows_of(Query(sql=SQL, purpose="connections"))
    if isinstance(rows, Inconclusive):
        return rows
    if len(rows) != 1 or not all(isinstance(number, int) for number in rows[0]):
        return Inconclusive("the server does not say how many connections it has")
    clients, hidden, limit = rows[0]
    if limit <= 0 or clients + hidden == 0:
        return Inconclusive(f"{many(clients, 'connection')} of {limit}: not even this one was counted")
    share = f"{clients} of {many(limit, 'connection')} in use ({clients / limit:.0%})"
    if clients >= section.under * limit:
        return Failed(f"{share}, expected under {section.under:.0%}")
    if clients + hidden >= section.under * limit:
        return Inconclusive(
            f"{share}, {hidden} more are hidden from this role: it needs pg_read_all_stats to decide"
        )
    return Passed(share)
