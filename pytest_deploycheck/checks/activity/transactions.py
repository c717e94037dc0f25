"""Transactions that are open too long, idle in between, or wait for a lock: that holds up others."""

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from pytest_deploycheck.checks.activity.item import STATISTICS, Part, Table, ask, outcome
from pytest_deploycheck.checks.language.amount import Duration, told_duration
from pytest_deploycheck.checks.language.part import Text
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Inconclusive, Outcome

QUERIES = 2

SESSIONS = """
SELECT a.pid, a.usename::text, a.application_name, a.state, a.backend_type IS NULL,
       extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::float8,
       CASE WHEN a.state LIKE 'idle in transaction%'
            THEN extract(epoch FROM pg_catalog.clock_timestamp() - a.state_change)::float8 END,
       CASE WHEN a.wait_event_type = 'Lock'
            THEN extract(epoch FROM pg_catalog.clock_timestamp()
                                    - coalesce(w.since, a.query_start))::float8 END,
       CASE WHEN a.wait_event_type = 'Lock' THEN pg_catalog.pg_blocking_pids(a.pid) END
FROM pg_catalog.pg_stat_activity AS a
LEFT JOIN (
    SELECT l.pid, min(l.waitstart) AS since FROM pg_catalog.pg_locks AS l WHERE NOT l.granted GROUP BY l.pid
) AS w ON w.pid = a.pid
WHERE a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid()
  AND a.application_name NOT LIKE 'pytest-deploycheck/%'
  AND coalesce(a.backend_type, 'client backend') = 'client backend'
ORDER BY a.xact_start
"""
"""Clients of this database but the gate, whether what they do is hidden, and seconds: of the transaction,
idle in it, waiting for a lock; and who holds that."""

PREPARED = """
SELECT p.owner::text, extract(epoch FROM pg_catalog.clock_timestamp() - p.prepared)::float8
FROM pg_catalog.pg_prepared_xacts AS p
WHERE p.database = pg_catalog.current_database()
"""


class Transactions(Part):
    """None is open for `under`, idle in it for `idle`, or waits for a lock for `waiting`.

    `except` names applications (application_name), each with the reason.
    """

    under: Duration = 300.0
    idle: Duration = 60.0
    waiting: Duration = 10.0
    exceptions: dict[Text, Text] = Field(default={}, alias="except", min_length=1)


def steps(part: Transactions, _: str | None) -> Steps:
    """Ask what sessions do now."""
    found = yield from ask([SESSIONS, PREPARED], "transactions")
    return found if isinstance(found, Inconclusive) else _judge(part, *found)


def _judge(part: Transactions, sessions: Table, prepared: Table) -> Outcome:
    seen = [row for row in sessions if row[2] not in part.exceptions]
    faults = [fault for row in seen for fault in _faults(part, row)]
    faults += [
        f"a prepared transaction of {owner} waits for COMMIT PREPARED for {told_duration(age)}"
        for owner, age in prepared
        if age >= part.under
    ]
    hidden = sum(1 for row in seen if row[4])
    does = many(hidden, "session does", "sessions do")
    undecided = [f"what {does} is hidden: {STATISTICS}"] if hidden else []
    busy = sum(1 for row in sessions if row[5] is not None)
    note = f"{many(len(sessions), 'session')}, {busy} in a transaction"
    return outcome(faults, undecided, note, "SELECT pg_terminate_backend(pid), once it is known whose it is")


def _faults(part: Transactions, row: tuple[Any, ...]) -> Iterator[str]:
    pid, user, application, state, _, age, idle, waiting, blockers = row
    who = f"{user} ({application or 'no application_name'}, pid {pid})"
    if waiting is not None and waiting >= part.waiting:
        by = ", ".join(map(str, dict.fromkeys(blockers or ())))
        yield f"{who} waits for a lock for {told_duration(waiting)}, held by pid {by or 'unknown'}"
    if idle is not None and idle >= part.idle:
        yield f"{who} is {state} for {told_duration(idle)}"
    elif age is not None and age >= part.under:
        yield f"{who} has a transaction open for {told_duration(age)}, {state}"
