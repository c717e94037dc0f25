"""The whole of a scenario must pass, and none of its requests may fail."""

import pytest

from pytest_deploycheck.history.compare import rule, versions_apart, with_earlier
from pytest_deploycheck.model.measurement import Measurement
from pytest_deploycheck.statistics.canary import Tolerance
from pytest_deploycheck.statistics.decision import Ruling
from tests.history.kept import group, measurement

PASSED, FAILED, UNDECIDED = Ruling.PASSED, Ruling.FAILED, Ruling.UNDECIDED
SIX = [measurement(group(p95=0.1 + 0.001 * number)) for number in range(6)]
TWO_NAMES = [
    measurement(group(p95=0.1 + 0.001 * number), group("GET /orders", p95=0.05, n=60)) for number in range(6)
]


def against(now: Measurement, earlier: list[Measurement]) -> Ruling:
    return rule(with_earlier(now, earlier))


def test_as_fast_as_ever_passes_and_much_slower_fails() -> None:
    assert against(measurement(group(p95=0.1)), SIX) is PASSED
    assert against(measurement(group(p95=0.2)), SIX) is FAILED


def test_few_earlier_runs_pass_nothing() -> None:
    assert against(measurement(), []) is UNDECIDED
    assert against(measurement(), SIX[:2]) is UNDECIDED
    assert against(measurement(), SIX[:4]) is UNDECIDED
    assert against(measurement(group(p95=0.2)), SIX[:4]) is FAILED
    assert against(measurement(group(p95=0.2, failed=60)), SIX[:2]) is UNDECIDED


def test_many_more_errors_fail_though_those_that_answer_are_fast() -> None:
    found = with_earlier(measurement(group(failed=24)), SIX)

    assert [(each.what, each.decision.ruling) for each in found] == [("p(95)", PASSED), ("errors", FAILED)]


def test_a_run_that_no_longer_answers_fails() -> None:
    assert with_earlier(measurement(group(failed=600)), SIX)[0].decision.told() == (
        "no answer, 6 earlier runs had one"
    )
    assert against(measurement(group(failed=600)), SIX) is FAILED
    assert against(measurement(group(failed=600)), SIX[:1]) is UNDECIDED


def test_one_request_that_has_become_slow_fails_the_whole() -> None:
    slow = measurement(group(), group("GET /orders", p95=0.2, n=60))

    found = with_earlier(slow, TWO_NAMES)

    assert [each.what for each in found if each.decision.ruling is FAILED] == ["p(95){GET /orders}"]
    assert rule(found) is FAILED


def test_what_was_not_complete_or_not_compared_is_undecided() -> None:
    assert against(measurement(complete=False), SIX) is UNDECIDED
    assert rule([]) is UNDECIDED
    assert against(measurement(group(n=0)), SIX) is UNDECIDED


def test_two_versions_that_answered_in_one_run_are_compared() -> None:
    now = measurement(group(version="old", n=3000, failed=30), group(version="new", n=3000, failed=30))
    slow = measurement(group(version="old", n=3000), group(version="new", n=3000, p95=0.2))

    def ruling(measured: Measurement) -> Ruling:
        return rule(versions_apart(measured, "new", "old", Tolerance(negligible=0.01)))

    assert ruling(now) is PASSED
    assert ruling(slow) is FAILED


def test_a_version_that_did_not_answer_is_not_as_good() -> None:
    now = measurement(group(version="old", n=3000))

    found = versions_apart(now, "new", "old", Tolerance(negligible=0.01))

    assert rule(found) is UNDECIDED
    assert {each.decision.advice for each in found} == {"nothing was measured of one of them"}


@pytest.mark.parametrize(("failed", "ruling"), [(0, PASSED), (300, FAILED)])
def test_a_canary_that_takes_a_tenth_of_the_requests_is_seen(failed: int, ruling: Ruling) -> None:
    now = measurement(group(version="old", n=9000), group(version="new", n=1200, failed=failed))

    assert rule(versions_apart(now, "new", "old", Tolerance(negligible=0.01))) is ruling


@pytest.mark.parametrize(("failed", "ruling"), [(0, UNDECIDED), (120, FAILED)])
def test_requests_that_no_version_answered_condemn_the_canary_only_if_it_is_bad_without_them(
    failed: int, ruling: Ruling
) -> None:
    hung = group(version="", n=120, failed=120)
    now = measurement(group(version="old", n=9000), group(version="new", n=1200, failed=failed), hung)

    found = versions_apart(now, "new", "old", Tolerance(negligible=0.01))

    assert rule(found) is ruling
    assert (found[0].decision.advice == "only with requests that no version answered") is (failed == 0)
