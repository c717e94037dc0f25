"""Sends probes at the same moment: all wait for one that is held up, then share what follows."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg

from pytest_deploycheck.model.probe import Query, Transaction
from pytest_deploycheck.probes.database import Database, Seen

_HELD = Query(sql="SELECT pg_advisory_xact_lock_shared(7)")

_IS_HELD = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"


def together(
    database: Database, admin: str, probes: Sequence[Query | Transaction], then: Callable[[], object] = bool
) -> list[Seen]:
    """Return what each is answered; `then` is called before the first of them goes out."""
    with psycopg.connect(admin, autocommit=True) as other, ThreadPoolExecutor(len(probes) + 1) as threads:
        other.execute("SELECT pg_advisory_lock(7)")
        threads.submit(database.send, _HELD)
        while other.execute(_IS_HELD).fetchone() == (False,):
            pass
        sent = []
        for number, probe in enumerate(probes, 1):
            sent.append(threads.submit(database.send, probe))
            while database.waiting < number:
                pass
        then()
        other.execute("SELECT pg_advisory_unlock(7)")
        return [each.result() for each in sent]
