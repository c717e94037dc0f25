"""The command `deploycheck counts`: how many rows each table has, for a check after the deploy."""

import argparse
import sys
from pathlib import Path

from pytest_deploycheck.catalogs import NoCatalogError, reach
from pytest_deploycheck.checks.database.before import write
from pytest_deploycheck.checks.database.reader import Reader
from pytest_deploycheck.checks.database.taking import take
from pytest_deploycheck.config.errors import ContractErrors
from pytest_deploycheck.discover import CONTRACT, nearest
from pytest_deploycheck.model.evidence import Evidence, Silence
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Probe, Query, Snapshot, Transaction
from pytest_deploycheck.output import UnwritableError, prove_writable
from pytest_deploycheck.output import write as write_out
from pytest_deploycheck.probes.database import Database
from pytest_deploycheck.run.converse import Transcript

COUNTED, UNDECIDED, MISTAKE = 0, 2, 4
"""Exit statuses, those of a run."""


def counts(parsed: argparse.Namespace) -> int:
    """Print the counts of an environment, or write them; what could not be counted is told apart."""
    path = Path(parsed.path)
    found = nearest(path.resolve()) if path.exists() else None
    if not parsed.env or found is None:
        missing = f"no {CONTRACT} in {parsed.path} or above" if parsed.env else "name it: --env NAME"
        return _complain(missing, MISTAKE)
    if parsed.bound < 1 or parsed.timeout <= 0:
        return _complain("--bound and --timeout must be more than none", MISTAKE)
    try:
        return _counts(found, parsed)
    except (ContractErrors, UnwritableError) as error:
        return _complain(str(error), MISTAKE)
    except NoCatalogError as error:
        return _complain(str(error), UNDECIDED)


def _counts(path: Path, parsed: argparse.Namespace) -> int:
    prove_writable(parsed.output)
    schemas = tuple(parsed.schema or ("public",))
    with reach(path, parsed.env) as reached:
        reader = Reader(reached.contract.environment.database_reader, parsed.timeout)
        transcript = Transcript(lambda probe: _send(reached.database, probe), reached.redactor)
        taken = transcript.hold(take(parsed.env, schemas, reader, parsed.bound))
    clean = reached.redactor.clean
    if isinstance(taken, Inconclusive):
        return _complain(clean(taken.reason), UNDECIDED)
    before, unknown = taken
    write_out(write(before), parsed.output)
    for table, counted in before.tables.items():
        if counted is not None and counted.more:
            _complain(f"{table} has {counted.told}: counted no further (--bound)", COUNTED)
    for told in unknown:
        _complain(clean(told), UNDECIDED)
    return UNDECIDED if unknown else COUNTED


def _send(database: Database, probe: Probe) -> Evidence:
    if isinstance(probe, Query | Snapshot | Transaction):
        return database.send(probe)
    return Silence(f"{type(probe).__name__} is no question to a database")


def _complain(text: str, status: int) -> int:
    sys.stderr.write(f"deploycheck: {text}\n")
    return status
