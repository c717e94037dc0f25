"""A load run as short text: what was asked, and request by name what came back."""

from collections.abc import Iterator
from pathlib import Path

from pytest_deploycheck.model.load import Arrivals, LoadRun, Users
from pytest_deploycheck.model.loaded import Loaded, Measured
from pytest_deploycheck.model.many import many
from pytest_deploycheck.statistics.decision import seconds
from pytest_deploycheck.statistics.quantile import percentile

SHOWN = 8
"""Names of requests that are shown."""


def load_asked(run: LoadRun) -> str:
    """What was asked: how much, for how long, of what."""
    what = run.scenario.name if isinstance(run.scenario, Path) else _requests(run)
    return f"{_model(run.model)}{f' after {run.warmup:g} s of warm-up' if run.warmup else ''}: {what}"


def load_got(seen: Loaded) -> str:
    """What came back: how it ended, and a line for each name."""
    return "\n".join([f"{seen.ending.value}{f': {seen.why}' if seen.why else ''}", *_lines(seen)])


def _requests(run: LoadRun) -> str:
    names = [request.name for request in run.scenario] if isinstance(run.scenario, tuple) else []
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _model(model: Arrivals | Users) -> str:
    match model:
        case Arrivals(stages=stages):
            rates = " → ".join(f"{stage.rate:g}" for stage in stages)
            return f"{rates} arrivals/s for {model.seconds:g} s"
        case Users(users=users, requests=int(requests)):
            return f"{many(requests, 'request')} by {many(users, 'user')}"
        case Users(users=users, seconds=length):
            return f"{many(users, 'user')} for {length:g} s"


def _lines(seen: Loaded) -> Iterator[str]:
    names = seen.names
    for name in names[:SHOWN]:
        yield _line(name, seen.measured(name))
    if len(names) > SHOWN:
        yield f"and {many(len(names) - SHOWN, 'more name')}"


def _line(name: str, measured: Measured) -> str:
    good = measured.latencies()
    told = (
        [f"p{q * 100:g} {seconds(percentile(good, q))}" for q in (0.5, 0.95, 0.99)]
        if good
        else ["no good answer"]
    )
    failures = [f"{count} {kind}" for kind, count in measured.failed.most_common(3)]
    return f"{name}: {many(measured.n, 'request')}, {', '.join([*told, *failures])}"
