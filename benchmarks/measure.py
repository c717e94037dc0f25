"""Runs whole processes side by side: round after round, each contender once in every round."""

import os
import random
import subprocess
import time
from collections.abc import Callable, Sequence
from statistics import median

from benchmarks.contenders import Contender

Seconds = dict[str, list[float]]
"""The times of each contender, by name, in the order of the rounds."""

_NOT_PASSED_ON = ("DEPLOYCHECK_", "PYTEST_", "PYTHONDONTWRITEBYTECODE", "COV_")


class WrongRunError(Exception):
    """A run did not do what is measured; its time says nothing."""


def measure(
    contenders: Sequence[Contender], *, rounds: int, patience: float, answered: Callable[[], int]
) -> Seconds:
    """Time `contenders` for so many `rounds`; one that has used up its `patience` in seconds is left out.

    They take turns in an order that changes from round to round, so that whatever else the machine does
    falls on all of them. `answered` tells how many requests the server answered since it was asked last.

    Raises:
        WrongRunError: if a run failed, or sent too much or too little.
    """
    seconds: Seconds = {contender.name: [] for contender in contenders}
    shuffled = random.Random(0)  # noqa: S311 - an order, not a secret
    answered()
    for _ in range(rounds):
        for contender in shuffled.sample(contenders, len(contenders)):
            if sum(seconds[contender.name]) < patience:
                seconds[contender.name].append(_time(contender, answered))
    return seconds


def medians(seconds: Seconds) -> dict[str, float]:
    """The median of each contender."""
    return {name: median(times) for name, times in seconds.items()}


def _time(contender: Contender, answered: Callable[[], int]) -> float:
    began = time.perf_counter()
    run = subprocess.run(
        contender.command,
        cwd=contender.folder,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.perf_counter() - began
    count = answered()
    if run.returncode != 0 or not contender.right(run.stdout) or count != contender.requests:
        told = (run.stdout + run.stderr)[-2000:]
        raise WrongRunError(
            f"{contender.name}: exit status {run.returncode}, {count} requests where {contender.requests} "
            f"were to be sent:\n{told}"
        )
    return took


def _environment() -> dict[str, str]:
    """The environment of a run: nothing in it that changes what pytest or a client does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED_ON)}
    return kept | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
