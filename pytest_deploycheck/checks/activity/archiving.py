"""Whether the log reaches its archive: without it nothing can be recovered to a point in time."""

from collections.abc import Iterator
from typing import Any

from pytest_deploycheck.checks.activity.item import Part, ask, outcome
from pytest_deploycheck.checks.language.amount import Duration, told_duration
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome

QUERIES = 1

SQL = """
SELECT pg_catalog.current_setting('archive_mode'), pg_catalog.pg_is_in_recovery(),
       a.archived_count, a.failed_count,
       extract(epoch FROM pg_catalog.clock_timestamp() - a.last_archived_time)::float8,
       extract(epoch FROM pg_catalog.clock_timestamp() - a.last_failed_time)::float8,
       extract(epoch FROM pg_catalog.clock_timestamp() - a.stats_reset)::float8
FROM pg_catalog.pg_stat_archiver AS a
"""

MEND = "the server's log says why archive_command failed; is the archive full, reachable, writable?"


class Archiving(Part):
    """The last segment was archived less than `under` ago, and no attempt has failed since."""

    under: Duration = 3600.0


def steps(part: Archiving, _: str | None) -> Steps:
    """Ask what the archiver has done."""
    found = yield from ask([SQL], "archiving")
    return found if isinstance(found, Inconclusive) else _judge(part, found[0][0])


def _judge(part: Archiving, row: tuple[Any, ...]) -> Outcome:
    mode, standby, archived, failed, age, failed_age, since = row
    if mode == "off":
        return Failed(
            "archive_mode is off: no recovery to a point in time", hint="archive_mode = on needs a restart"
        )
    if standby and mode != "always":
        return Inconclusive("a standby archives nothing with archive_mode = on: ask the primary")
    faults = list(_faults(part, age, failed_age, failed))
    undecided = []
    if age is None and not faults:
        reset = f" since the statistics were reset {told_duration(since)} ago" if since is not None else ""
        undecided.append(f"nothing was archived{reset}: SELECT pg_switch_wal() would show whether it works")
    last = f"the last {told_duration(age or 0)} ago"
    note = f"{many(archived, 'segment')} archived, {last}; {many(failed, 'attempt')} failed"
    return outcome(faults, undecided, note, MEND)


def _faults(part: Archiving, age: float | None, failed_age: float | None, failed: int) -> Iterator[str]:
    if failed_age is not None and (age is None or failed_age < age):
        yield f"the last attempt to archive failed {told_duration(failed_age)} ago, one of {failed} that did"
    if age is not None and age >= part.under:
        limit = told_duration(part.under)
        yield f"the last segment was archived {told_duration(age)} ago, expected under {limit}"
