"""Reads the whole catalog: what it tells in one round trip, what stands in tables in another."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_deploycheck.catalog.contents import Reading, readings, with_contents, with_last_values
from pytest_deploycheck.catalog.queries import FIRST, OLDEST, queries
from pytest_deploycheck.catalog.queries_of_the_rest import LAST_VALUES
from pytest_deploycheck.catalog.quoting import quote
from pytest_deploycheck.catalog.snapshot import catalog
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.evidence import Refused, Rows
from pytest_deploycheck.probes.pipeline import GRACE, Batch, exchange, last
from pytest_deploycheck.probes.session import BACK, ENDING, SAVE, Connection, beginning

_UNSUPPORTED = "0A000"
"""feature_not_supported (PostgreSQL, appendix A)."""


def read(connection: Connection, *, timeout: float, reader: str | None) -> Catalog | Refused:
    """Return the catalog, all of it as it was at one moment, or the first query that was refused.

    `timeout` is in seconds, for each query. What stands in tables is read as `reader`, or as the login.

    Raises:
        psycopg.OperationalError: if the connection is lost or silent.
    """
    version = connection.info.server_version
    if version < OLDEST:
        known = f"the catalog is known from PostgreSQL {OLDEST // 10000} on"
        return Refused(_UNSUPPORTED, f"it is PostgreSQL {version // 10000}; {known}")
    with _uncollected():
        return _read(connection, timeout, reader)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Spare the garbage collector tens of thousands of objects that all stay: it would take a tenth more."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _read(connection: Connection, timeout: float, reader: str | None) -> Catalog | Refused:
    texts = queries(connection.info.server_version)
    batch = (*beginning(timeout), FIRST.encode(), *(text.encode() for text in texts.values()), SAVE)
    (heard,) = exchange(connection, [batch], timeout=timeout * len(texts) + GRACE)
    if isinstance(refused := last(heard), Refused):
        exchange(connection, [ENDING], timeout=GRACE)
        return refused
    answers = zip(texts, heard[3:-1], strict=True)
    found = catalog({name: answer.rows for name, answer in answers if isinstance(answer, Rows)})
    asked = readings(found, reader)
    become = (BACK, f"SET LOCAL ROLE {quote(reader)}".encode()) if reader else (BACK,)
    more = [(*become, LAST_VALUES.encode())] if reader else []
    batches = [*((*become, *_reading(each)) for each in asked), *more, ENDING]
    heard_then = exchange(connection, batches, timeout=timeout * len(batches) + GRACE)
    contents = [last(each) for each in heard_then[: len(asked)]]
    whole = with_contents(found, asked, contents)
    return with_last_values(whole, last(heard_then[len(asked)])) if reader else whole


def _reading(reading: Reading) -> Batch:
    security = b"SET LOCAL row_security = " + (b"on" if reading.filtered else b"off")
    return security, reading.sql.encode()
