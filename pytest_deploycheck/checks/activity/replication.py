"""How far standbys are behind, and whether a slot that nobody reads keeps the log from being removed."""

from collections.abc import Iterator

from pydantic import Field

from pytest_deploycheck.checks.activity.item import STATISTICS, Part, Table, ask, outcome
from pytest_deploycheck.checks.language.amount import Duration, Size, told_duration, told_size
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Inconclusive, Outcome

QUERIES = 3

HERE = """
SELECT pg_catalog.pg_is_in_recovery(),
       CASE WHEN pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn()
             AND EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver AS w
                         WHERE coalesce(w.status, 'streaming') = 'streaming') THEN 0
            ELSE extract(epoch FROM pg_catalog.clock_timestamp()
                                    - pg_catalog.pg_last_xact_replay_timestamp()) END::float8
"""
"""A standby that nobody sends anything has replayed all that it received, too: that is not up to date."""

STANDBYS = """
SELECT r.application_name, r.state, extract(epoch FROM r.replay_lag)::float8,
       CASE WHEN NOT pg_catalog.pg_is_in_recovery()
            THEN pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), r.replay_lsn)::bigint END
FROM pg_catalog.pg_stat_replication AS r
WHERE r.state IS DISTINCT FROM 'backup' AND (r.state IS DISTINCT FROM 'streaming' OR r.replay_lsn IS NOT NULL)
ORDER BY 1
"""
"""Without backups, and without those that keep the log and replay none of it (pg_receivewal)."""

SLOTS = """
SELECT s.slot_name::text, s.active, s.wal_status,
       CASE WHEN NOT pg_catalog.pg_is_in_recovery()
            THEN pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), s.restart_lsn)::bigint END
FROM pg_catalog.pg_replication_slots AS s
WHERE NOT s.temporary
ORDER BY 1
"""

MEND = "does the standby run, reach the primary, and keep up with what it writes?"

_LOST = frozenset({"unreserved", "lost"})


class Replication(Part):
    """Each standby is less than `under` and `bytes` behind; at least `standbys` are connected."""

    under: Duration = 30.0
    bytes: Size = 64 * 1024**2
    standbys: int | None = Field(default=None, ge=0)


def steps(part: Replication, _: str | None) -> Steps:
    """Ask a primary for its standbys and slots, a standby for its own lag."""
    found = yield from ask([HERE, STANDBYS, SLOTS], "replication")
    if isinstance(found, Inconclusive):
        return found
    (((standby, behind),), standbys, slots) = found
    return _of_standby(part, behind) if standby else _of_primary(part, standbys, slots)


def _of_standby(part: Replication, behind: float | None) -> Outcome:
    if behind is None:
        return Inconclusive("this standby has replayed no transaction yet")
    told = f"this standby is {told_duration(behind)} behind"
    faults = [f"{told}, expected under {told_duration(part.under)}"] if behind >= part.under else []
    return outcome(faults, [], told, MEND)


def _of_primary(part: Replication, standbys: Table, slots: Table) -> Outcome:
    faults = [*_behind(part, standbys), *_kept(part, slots)]
    if part.standbys is not None and len(standbys) < part.standbys:
        faults.insert(
            0, f"{many(len(standbys), 'standby is', 'standbys are')} connected, expected {part.standbys}"
        )
    undecided = []
    if part.standbys is None and not standbys:
        undecided.append("no standby is connected, and `standbys` does not say how many should be")
    if hidden := sum(1 for row in standbys if row[1] is None):
        undecided.append(f"the state of {many(hidden, 'standby')} is hidden: {STATISTICS}")
    worst = max((row[3] or 0 for row in standbys), default=0)
    note = f"{many(len(standbys), 'standby')}, at most {told_size(worst)} behind; {many(len(slots), 'slot')}"
    return outcome(faults, undecided, note, MEND)


def _behind(part: Replication, standbys: Table) -> Iterator[str]:
    for name, state, lag, size in standbys:
        if state is None:
            continue
        if state != "streaming":
            yield f"standby {name} is in state {state}"
        if size is not None and size >= part.bytes:
            yield f"standby {name} is {told_size(size)} behind, expected under {told_size(part.bytes)}"
        elif lag is not None and lag >= part.under:
            yield f"standby {name} is {told_duration(lag)} behind, expected under {told_duration(part.under)}"


def _kept(part: Replication, slots: Table) -> Iterator[str]:
    for name, active, status, size in slots:
        if status in _LOST:
            yield f"slot {name} has lost what its reader still needs ({status})"
        elif not active and size is not None and size >= part.bytes:
            yield f"slot {name} is read by nobody and keeps {told_size(size)} of the log"
