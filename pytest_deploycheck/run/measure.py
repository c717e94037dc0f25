"""A load run as it is kept: counts and histograms instead of every latency."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from pytest_deploycheck.model.load import Arrivals, LoadRun, Users
from pytest_deploycheck.model.loaded import EXHAUSTED, Ending, Loaded, Second, Series
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.measurement import WIDTH, Block, Group, Measurement, merged
from pytest_deploycheck.statistics.quantile import Histogram

BUSY, LATE = 0.9, 0.010
"""Of a core, and seconds: a generator that is as busy and as late is what was measured."""

USUAL_RATE = 500.0
"""The cap on the rate of closed users, per second, if the contract says nothing (`checks.loading.plan`)."""


def measurement(run: LoadRun, seen: Loaded, ended: float) -> Measurement:
    """Return what `run` has measured; `ended` is when, in seconds since 1970."""
    return Measurement(
        name=run.name,
        began=ended - seen.seconds,
        ended=ended,
        conditions={
            "scenario": _fingerprint(run),
            "load": _load(run.model),
            "warm-up": f"{run.warmup:g} s",
            "deadline": f"{run.deadline:g} s",
            "generators": str(run.generators),
            **dict(_unusual(run)),
        },
        complete=seen.ending is Ending.COMPLETE and not seen.mistakes and _able(seen),
        groups=tuple(_group(series) for series in seen.series if any(s.at >= 0 for s in series.seconds)),
    )


def _fingerprint(run: LoadRun) -> str:
    """Twelve digits that are the same for the same requests, and tell nothing of them."""
    told = run.scenario.read_bytes() if isinstance(run.scenario, Path) else repr(run.scenario).encode()
    return sha256(told + repr((run.data, run.identities)).encode()).hexdigest()[:12]


def _load(model: Arrivals | Users) -> str:
    match model:
        case Arrivals(stages=stages):
            return ", ".join(f"{stage.rate:g}/s for {stage.seconds:g} s" for stage in stages)
        case Users(users=users, requests=int(requests)):
            return f"{many(requests, 'request')} by {many(users, 'user')}"
        case Users(users=users, seconds=seconds):
            return f"{many(users, 'user')} for {seconds:g} s"


def _unusual(run: LoadRun) -> Iterator[tuple[str, str]]:
    """Yield what else makes a difference to users, in the contract's words.

    What is usual is left out, so that runs that were kept before are comparable.
    """
    if not isinstance(run.model, Users):
        return
    shortest, longest = run.model.think
    if longest:
        yield "think", f"{shortest:g}s" if shortest == longest else f"{shortest:g}s..{longest:g}s"
    if run.model.spawn_rate != run.model.users:
        yield "spawn_rate", f"{run.model.spawn_rate:g}/s"
    usual = None if run.model.requests and not run.warmup else USUAL_RATE
    if run.most_rate not in (None, usual):
        yield "max_rate", f"{run.most_rate:g}/s"
    if run.keeps_row:
        yield "data_per", "user"


def _able(seen: Loaded) -> bool:
    """Whether the sender did what it should: it was in time, and had all that sending takes."""
    in_time = seen.lateness.cpu < BUSY or seen.lateness.p99 <= LATE
    return in_time and EXHAUSTED.keys().isdisjoint(seen.measured().failed)


def _group(series: Series) -> Group:
    measured = (second for second in series.seconds if second.at >= 0)
    return Group(name=series.name, version=series.version, blocks=tuple(merged(_blocks(measured))))


def _blocks(seconds: Iterable[Second]) -> Iterator[Block]:
    for second in seconds:
        latencies = Histogram.of(micros / 1e6 for micros in second.ok)
        yield Block(second.at // WIDTH, second.n, second.n - len(second.ok), latencies.counts)
