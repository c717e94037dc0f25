"""One line about the load run under way, for whoever watches."""

from pytest_deploycheck.model.load import LoadRun
from pytest_deploycheck.model.many import many
from pytest_deploycheck.probes.load.job import Job
from pytest_deploycheck.probes.load.tally import Count, Tally
from pytest_deploycheck.statistics.decision import percent, seconds
from pytest_deploycheck.statistics.quantile import percentile

RECENT = 10
"""Seconds that the percentile and the rate are of."""


def progress(run: LoadRun, job: Job, tally: Tally, count: Count) -> str:
    """Return requests, rate, errors, p95 and the time that is left."""
    if not tally.began:
        waiting = f"{tally.came} of {many(run.workers.expected, 'worker')}" if run.workers else "starting"
        return f"load {run.name}: {waiting}"
    if tally.at < 0:
        return f"load {run.name}: warm-up, {-tally.at:.0f} s left"
    recent = tally.recent(RECENT)
    told = [
        f"{many(count.n, 'request', shown=f'{count.n:,}')}",
        f"{len(recent) / min(RECENT, max(tally.at, 1)):.1f} good/s",
    ]
    told += [f"{percent(count.bad / count.n)} failed"] if count.n else []
    told += [f"p95 {seconds(percentile(recent, 0.95))}"] if recent else []
    return f"load {run.name}: {', '.join([*told, _left(job, tally, count)])}"


def _left(job: Job, tally: Tally, count: Count) -> str:
    if job.seconds is not None:
        return f"{max(job.seconds - tally.at, 0):.0f} s left"
    return f"{max((job.requests or 0) - count.n, 0):,} left"
