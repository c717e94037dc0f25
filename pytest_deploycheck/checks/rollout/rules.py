"""What a canary's part must say before anything is sent: at its stage, enough of the requests must be its."""

from pytest_deploycheck.checks.loading.plan import planned
from pytest_deploycheck.checks.loading.rules import hold_decidable, hold_named
from pytest_deploycheck.checks.rollout.judge import QUANTILE
from pytest_deploycheck.checks.rollout.section import CanarySection
from pytest_deploycheck.model.kind import Loc, Misuse, Misuses
from pytest_deploycheck.model.load import LoadRun
from pytest_deploycheck.model.many import many
from pytest_deploycheck.statistics.binomial import needed
from pytest_deploycheck.statistics.decision import percent
from pytest_deploycheck.statistics.judge import least
from pytest_deploycheck.statistics.thresholds import Metric, Threshold

LEAST_OF_A_BLOCK = 20
"""Requests of which the 95th percentile is not just the slowest."""


def hold_canary(section: CanarySection, run: LoadRun) -> None:
    """Refuse a part that could never decide about its canary.

    Raises:
        Misuse: at the part that is wrong; Misuses, for several thresholds.
    """
    if section.canary_headers:
        _hold_in_turn(section)
    else:
        _hold_together(section)
    if section.consecutive_success_limit > section.count:
        raise Misuse(
            f"{many(section.consecutive_success_limit, 'success', 'successes')} "
            f"of {many(section.count, 'measurement')}",
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


def _hold_together(section: CanarySection) -> None:
    if not (section.version_header and section.canary):
        raise Misuse(
            "nothing tells the canary from the stable version",
            expected="version_header and canary, or canary_headers where requests choose",
        )
    if section.canary == section.stable:
        raise Misuse(
            "the canary and the stable version are the same", at=("stable",), expected="two versions"
        )
    if section.stage is not None and section.stage not in section.stages:
        told = ", ".join(percent(stage) for stage in section.stages)
        raise Misuse(f"{percent(section.stage)} is no stage", at=("stage",), expected=f"one of {told}")


def _hold_in_turn(section: CanarySection) -> None:
    for key in ("version_header", "canary", "stable", "stage", "stages"):
        if key in section.model_fields_set:
            raise Misuse(
                f"{key} and canary_headers", at=(key,), expected="one of them: requests choose by headers"
            )
    if section.canary_headers == section.stable_headers:
        raise Misuse(
            "the same headers choose both",
            at=("stable_headers",),
            expected="headers that choose the stable version",
        )
    if section.locustfile:
        raise Misuse(
            "a locustfile sends headers of its own", at=("canary_headers",), expected="scenario: [GET /path]"
        )


def errors_limits(section: CanarySection) -> list[float]:
    """The shares of errors, above none, that a canary's requests must stay below."""
    thresholds = (limit.threshold for limit in section.thresholds)
    return [t.limit for t in thresholds if t.metric is Metric.ERRORS and t.endpoint is None and t.limit]


def _hold(threshold: Threshold, section: CanarySection, run: LoadRun, number: int) -> None:
    at: Loc = ("thresholds", number)
    if threshold.metric is Metric.RATE:
        raise Misuse(
            f"'{threshold}' is of all requests, and the canary gets a share of them",
            at=at,
            expected="latencies and errors",
        )
    n = planned(run, threshold)
    if section.canary_headers:
        hold_named(run, threshold, at)
        _hold_blocks(threshold, section, n, at)
        return
    confidence = section.confidence_of_each
    hold_decidable(run, threshold, confidence, at)
    enough = max(least(threshold, confidence), needed(1 - QUANTILE, confidence))
    stage = section.stage or min(section.stages)
    if n is not None and n * stage < enough:
        raise Misuse(
            f"'{threshold}' cannot be decided at {percent(stage)}: of {n:,.0f} requests {n * stage:,.0f} are "
            f"the canary's, and it takes at least {enough:,}, all of them good",
            at=at,
            expected=f"at least {enough / stage:,.0f} requests, or a later stage",
        )


def _hold_blocks(threshold: Threshold, section: CanarySection, n: float | None, at: Loc) -> None:
    """Of the canary's blocks together a threshold must be decidable, and of each its percentile."""
    enough = least(threshold, section.confidence_of_each)
    if n is not None and n * section.pairs < enough:
        raise Misuse(
            f"'{threshold}' cannot be decided with {section.pairs} blocks of {n:,.0f} requests: it takes at "
            f"least {enough:,}, all of them good",
            at=at,
            expected="more pairs, or longer blocks",
        )
    if n is not None and n < LEAST_OF_A_BLOCK:
        raise Misuse(
            f"blocks of {n:,.0f} requests",
            expected=f"at least {LEAST_OF_A_BLOCK}, for each block's percentile",
        )
