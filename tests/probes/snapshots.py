"""A snapshot, as the prober takes it."""

from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.probe import Snapshot
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.database import Database
from suites.standins.kit.postgres import Postgres
from tests.probes.conftest import PASSWORD


def snapshot(postgres: Postgres, database: str, reader: str | None = None) -> Catalog:
    opened = Database(Secret(postgres.url("prober", PASSWORD, database)), run_id="run7", reader=reader)
    try:
        seen = opened.send(Snapshot())
    finally:
        opened.close()
    assert isinstance(seen, Catalog), seen
    return seen
