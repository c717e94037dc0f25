"""The gate, run against a stand-in as a user would run it; and the table of what it must say."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from suites.standins.client import Standin

ROOT = Path(__file__).parents[2]
SUITE = ROOT / "suites" / "wecelebrate"
TABLE: dict[str, Any] = yaml.safe_load((SUITE / "faults.yaml").read_text(encoding="utf-8"))
GROUPS = ("faults", "nightly", "key_pair", "key_pair_nightly")
"""The groups of faults that must be caught; the last two where tokens are signed with a key pair."""

LIMIT = 120.0
"""Seconds after which a run of the gate is given up."""

_FAILED = re.compile(r"^FAILED       (?P<id>.+?)(?:  \(.*\))?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of the gate told its user."""

    status: int
    output: str

    @property
    def red(self) -> set[str]:
        """The checks that the summary names as failed."""
        return {found["id"] for found in _FAILED.finditer(self.output)}

    @property
    def left_behind(self) -> bool:
        """Whether the deployment did not let the gate remove something."""
        return "\nLEFT BEHIND" in self.output

    @property
    def verdict(self) -> str:
        """The first word of the last line."""
        return self.output.rstrip().splitlines()[-1].partition(":")[0]


GATE = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--env=running"]

LIMITS = tuple(f"security::rate limit of {whose}" for whose in ("an address", "the auth service", "a user"))
"""Checks that use up a limit and wait for its window: run where a fault is theirs, and on healthy runs."""

TIMES = tuple(
    f"tenant_isolation::GET /api/orders/{{order}} as {one} tells nothing of {other} by its time"
    for one, other in (("shopper_a", "shopper_b"), ("shopper_b", "shopper_a"))
)
"""Checks that ask again and again: as above."""

DRIFT = "schema::drift"
"""The check to which every change of the schema is one too many: as above."""

RATE = ("--rate-limit=30", "--rate-window=3")
"""What the stand-in allows: so few requests and seconds that a busy machine can use them up."""


HEALTHY = "30s"
"""How long a deployment is waited for that does answer, if the machine lets it."""


def run_gate(standin: Standin, *options: str, ready: str = "2s") -> Run:
    """Run the suite against a stand-in that is up, as the variables say it was deployed.

    Without options, all of it but the load, which takes longer than everything else together. `ready` is how
    long it is waited for.
    """
    standin.reset()
    return _run(standin, [*GATE, *(options or ("-m", "not load"))], ready)


def selection(red: list[str]) -> list[str]:
    """The sections that hold the expected checks; limits only if they are among them."""
    sections = {check.partition("::")[0] for check in red}
    markers = {"smoke" if section in ("release", "identities") else section for section in sections}
    contract = (SUITE / "deploycheck.yaml").relative_to(ROOT)
    spared = [
        *(() if any("limit" in check for check in red) else LIMITS),
        *(() if any("time" in check for check in red) else TIMES),
        *(() if DRIFT in red else (DRIFT,)),
    ]
    return [
        "-m",
        " or ".join(sorted(markers)),
        *(f"--deselect={contract}::{name}" for name in spared),
    ]


def explains(pattern: str, check: str) -> bool:
    """Whether an entry of the table means a check; `*` stands for any text."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), check) is not None


def start_gate(standin: Standin) -> "subprocess.Popen[bytes]":
    """As `run_gate`, without waiting: in a process group of its own, to be killed."""
    standin.reset()
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        [*GATE, "-m", "smoke"],
        cwd=ROOT,
        env=_environment(standin),
        stdout=quiet,
        stderr=quiet,
        start_new_session=True,
    )


def sweep(standin: Standin) -> Run:
    """Remove what a faulty deployment did not let the gate remove."""
    standin.reset()
    return _run(
        standin, [sys.executable, "-m", "pytest_deploycheck.cli", "sweep", "--env=running", str(SUITE)]
    )


def _run(standin: Standin, command: list[str], ready: str = "2s") -> Run:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=_environment(standin) | {"READY_TIMEOUT": ready},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    return Run(done.returncode, done.stdout + done.stderr)


def _environment(standin: Standin) -> dict[str, str]:
    return os.environ | standin.variables() | {"READY_TIMEOUT": "2s", "DEPLOYCHECK_RUNS": "none"}
