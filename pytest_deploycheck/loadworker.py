"""The command `deploycheck load-worker`: one of the processes that send, on whatever machine it runs."""

import argparse
import os
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

from pytest_deploycheck import config
from pytest_deploycheck.discover import nearest
from pytest_deploycheck.model.contract import Contract
from pytest_deploycheck.model.load import LoadRun
from pytest_deploycheck.model.settings import Settings
from pytest_deploycheck.reach import Reach
from pytest_deploycheck.safety.redact import Redactor
from pytest_deploycheck.session import load_contract

MISTAKE = 4


class MistakeError(Exception):
    """What was asked cannot be done; the message says why."""


def work(parsed: argparse.Namespace) -> int:
    """Send what the run asks for, until it is over; return locust's exit status."""
    try:
        return _work(parsed)
    except (MistakeError, config.ContractErrors) as error:
        sys.stderr.write(f"deploycheck: {error}\n")
        return MISTAKE
    except KeyboardInterrupt:
        return 2


def _work(parsed: argparse.Namespace) -> int:
    host, _, port = parsed.master.rpartition(":")
    if not host or not port.isdecimal():
        raise MistakeError(f"{parsed.master}: expected HOST:PORT, such as 10.0.0.5:5557")
    path = nearest(Path(parsed.path).resolve())
    if not parsed.env or path is None:
        raise MistakeError("name the environment with --env, and a folder with a contract")
    variables = dict(config.variables(path.parent, parsed.env, os.environ))
    contract = load_contract(path, parsed.env, variables)
    if contract.environment.protected and not parsed.allow_load:
        raise MistakeError(f"{parsed.env} is protected: pass --allow-load to let load run")
    run = _chosen(contract, parsed.run)
    now = datetime.now(UTC)
    settings = Settings(run_id=f"worker-{uuid.uuid4().hex[:8]}", today=now.date())
    redactor = Redactor()
    redactor.add(*(secret.reveal() for _, secret in contract.secrets))
    reach = Reach(contract, settings, variables=variables, redactor=redactor)
    try:
        told = reach.target.load_probe().work(run, (host, int(port)))
    finally:
        reach.close()
    if isinstance(told, str):
        raise MistakeError(redactor.clean(told))
    return told


def _chosen(contract: Contract, name: str | None) -> LoadRun:
    """The run that workers are declared for."""
    probes = (probe for check in contract.checks if check.shares for probe in next(check.steps()))
    found = {probe.name: probe for probe in probes if isinstance(probe, LoadRun) and probe.workers}
    known = ", ".join(found) or "no load run with workers"
    if name is not None and name not in found:
        raise MistakeError(f"no load run with workers is called '{name}': the contract has {known}")
    if name is None and len(found) != 1:
        raise MistakeError(f"name the load run with --run: the contract has {known}")
    return found[name] if name is not None else next(iter(found.values()))
