"""Only runs under the same conditions are a baseline, and why others are not is told."""

from pytest_deploycheck.history.baseline import baseline
from pytest_deploycheck.model.verdict import Verdict
from tests.history.kept import measurement, run

MEASURED = measurement()


def why_not(**conditions: str) -> list[str]:
    found = baseline(run(MEASURED), MEASURED, [run(measurement(conditions=conditions))], 10)
    return [refused.why for refused in found.refused]


def test_a_run_under_the_same_conditions_is_one() -> None:
    found = baseline(run(MEASURED), MEASURED, [run(MEASURED)], 10)

    assert (found.measurements, found.refused) == ((MEASURED,), ())


def test_a_run_is_no_baseline_of_itself() -> None:
    now = run(MEASURED)

    assert [refused.why for refused in baseline(now, MEASURED, [now], 10).refused] == [
        "it is this run itself"
    ]


def test_another_scenario_rate_or_number_of_workers_is_none() -> None:
    assert why_not(rate="100/s") == ["rate: 100/s, not 50/s"]
    assert why_not(scenario="beef", workers="2") == ["scenario: beef, not c0ffee; workers: 2, not 1"]
    assert why_not(think="1s") == ["think: 1s, not none"]


def test_another_target_or_verdict_is_none() -> None:
    others = [
        run(MEASURED, environment="staging"),
        run(MEASURED, verdict=Verdict.NO_GO),
        run(MEASURED, verdict=Verdict.INCONCLUSIVE),
        run(measurement(complete=False)),
        run(),
    ]

    found = baseline(run(MEASURED), MEASURED, others, 10)

    assert found.measurements == ()
    assert [refused.why for refused in found.refused] == [
        "it verified Shop on staging",
        "its verdict is NO-GO",
        "its verdict is INCONCLUSIVE",
        "it was not complete",
        "it did not measure products",
    ]


def test_no_more_are_taken_than_asked_for() -> None:
    assert len(baseline(run(MEASURED), MEASURED, [run(MEASURED)] * 5, 3).measurements) == 3
    assert len(baseline(run(MEASURED), MEASURED, [run(MEASURED)] * 5, None).measurements) == 5
