"""python -m benchmarks database: measures, prints, and writes figures."""

import argparse
import json
import os
import platform
import random
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.database.contenders import (
    AT_ONCE,
    CONTENDERS,
    DRIFT,
    IN_TURN,
    JUDGE,
    PROOF,
    SINGLE,
    SNAPSHOT,
    Reached,
    relayed,
)
from benchmarks.database.generated import INDEXES, generated
from benchmarks.measure import Seconds, WrongRunError, medians

AIMS = (
    (SNAPSHOT, AT_ONCE, 1.5),
    (SNAPSHOT, IN_TURN, 1.5),
    (SNAPSHOT, SINGLE, None),
    (JUDGE, SNAPSHOT, 1.0),
    (DRIFT, SNAPSHOT, None),
)
"""One contender, another, and the most that the first should take as a multiple of the second."""

PROOF_AIM = 3.0
"""Seconds, behind a round trip of 50 ms."""

ONCE = frozenset({SINGLE})
"""What takes long, and is measured in the first round only."""


def main(arguments: Sequence[str]) -> int:
    """Measure and print; return 1 if something did not do what was to be measured, never for being slow."""
    options = _options(arguments)
    figures: dict[int, Seconds] = {}
    try:
        _say(f"making {options.tables} tables")
        with generated(options.tables) as server:
            for delay in options.delays:
                with relayed(server.port, delay) as port:
                    _say(f"at {delay} ms a round trip, {options.rounds} rounds")
                    figures[delay] = _measured(Reached(server, port, options.tables), options.rounds)
    except WrongRunError as error:
        _say(str(error))
        return 1
    print("\n".join(lines(figures, options.tables)))
    if options.json:
        told = {"tables": options.tables, "seconds": {str(delay): each for delay, each in figures.items()}}
        options.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return 0


def lines(figures: dict[int, Seconds], tables: int) -> Iterator[str]:
    """The figures as a table, and as ratios of one run against the aims."""
    yield (
        f"{tables} tables, {tables * INDEXES} indexes; Python {platform.python_version()}, "
        f"psycopg {version('psycopg')}; {os.cpu_count()} cores, {platform.system()}; medians"
    )
    yield ""
    yield "| seconds | " + " | ".join(f"{delay} ms a round trip" for delay in figures) + " |"
    yield "|---|" + "---:|" * len(figures)
    columns = [medians(seconds) for seconds in figures.values()]
    for name in CONTENDERS:
        yield f"| {name} | " + " | ".join(f"{column[name]:.3f}" for column in columns) + " |"
    yield ""
    for delay, seconds in figures.items():
        for one, other, aim in AIMS:
            yield f"{delay} ms: {one}: {_against(ratio(seconds, one, other), aim)} ({other})"
    if 50 in figures:
        took = median(figures[50][PROOF])
        yield f"50 ms: {PROOF}: {took:.1f} s, aim {PROOF_AIM:g} s: {'met' if took <= PROOF_AIM else 'missed'}"


def ratio(seconds: Seconds, one: str, other: str) -> float:
    """The median of the ratios round by round: what else the machine did fell on both."""
    return median(a / b for a, b in zip(seconds[one], seconds[other], strict=False))


def _against(found: float, aim: float | None) -> str:
    return f"{found:.3g} x" + (f", aim {aim:g}: {'met' if found <= aim else 'missed'}" if aim else "")


def _measured(reached: Reached, rounds: int) -> Seconds:
    seconds: Seconds = {name: [] for name in CONTENDERS}
    shuffled = random.Random(0)  # noqa: S311 - an order, not a secret
    for number in range(rounds):
        for name in shuffled.sample(list(CONTENDERS), len(CONTENDERS)):
            if not number or name not in ONCE:
                seconds[name].append(CONTENDERS[name](reached))
    return seconds


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks database", description=__doc__)
    parser.add_argument("--tables", type=int, default=500, help=f"with {INDEXES} indexes each")
    parser.add_argument("--delays", type=int, nargs="+", default=[0, 50], help="milliseconds of a round trip")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    return parser.parse_args(arguments)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
