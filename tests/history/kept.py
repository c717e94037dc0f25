"""Runs as a test needs them: a scenario whose latencies and failures are told in a line."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count

from pytest_deploycheck.model.kept import KeptRun
from pytest_deploycheck.model.measurement import Block, Group, Measurement
from pytest_deploycheck.model.verdict import Verdict
from pytest_deploycheck.statistics.quantile import Histogram

BEGAN = datetime(2026, 11, 21, 12, tzinfo=UTC)
CONDITIONS = {
    "scenario": "c0ffee",
    "load": "50/s for 60 s",
    "warm-up": "0 s",
    "deadline": "10 s",
    "generators": "1",
}
"""By the names that `run.measure` gives them."""
_NUMBERS = count(1)


def group(
    name: str = "GET /products", *, p95: float = 0.1, failed: int = 0, n: int = 600, version: str = ""
) -> Group:
    """Return six blocks of `n` requests in all, of which one in ten is as slow as `p95` seconds."""
    each = n // 6
    good = [each - failed // 6] * 6
    blocks = (
        Block(
            at, each, each - ok, Histogram.of([p95 / 2] * (ok * 9 // 10) + [p95] * (ok - ok * 9 // 10)).counts
        )
        for at, ok in enumerate(good)
    )
    return Group(name=name, version=version, blocks=tuple(blocks))


def measurement(
    *groups: Group, name: str = "products", complete: bool = True, conditions: Mapping[str, str] = CONDITIONS
) -> Measurement:
    """Return a measurement of a minute."""
    return Measurement(
        name=name,
        began=BEGAN.timestamp(),
        ended=BEGAN.timestamp() + 60,
        conditions={**CONDITIONS, **conditions},
        complete=complete,
        groups=groups or (group(),),
    )


def run(*measurements: Measurement, verdict: Verdict = Verdict.GO, environment: str = "prod") -> KeptRun:
    """Return a run, a minute after the one that was made before."""
    number = next(_NUMBERS)
    return KeptRun(
        run_id=f"20261121T120000-{number:06x}",
        at=BEGAN + timedelta(minutes=number),
        system="Shop",
        environment=environment,
        base_url="https://shop.test",
        version=f"v{number}",
        verdict=verdict,
        seconds=61.5,
        measurements=measurements,
    )
