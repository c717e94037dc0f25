"""The figures as a table, against the aims, and as JSON."""

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from statistics import median, quantiles
from typing import Any

from benchmarks.contenders import CURL, GATE, GATE_AS_CURL, START, Scenario
from benchmarks.measure import Seconds, medians

AIMS = {Scenario(100, 50): 1.3, Scenario(1000, 50): 1.5}
"""The most that a gate should take, as a multiple of pytest's own start and curl's time together."""

START_AIM = 0.030
"""Seconds that a project may lose by having the plugin installed and not using it."""


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was measured, in seconds. `start_costs`: with the plugin less without it, round by round."""

    scenarios: dict[Scenario, Seconds]
    start: Seconds
    start_costs: tuple[float, ...]


def lines(figures: Figures) -> Iterator[str]:
    """The figures as text."""
    yield machine()
    yield from _table(figures)
    yield ""
    yield "pytest's own start is that of one empty test without the plugin; figures are medians."
    for scenario, seconds in figures.scenarios.items():
        yield from _against_floor(scenario, seconds)
    yield _start_line(figures)


def as_json(figures: Figures) -> dict[str, Any]:
    """The figures as JSON values."""
    return {
        "machine": machine(),
        "scenarios": [
            {
                "checks": scenario.count,
                "delay_ms": scenario.delay,
                "seconds": seconds,
                "medians": medians(seconds),
                "ratios": {name: ratio(seconds, name) for name in (GATE_AS_CURL, GATE)},
                "aim": AIMS.get(scenario),
            }
            for scenario, seconds in figures.scenarios.items()
        ],
        "start": {
            "seconds": figures.start,
            "cost": median(figures.start_costs),
            "costs": figures.start_costs,
            "aim": START_AIM,
        },
    }


def ratio(seconds: Seconds, name: str) -> float:
    """The time of a contender, as a multiple of pytest's own start and curl's time together."""
    middle = medians(seconds)
    return middle[name] / (middle[START] + middle[CURL])


def machine() -> str:
    """What was measured on."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("pytest", "httpx", "pytest-xdist"))
    return f"Python {platform.python_version()}, {packages}; {os.cpu_count()} cores, {platform.system()}"


def _table(figures: Figures) -> Iterator[str]:
    yield ""
    yield "| median seconds | " + " | ".join(map(str, figures.scenarios)) + " |"
    yield "|---|" + "---:|" * len(figures.scenarios)
    columns = [medians(seconds) for seconds in figures.scenarios.values()]
    for name in columns[0]:
        yield f"| {name} | " + " | ".join(f"{column[name]:.2f}" for column in columns) + " |"


def _against_floor(scenario: Scenario, seconds: Seconds) -> Iterator[str]:
    aim = AIMS.get(scenario)
    for name in (GATE_AS_CURL, GATE):
        found = ratio(seconds, name)
        told = f", aim {aim}: {'met' if found <= aim else 'missed'}" if aim else ""
        yield f"{scenario}, {name}: {found:.2f} x (pytest's own start + curl){told}"


def _start_line(figures: Figures) -> str:
    cost = median(figures.start_costs)
    low, _, high = quantiles(figures.start_costs, n=4)
    told = "met" if cost < START_AIM else "missed"
    return (
        f"start-up where the plugin is not used: {cost * 1000:+.1f} ms (middle half {low * 1000:+.1f} to "
        f"{high * 1000:+.1f}, {len(figures.start_costs)} pairs), aim {START_AIM * 1000:.0f} ms: {told}"
    )
