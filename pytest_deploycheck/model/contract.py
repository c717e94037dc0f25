"""What must hold, whatever the environment; and the environment that was chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.identity import Identity, SigningKey
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.route import Route
from pytest_deploycheck.model.runbook import Runbook
from pytest_deploycheck.model.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A check that may stay red until a date, because somebody answers for it.

    `check` is a check's id, or a shell-style pattern of ids. A waiver with `run` false spares the probe.
    """

    check: str
    place: Place
    owner: str
    justification: str
    until: date
    run: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A contract file, validated, for one environment.

    `pending` are the variables that only the started deployment can give; values that need one still
    hold its name, so a contract with pending variables can be planned but not run.
    """

    path: Path
    system: str
    environment: Environment
    identities: Mapping[str, Identity] = field(default_factory=dict)
    signing: SigningKey | None = None
    routes: tuple[Route, ...] = ()
    checks: tuple[Check, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    runbook: Runbook | None = None
    secrets: tuple[tuple[str, Secret], ...] = ()
    """Pairs of a variable's name and its value, for redaction."""
    pending: frozenset[str] = frozenset()
    strict_runbook: bool = False
