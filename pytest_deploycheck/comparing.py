"""The command `deploycheck compare`: a kept run against earlier ones, or a canary against the stable one."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from pytest_deploycheck import options
from pytest_deploycheck.discover import nearest
from pytest_deploycheck.history.baseline import Baseline, baseline, differing
from pytest_deploycheck.history.compare import (
    BESIDE,
    Finding,
    Side,
    rule,
    side_by_side,
    versions_apart,
    with_earlier,
)
from pytest_deploycheck.history.store import UnreadableRunError, files, folder_of, read
from pytest_deploycheck.model.kept import KeptRun
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.measurement import Measurement
from pytest_deploycheck.report.comparison import Line, render
from pytest_deploycheck.statistics.decision import Ruling

MISTAKE = 4
STATUS = {Ruling.PASSED: 0, Ruling.FAILED: 1, Ruling.UNDECIDED: 2}
"""Exit statuses, those of a run."""

WORDS = {Ruling.PASSED: "NOT WORSE", Ruling.FAILED: "WORSE", Ruling.UNDECIDED: "INCONCLUSIVE"}
LAST = 10
"""Earlier runs that a run is compared with."""

OVERLAP = 0.8
"""The share of their time that two measurements must have in common."""


class MistakeError(Exception):
    """What was asked cannot be compared; the message says why."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison is called, what it found, and why earlier runs were left out.

    `advice`: what could be compared instead, where nothing could.
    """

    title: str
    findings: tuple[Finding, ...]
    left_out: tuple[str, ...] = ()
    advice: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "path", nargs="?", default=".", type=Path, help="a run's file, or the contract's folder"
    )
    parser.add_argument("--env", metavar="NAME", default=os.environ.get(options.ENV.variable))
    parser.add_argument(
        "--baseline",
        nargs="+",
        metavar=("last N | FILE", "FILE"),
        default=["last", str(LAST)],
        help=f"earlier runs: the last N that are comparable (default last {LAST}), or files",
    )
    parser.add_argument(
        "--canary",
        nargs=2,
        metavar=("CANARY", "STABLE"),
        help="two files of runs at the same time, or two versions that answered in one run",
    )
    parser.add_argument(
        "--fail-on",
        choices=["undecided", "regression"],
        default="undecided",
        help="regression: what is not known is no failure (default undecided)",
    )


def compare(parsed: argparse.Namespace) -> int:
    """Compare, print what was found, and return the exit status."""
    try:
        compared = _canary(parsed) if parsed.canary else _earlier(parsed)
    except (MistakeError, UnreadableRunError) as error:
        sys.stderr.write(f"deploycheck: {error}\n")
        return MISTAKE
    ruling = rule(compared.findings)
    lines = (Line(each.scenario, each.what, each.decision) for each in compared.findings)
    told = [
        compared.title,
        *render(lines, compared.left_out),
        f"{WORDS[ruling]}: {_reason(compared, ruling)}",
    ]
    sys.stdout.write("\n".join(told) + "\n")
    advisory = parsed.fail_on == "regression" and ruling is Ruling.UNDECIDED and compared.findings
    return STATUS[Ruling.PASSED] if advisory else STATUS[ruling]


def _reason(compared: Compared, ruling: Ruling) -> str:
    if not compared.findings:
        return f"no load was measured, so there is nothing to compare{compared.advice}"
    told = [each for each in compared.findings if each.decision.ruling is ruling]
    return f"{len(told)} of {many(len(compared.findings), 'comparison')}"


def _earlier(parsed: argparse.Namespace) -> Compared:
    now, folder = _run(parsed.path, parsed.env)
    most, earlier = _baseline(parsed.baseline, folder, now)
    each = [(measured, baseline(now, measured, earlier, most)) for measured in now.measurements]
    findings = chain.from_iterable(with_earlier(measured, found.measurements) for measured, found in each)
    left_out = tuple(_left_out(found for _, found in each))
    return Compared(_title(now), tuple(findings), left_out, "" if each else _with_load(folder, now))


def _with_load(folder: Path, now: KeptRun) -> str:
    """Name the newest run that has load, and how it is compared; it is never taken in silence."""
    for file in reversed(files(folder)):
        run = read(file)
        if run.measurements and run.environment == now.environment:
            return f"; the newest run with load:\n  deploycheck compare {_shown(file)}"
    return f"; no run on {now.environment} in {_shown(folder)} has any"


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _canary(parsed: argparse.Namespace) -> Compared:
    canary, stable = parsed.canary
    if Path(canary).is_file() and Path(stable).is_file():
        one, other = read(Path(canary)), read(Path(stable))
        found = (side_by_side(ours, theirs, BESIDE) for ours, theirs in _concurrent(one, other))
        title = f"{_title(one)}, beside {other.environment}, version {other.version}"
        return Compared(title, tuple(chain.from_iterable(found)))
    now, _ = _run(parsed.path, parsed.env)
    known = sorted({version for each in now.measurements for version in each.versions})
    for version in (canary, stable):
        if version not in known:
            told = f"no reply named the version {version!r}" if known else "no reply named its version"
            raise MistakeError(f"{told}; expected two files of runs, or two of: {', '.join(known) or 'none'}")
    found = (versions_apart(each, canary, stable, BESIDE) for each in now.measurements)
    return Compared(_title(now), tuple(chain.from_iterable(found)))


def _concurrent(one: KeptRun, other: KeptRun) -> Iterator[tuple[Side, Side]]:
    """Pair what both runs have measured under the same conditions at the same time.

    Raises:
        MistakeError: where there is none, or a pair is not.
    """
    for ours in one.measurements:
        theirs = other.measured(ours.name)
        if theirs is None:
            raise MistakeError(f"{other.environment} did not measure {ours.name}")
        if told := differing(ours, theirs):
            raise MistakeError(f"{ours.name} was measured under other conditions: {told}")
        if _overlap(ours, theirs) < OVERLAP:
            raise MistakeError(
                f"{ours.name} was not measured at the same time: two runs at different times differ by "
                "themselves; run both at once, or compare versions that answered in one run"
            )
        yield Side(ours), Side(theirs)


def _overlap(one: Measurement, other: Measurement) -> float:
    common = min(one.ended, other.ended) - max(one.began, other.began)
    return common / max(one.ended - one.began, other.ended - other.began, 1e-9)


def _run(path: Path, environment: str | None) -> tuple[KeptRun, Path]:
    """Return the run that is compared, and the folder of earlier ones: a file's, or the newest's."""
    if path.is_file() and path.suffix == ".json":
        return read(path), path.parent
    contract = nearest(path.resolve())
    folder = folder_of(contract.parent if contract else path)
    runs = [read(file) for file in reversed(files(folder))]
    names = sorted({run.environment for run in runs})
    if environment is None and len(names) > 1:
        raise MistakeError(
            f"runs of several environments in {folder}; expected --env, one of {', '.join(names)}"
        )
    for run in runs:
        if environment in (None, run.environment):
            return run, folder
    raise MistakeError(
        f"no run{f' on {environment}' if environment else ''} in {folder}; pytest keeps each one"
    )


def _baseline(words: Sequence[str], folder: Path, now: KeptRun) -> tuple[int | None, list[KeptRun]]:
    """Return how many earlier runs to take at most, and those there are, the newest first."""
    if words[0] != "last":
        return None, [read(Path(word)) for word in words]
    if len(words) != 2 or not words[1].isdecimal() or not int(words[1]):
        raise MistakeError(f"--baseline {' '.join(words)}: expected last N, such as last {LAST}, or files")
    earlier = (read(file) for file in reversed(files(folder)))
    return int(words[1]), [run for run in earlier if run.at <= now.at and run.run_id != now.run_id]


def _left_out(found: Iterator[Baseline]) -> Iterator[str]:
    """Yield why each run was left out, once for each reason: its scenarios often share one."""
    refused = (each for one in found for each in one.refused)
    return (why for _, why in dict.fromkeys((each.run.run_id, each.why) for each in refused))


def _title(run: KeptRun) -> str:
    return f"{run.system} on {run.environment}, version {run.version}, {run.at:%Y-%m-%d %H:%M:%S} UTC"
