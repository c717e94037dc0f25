"""Which earlier runs a run may be compared with, and why not with the others."""

from collections.abc import Iterable
from dataclasses import dataclass

from pytest_deploycheck.model.kept import KeptRun
from pytest_deploycheck.model.measurement import Measurement
from pytest_deploycheck.model.names import NOT_DECLARED, NOT_PROVEN
from pytest_deploycheck.model.verdict import Verdict

UNKNOWN = frozenset({"", NOT_DECLARED, NOT_PROVEN})
"""What a run says where it knows no version: those of two deploys are the same words."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An earlier run that is no baseline, and why not."""

    run: KeptRun
    why: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """The earlier measurements of one scenario, the newest first, and the runs that were left out."""

    measurements: tuple[Measurement, ...]
    refused: tuple[Refused, ...]


def baseline(now: KeptRun, measured: Measurement, earlier: Iterable[KeptRun], most: int | None) -> Baseline:
    """Return at most `most` measurements of earlier deploys, under the same conditions as `measured`.

    Other runs of the version that `now` has verified are none: they are of the deploy that is judged.
    """
    found: list[Measurement] = []
    refused: list[Refused] = []
    for run in earlier:
        if most is not None and len(found) >= most:
            break
        if why := _no_baseline(now, measured, run):
            refused.append(Refused(run, why))
        elif same := run.measured(measured.name):
            found.append(same)
    return Baseline(tuple(found), tuple(refused))


def _no_baseline(now: KeptRun, measured: Measurement, run: KeptRun) -> str:
    """Why a run is no baseline, or nothing."""
    if run.run_id == now.run_id:
        return "it is this run itself"
    if (run.system, run.environment) != (now.system, now.environment):
        return f"it verified {run.system} on {run.environment}"
    if run.version == now.version and now.version not in UNKNOWN:
        return f"it is another run of version {run.version}"  # else a slow deploy becomes what is usual
    if run.verdict is not Verdict.GO:
        return f"its verdict is {run.verdict.value}"
    same = run.measured(measured.name)
    if same is None:
        return f"it did not measure {measured.name}"
    return "it was not complete" if not same.complete else differing(measured, same)


def differing(one: Measurement, other: Measurement) -> str:
    """Which conditions of two measurements differ, or nothing."""
    names = sorted(one.conditions.keys() | other.conditions.keys())
    told = (
        f"{name}: {other.conditions.get(name, 'none')}, not {one.conditions.get(name, 'none')}"
        for name in names
        if one.conditions.get(name) != other.conditions.get(name)
    )
    return "; ".join(told)
