"""What a canary's part must say before anything is sent: at its stage, enough of the requests must be its."""

from pytest_deploycheck.checks.loading.plan import planned
from pytest_deploycheck.checks.loading.rules import hold_decidable
from pytest_deploycheck.checks.rollout.judge import QUANTILE
from pytest_deploycheck.checks.rollout.section import CanarySection
from pytest_deploycheck.model.kind import Misuse, Misuses
from pytest_deploycheck.model.load import LoadRun
from pytest_deploycheck.statistics.binomial import needed
from pytest_deploycheck.statistics.decision import percent
from pytest_deploycheck.statistics.judge import least
from pytest_deploycheck.statistics.thresholds import Metric, Threshold


def hold_canary(section: CanarySection, run: LoadRun) -> None:
    """Refuse a part that could never decide about its canary.

    Raises:
        Misuse: at the part that is wrong; Misuses, for several thresholds.
    """
    if section.canary == section.stable:
        raise Misuse(
            "the canary and the stable version are the same", at=("stable",), expected="two versions"
        )
    stages = section.stages
    if section.stage is not None and section.stage not in stages:
        told = ", ".join(percent(stage) for stage in stages)
        raise Misuse(f"{percent(section.stage)} is no stage", at=("stage",), expected=f"one of {told}")
    if section.consecutive_success_limit > section.count:
        raise Misuse(
            f"{section.consecutive_success_limit} successes of {section.count} measurements",
            at=("consecutive_success_limit",),
            expected="a higher count",
        )
    if not errors_limits(section):
        raise Misuse(
            "no limit on the share of errors",
            at=("thresholds",),
            expected="such as errors<1%: where nothing fails, it is all that errors can be held to",
        )
    found: list[Misuse] = []
    for number, limit in enumerate(section.thresholds):
        try:
            _hold(limit.threshold, section, run, number)
        except Misuse as misuse:
            found.append(misuse)
    if found:
        raise found[0] if len(found) == 1 else Misuses(found)


def errors_limits(section: CanarySection) -> list[float]:
    """The shares of errors, above none, that a canary's requests must stay below."""
    thresholds = (limit.threshold for limit in section.thresholds)
    return [t.limit for t in thresholds if t.metric is Metric.ERRORS and t.endpoint is None and t.limit]


def _hold(threshold: Threshold, section: CanarySection, run: LoadRun, number: int) -> None:
    at = ("thresholds", number)
    if threshold.metric is Metric.RATE:
        raise Misuse(
            f"'{threshold}' is of all requests, and the canary gets a share of them",
            at=at,
            expected="latencies and errors",
        )
    hold_decidable(run, threshold, section.confidence, at)
    n = planned(run, threshold)
    stage = section.stage or min(section.stages)
    enough = max(least(threshold, section.confidence), needed(1 - QUANTILE, section.confidence))
    if n is not None and n * stage < enough:
        raise Misuse(
            f"'{threshold}' cannot be decided at {percent(stage)}: of {n:,.0f} requests {n * stage:,.0f} are "
            f"the canary's, and it takes at least {enough:,}, all of them good",
            at=at,
            expected=f"at least {enough / stage:,.0f} requests, or a later stage",
        )
