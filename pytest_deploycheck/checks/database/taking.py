"""Counts every table of some schemas, for the file that a later check is held to."""

from datetime import datetime

from pytest_deploycheck.checks.database.before import Before
from pytest_deploycheck.checks.database.counting import Counted, Missing, count
from pytest_deploycheck.checks.database.reader import Reader
from pytest_deploycheck.checks.database.reading import Asking, catalog_of, rows_of
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Query

WHERE_AND_WHEN = Query(
    sql="SELECT pg_catalog.current_database(), pg_catalog.clock_timestamp()", purpose="database and time"
)


def take(
    environment: str, schemas: tuple[str, ...], reader: Reader, bound: int
) -> Asking[tuple[Before, tuple[str, ...]] | Inconclusive]:
    """Return the counts, and why some are not known."""
    catalog = yield from catalog_of()
    if isinstance(catalog, Inconclusive):
        return catalog
    tables = tables_of(catalog, schemas)
    if not tables:
        return Inconclusive(f"no table in {', '.join(schemas)}: nothing to count")
    here = yield from where_and_when()
    if isinstance(here, Inconclusive):
        return here
    counts = yield from count(tables, reader, bound)
    if isinstance(counts, Inconclusive):
        return counts
    known = {
        table: counted if isinstance(counted, Counted) else None
        for table, counted in zip(tables, counts, strict=True)
    }
    unknown = tuple(f"{each}" for each in counts if isinstance(each, str))
    gone = tuple(
        f"{table}: gone meanwhile"
        for table, each in zip(tables, counts, strict=True)
        if isinstance(each, Missing)
    )
    database, now = here
    return Before(environment=environment, database=database, at=now, tables=known), (*unknown, *gone)


def tables_of(catalog: Catalog, schemas: tuple[str, ...]) -> tuple[str, ...]:
    """Return the tables of some schemas; partitions are counted with what they are partitions of."""
    return tuple(
        str(relation.name)
        for relation in catalog.relations
        if relation.name.schema in schemas
        and relation.kind in "rp"
        and relation.partition_of is None
        and not relation.extension
    )


def where_and_when() -> Asking[tuple[str, datetime] | Inconclusive]:
    """Ask for the name of the database and the server's time."""
    rows = yield from rows_of(WHERE_AND_WHEN)
    if isinstance(rows, Inconclusive):
        return rows
    match rows:
        case ((str(database), datetime() as now),):
            return database, now
        case _:
            return Inconclusive("the database does not say its name and time")
