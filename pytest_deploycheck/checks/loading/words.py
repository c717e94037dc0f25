"""A load run in a few lines, for people who must act on it."""

from collections.abc import Iterator

from pytest_deploycheck.checks.loading.rates import mean_rate
from pytest_deploycheck.model.loaded import DROPPED, Loaded, Measured
from pytest_deploycheck.model.many import many
from pytest_deploycheck.statistics.decision import Decision
from pytest_deploycheck.statistics.decision import seconds as latency
from pytest_deploycheck.statistics.quantile import percentile
from pytest_deploycheck.statistics.thresholds import Metric, Threshold

QUANTILES = (0.5, 0.95, 0.99)


def shown(threshold: Threshold, decision: Decision, measured: Measured) -> str:
    """Return the decision, and for a percentile what it was."""
    match threshold.metric:
        case Metric.QUANTILE:
            told = decision.told("slower or failed")
            found = measured.latencies()
            return f"{latency(percentile(found, threshold.quantile or 0.5))}, {told}" if found else told
        case Metric.ERRORS:
            return decision.told("failed")
        case _:
            return decision.told()


def circumstances(seen: Loaded) -> str:
    """Return what a run saw, a line each: requests, failures, latencies, the sender's health."""
    return "\n".join(_lines(seen))


def _lines(seen: Loaded) -> Iterator[str]:
    measured = seen.measured()
    rate = f", {mean_rate(seen):.1f} good answers/s" if seen.seconds else ""
    yield f"{_requests(measured.n)} in {seen.seconds:.1f} s{rate}{_ended(seen)}"
    if failures := measured.failed:
        told = ", ".join(f"{count:,} {kind}" for kind, count in failures.most_common(5))
        yield f"failed: {told}"
    if good := measured.latencies():
        yield f"good answers: {_quantiles(good)}"
    for name in sorted({part.name for part in seen.parts}):
        yield _part(name, seen.measured(name))
    if seen.cut:
        yield f"cut off at the end: {seen.cut:,} under way"
    if warm := seen.warmup.n:
        yield f"warm-up, not counted: {_requests(warm)}, {seen.warmup.failed.total():,} failed"
    late = f"{seen.lateness.p99 * 1000:.1f} ms late (p99)"
    yield f"sender: {late}, {seen.lateness.cpu:.0%} of a core{_held(seen)}"


def _requests(n: int) -> str:
    return many(n, "request", shown=f"{n:,}")


def _part(name: str, measured: Measured) -> str:
    """A part of requests: how often it was good, how it failed, and how long it took."""
    told = [f"{measured.ok:,} good", *(f"{n:,} {kind}" for kind, n in measured.failed.most_common(3))]
    good = measured.latencies()
    return f"{name}: {', '.join([*told, *([_quantiles(good)] if good else [])])}"


def _quantiles(ordered: list[float]) -> str:
    told = [f"p{q * 100:g} {latency(percentile(ordered, q))}" for q in QUANTILES]
    return ", ".join([*told, f"slowest {latency(ordered[-1])}"])


def _ended(seen: Loaded) -> str:
    return f" ({seen.ending.value})" if seen.ending.value != "complete" else ""


def _held(seen: Loaded) -> str:
    held = f", {seen.lateness.throttled:,} held back by the cap" if seen.lateness.throttled else ""
    dropped = seen.measured().failed[DROPPED]
    return f"{held}, {dropped:,} not sent: too many under way" if dropped else held
