"""Only runs under the same conditions are a baseline, and why others are not is told."""

from dataclasses import replace

import pytest

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


def test_another_run_of_the_same_deploy_is_none() -> None:
    now, again, before = run(MEASURED), run(MEASURED), run(MEASURED)

    found = baseline(now, MEASURED, [replace(again, version=now.version), before], 10)

    assert found.measurements == (MEASURED,)
    assert [refused.why for refused in found.refused] == [f"it is another run of version {now.version}"]


@pytest.mark.parametrize("version", ["", "not declared", "not proven"])
def test_runs_that_know_no_version_are_not_taken_for_one_deploy(version: str) -> None:
    now, before = (replace(run(MEASURED), version=version) for _ in range(2))

    assert baseline(now, MEASURED, [before], 10).measurements == (MEASURED,)


def test_another_scenario_load_or_number_of_generators_is_none() -> None:
    assert why_not(load="100/s for 60 s") == ["load: 100/s for 60 s, not 50/s for 60 s"]
    assert why_not(scenario="beef", generators="2") == ["generators: 2, not 1; scenario: beef, not c0ffee"]
    assert why_not(think="1s", max_rate="9/s") == ["max_rate: 9/s, not none; think: 1s, not none"]


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
