"""What is compared: the snapshot, psql with the same queries, a query for each expectation, and judging."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import psycopg

from benchmarks.database.expectations import differences, expectations
from benchmarks.database.generated import INDEXES, NAME, READER, TENANTS
from benchmarks.measure import WrongRunError
from pytest_deploycheck.catalog.drift.facts import facts
from pytest_deploycheck.catalog.drift.write import write
from pytest_deploycheck.catalog.queries import FIRST, queries
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.outcome import Passed
from pytest_deploycheck.model.probe import Query, Snapshot
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.model.settings import Settings
from pytest_deploycheck.probes.database import Database
from pytest_deploycheck.testing import answer
from suites.standins.kit.binaries import find_binaries
from suites.standins.kit.postgres import Postgres
from tests.checks.policy.world import World, checks, identity
from tests.checks.policy.world import context as cast

SNAPSHOT = "deploycheck: the snapshot"
AT_ONCE = "psql: the same queries, as one message"
IN_TURN = "psql: the same queries, one after the other"
SINGLE = "a query for each of 1,000 expectations, as pgTAP asks"
JUDGE = "deploycheck: 1,000 expectations judged"
DRIFT = "deploycheck: the schema compared with its lock file"
PROOF = "deploycheck: row-level security proven, all actors and relations"

EXPECTATIONS = 1000

_SINGLES = 40
"""Queries that are really asked; the rest would take as long each."""

_THREADS = Settings(run_id="benchmark", today=date.min).concurrency
"""Of a run, unless somebody says otherwise."""

_ONE = """
SELECT EXISTS (SELECT FROM pg_catalog.pg_class AS c
               JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
               WHERE n.nspname = 'public' AND c.relname = %s AND c.relkind = 'r')
"""


@dataclass(frozen=True, slots=True)
class Reached:
    """The generated database, by this port: its own, or a relay's."""

    server: Postgres
    port: int
    tables: int

    @property
    def url(self) -> str:
        """Where the gate logs in."""
        return f"postgresql://gate:gate@127.0.0.1:{self.port}/{NAME}"


@contextmanager
def relayed(server: int, milliseconds: int) -> Iterator[int]:
    """The port by which a server is reached with this round trip: its own port if there is none to add."""
    if not milliseconds:
        yield server
        return
    command = [sys.executable, "-m", "benchmarks.relay", str(server), str(milliseconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as relay:
        try:
            yield int(relay.stdout.readline()) if relay.stdout else 0
        finally:
            relay.kill()


def snapshot(reached: Reached) -> float:
    """Take a snapshot in a session that is open already."""
    database = Database(Secret(reached.url), run_id="benchmark", timeout=60)
    database.send(Query(sql="SELECT 1"))
    began = time.perf_counter()
    seen = database.send(Snapshot())
    took = time.perf_counter() - began
    database.close()
    if not isinstance(seen, Catalog):
        raise WrongRunError(str(seen))
    indexes = sum(len(relation.indexes) for relation in seen.relations)
    if (len(seen.relations), indexes) != (reached.tables, reached.tables * INDEXES):
        raise WrongRunError(f"{len(seen.relations)} relations and {indexes} indexes were seen")
    return took


def at_once(reached: Reached) -> float:
    """All queries in one simple message: one round trip, the least that a client without a pipeline needs."""
    texts = [text.strip() for text in _texts(reached).values()]
    return _psql(reached, "\\;\n".join([*_BEGIN, *texts, "ROLLBACK"]) + ";\n")


def in_turn(reached: Reached) -> float:
    """Each query in a message of its own."""
    return _psql(reached, ";\n".join([*_BEGIN, *_texts(reached).values(), "ROLLBACK"]) + ";\n")


def single(reached: Reached) -> float:
    """A query for each expectation, in turn and prepared."""
    with psycopg.connect(reached.url, autocommit=True) as connection:
        began = time.perf_counter()
        for number in range(_SINGLES):
            connection.execute(_ONE, (f"t{number % reached.tables}",))
        return (time.perf_counter() - began) / _SINGLES * EXPECTATIONS


def judge(reached: Reached) -> float:
    """Judge expectations on a catalog that is there already."""
    database = Database(Secret(reached.url), run_id="benchmark", timeout=60)
    seen = database.send(Snapshot())
    database.close()
    if not isinstance(seen, Catalog):
        raise WrongRunError(str(seen))
    expected = expectations(reached.tables, EXPECTATIONS)
    began = time.perf_counter()
    passed = sum(isinstance(answer(check, seen), Passed) for check in expected)
    took = time.perf_counter() - began
    if passed != EXPECTATIONS:
        raise WrongRunError(f"{passed} expectations passed")
    return took


def drift(reached: Reached) -> float:
    """Compare a catalog that is there already with its lock file."""
    database = Database(Secret(reached.url), run_id="benchmark", timeout=60)
    seen = database.send(Snapshot())
    database.close()
    if not isinstance(seen, Catalog):
        raise WrongRunError(str(seen))
    lock = write(facts(seen))
    began = time.perf_counter()
    found = differences(seen, lock)
    took = time.perf_counter() - began
    if found:
        raise WrongRunError(f"{found} differences from itself")
    return took


def proof(reached: Reached) -> float:
    """Hold the conversations of the kind `policies`, on as many threads as a run does."""
    people = [identity(f"{who}_{tenant}", tenant) for tenant in TENANTS for who in ("one", "other")]
    claims = {
        each.name: {
            "sub": f"00000000-0000-4000-8000-{number:012}",
            "role": "authenticated",
            "app_metadata": {"tenant": TENANTS[each.tenant or ""]},
        }
        for number, each in enumerate(people)
    }
    made = checks({"tenant": "tenant", "claim": "app_metadata.tenant"}, cast(*people, reader=READER))
    began = time.perf_counter()
    outcomes = World(reached.server.local("postgres", NAME), reached.url, claims).outcomes(made, _THREADS)
    took = time.perf_counter() - began
    if wrong := [title for title, outcome in outcomes.items() if not isinstance(outcome, Passed)]:
        raise WrongRunError(f"not proven: {', '.join(wrong)}")
    return took


_BEGIN = ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", FIRST)

CONTENDERS: dict[str, Callable[[Reached], float]] = {
    SNAPSHOT: snapshot,
    AT_ONCE: at_once,
    IN_TURN: in_turn,
    SINGLE: single,
    JUDGE: judge,
    DRIFT: drift,
    PROOF: proof,
}
"""What each takes, in seconds."""


def _texts(reached: Reached) -> dict[str, str]:
    with psycopg.connect(reached.server.local("postgres", NAME)) as connection:
        return queries(connection.info.server_version)


def _psql(reached: Reached, script: str) -> float:
    """Run a script in one session; the sum of what psql's own clock says."""
    command = [str(find_binaries() / "psql"), "-X", "-qAt", "-v", "ON_ERROR_STOP=1", reached.url]
    whole = f"SELECT 1;\n\\timing on\n{script}"
    run = subprocess.run(command, input=whole, capture_output=True, text=True, check=False)
    times = [line.split()[1] for line in run.stdout.splitlines() if line.startswith("Time: ")]
    if run.returncode or not times:
        raise WrongRunError(run.stderr)
    return sum(map(float, times)) / 1000
