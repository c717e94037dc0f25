"""This run against earlier ones, and a canary against the stable deployment measured at the same time.

The whole of a scenario must pass; of its parts, the single requests, none may fail.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from math import inf

from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.measurement import Block, Measurement
from pytest_deploycheck.statistics.bursts import Count
from pytest_deploycheck.statistics.canary import Tolerance, compare_errors, compare_latency
from pytest_deploycheck.statistics.decision import Decision, Ruling
from pytest_deploycheck.statistics.quantile import Histogram, middle
from pytest_deploycheck.statistics.regression import LEAST_SHOWN, Margin, against_earlier

QUANTILE = 0.95
ALARMS = 0.01
"""How often, at most, a run is called worse for nothing; shared among all that is compared."""

EARLIER = Tolerance(visible=2.0, negligible=0.01)
"""Errors against earlier runs': worse from twice as many on; below 1 %, too few to compare are no matter."""

BESIDE = Tolerance(negligible=0.01)
"""A canary beside the stable one; the contract of neither is known here."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was compared, as thresholds name it, and the decision. `part`: it may fail, and need not pass."""

    scenario: str
    what: str
    decision: Decision
    part: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """One of two that were measured at the same time: a measurement, or the part of it of some versions."""

    measurement: Measurement
    versions: tuple[str, ...] | None = None

    def blocks(self, name: str | None = None) -> tuple[Block, ...]:
        """Its blocks, of one request or of all."""
        return self.measurement.blocks(name=name, versions=self.versions)


def rule(findings: Sequence[Finding]) -> Ruling:
    """Rule on all findings together. None is undecided: what was not compared did not pass."""
    rulings = [each.decision.ruling for each in findings]
    whole = [each.decision.ruling for each in findings if not each.part]
    if Ruling.FAILED in rulings:
        return Ruling.FAILED
    return Ruling.PASSED if whole and set(whole) == {Ruling.PASSED} else Ruling.UNDECIDED


def with_earlier(now: Measurement, earlier: Sequence[Measurement]) -> list[Finding]:
    """Compare a measurement with earlier ones under the same conditions, which differ by ordinary noise."""
    if not now.complete:
        why = Decision(Ruling.UNDECIDED, "not all was measured that was planned", advice="run it again")
        return [Finding(now.name, "all", why)]
    names = _parts(now)
    margin = Margin(confidence=1 - ALARMS / (2 + len(names)))
    return [
        Finding(now.name, f"p({QUANTILE * 100:g})", _latency(now, earlier, None, margin)),
        Finding(now.name, "errors", _errors(now, earlier)),
        *(
            Finding(
                now.name, f"p({QUANTILE * 100:g}){{{name}}}", _latency(now, earlier, name, margin), part=True
            )
            for name in names
        ),
    ]


def side_by_side(canary: Side, stable: Side, tolerance: Tolerance) -> list[Finding]:
    """Compare two that were measured at the same time."""
    scenario = canary.measurement.name
    return [
        Finding(
            scenario, "errors", compare_errors(_count(canary.blocks()), _count(stable.blocks()), tolerance)
        ),
        Finding(scenario, f"p({QUANTILE * 100:g})", _beside(canary, stable, None, tolerance)),
        *(
            Finding(
                scenario,
                f"p({QUANTILE * 100:g}){{{name}}}",
                _beside(canary, stable, name, tolerance),
                part=True,
            )
            for name in _parts(canary.measurement)
        ),
    ]


def versions_apart(measured: Measurement, canary: str, stable: str, tolerance: Tolerance) -> list[Finding]:
    """Compare two versions that answered in one measurement.

    Requests that no version answered (they hung, say) count as the canary's. Where it is worse only with
    them, nobody knows.
    """
    unknown = ""
    found = side_by_side(Side(measured, (canary, unknown)), Side(measured, (stable,)), tolerance)
    if rule(found) is not Ruling.FAILED:
        return found
    without = side_by_side(Side(measured, (canary,)), Side(measured, (stable, unknown)), tolerance)
    return found if rule(without) is Ruling.FAILED else [_doubted(each) for each in found]


def _doubted(finding: Finding) -> Finding:
    if finding.decision.ruling is not Ruling.FAILED:
        return finding
    advice = "only with requests that no version answered"
    return replace(finding, decision=replace(finding.decision, ruling=Ruling.UNDECIDED, advice=advice))


def _parts(measurement: Measurement) -> tuple[str, ...]:
    """The names of its requests, if there are several: one alone is the whole."""
    return measurement.names if len(measurement.names) > 1 else ()


def _count(blocks: Iterable[Block]) -> Count:
    counted = list(blocks)
    return Count(sum(block.failed for block in counted), sum(block.n for block in counted))


def _latency(now: Measurement, earlier: Sequence[Measurement], name: str | None, margin: Margin) -> Decision:
    mine = _percentile(now.blocks(name=name))
    theirs = [_percentile(each.blocks(name=name)) for each in earlier]
    usual = [each for each in theirs if each is not None and each < inf]
    if mine is None:
        return Decision(Ruling.UNDECIDED, "no requests", advice="nothing was measured")
    if mine == inf:
        ruling = Ruling.FAILED if len(usual) >= LEAST_SHOWN else Ruling.UNDECIDED
        return Decision(ruling, f"no answer, {many(len(usual), 'earlier run')} had one")
    return against_earlier(mine, usual, margin)


def _errors(now: Measurement, earlier: Sequence[Measurement]) -> Decision:
    decision = compare_errors(
        _count(now.blocks()), _count(block for each in earlier for block in each.blocks()), EARLIER
    )
    if len(earlier) >= LEAST_SHOWN:
        return decision
    return Decision(Ruling.UNDECIDED, decision.seen, advice=f"judged from {LEAST_SHOWN} earlier runs on")


def _beside(canary: Side, stable: Side, name: str | None, tolerance: Tolerance) -> Decision:
    ours = {block.at: block for block in canary.blocks(name)}
    theirs = {block.at: block for block in stable.blocks(name)}
    times = sorted(ours.keys() | theirs.keys())
    both = [[list(_latencies(filter(None, [side.get(at)]))) for at in times] for side in (ours, theirs)]
    return compare_latency(both[0], both[1], QUANTILE, tolerance)


def _percentile(blocks: Sequence[Block]) -> float | None:
    whole = Histogram()
    for block in blocks:
        whole.merge(Histogram(dict(block.latencies)))
    failed = sum(block.failed for block in blocks)
    return whole.percentile(QUANTILE, unanswered=failed) if whole.n + failed else None


def _latencies(blocks: Iterable[Block]) -> Iterator[float]:
    """Each latency as the middle of its bucket, and infinity for each request that failed."""
    for block in blocks:
        yield from chain.from_iterable(repeat(middle(key), n) for key, n in block.latencies.items())
        yield from repeat(inf, block.failed)
