"""Stress and soak: what holds at which rate, and what gets worse with time."""

from collections.abc import Mapping

import pytest

from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.load import Arrivals, LoadRun, Stage
from pytest_deploycheck.model.loaded import NO_FILES, Ending, Lateness, Loaded, Second, Series, ordered
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import context, declare

STRESS = """
preset: stress
scenario: [GET /a]
arrivals: 100/s
up_to: 300/s
duration: 20s
thresholds: [p(95)<300ms]
"""
SOAK = """
preset: soak
scenario: [GET /a]
arrivals: 20/s
duration: 20m
thresholds: [p(95)<300ms]
"""
RATES = (100, 150, 225, 300)


def check(text: str) -> Check:
    (made,) = declare("load", text, context("load"))
    return made


def loaded(seconds: list[Second], ending: Ending = Ending.COMPLETE, **told: object) -> Loaded:
    series = Series(name="GET /a", seconds=tuple(seconds))
    length = float(len(seconds))
    defaults = {"seconds": length, "planned": length, "arrivals": sum(part.n for part in seconds)}
    return Loaded(series=(series,), ending=ending, **{**defaults, **told})  # type: ignore[arg-type]  # fields by name


def second(at: int, n: int, slow: int, failed: Mapping[str, int] | None = None) -> Second:
    return Second(
        at=at,
        ok=ordered([10_000] * (n - slow) + [400_000] * slow),
        failed={kind: ordered([1_000] * count) for kind, count in (failed or {}).items()},
    )


def stress(*slow: float, **told: object) -> Loaded:
    """A stage for each share of slow requests."""
    seconds = [
        second(stage * 20 + at, RATES[stage], round(RATES[stage] * share))
        for stage, share in enumerate(slow)
        for at in range(20)
    ]
    return loaded(seconds, **told)  # type: ignore[arg-type]  # fields by name


def note(outcome: Outcome) -> str:
    assert isinstance(outcome, Passed), outcome
    return outcome.note


def test_the_knee_is_the_last_rate_that_held() -> None:
    told = note(answer(check(STRESS), stress(0, 0, 0.5)))

    assert told.startswith("p(95)<300ms holds up to 150/s; at 225/s: 400 ms, 2,240 of 4,500 slower or failed")


def test_what_never_broke_says_that_nothing_more_was_tried() -> None:
    told = note(answer(check(STRESS), stress(0, 0, 0, 0)))

    assert told == "p(95)<300ms holds up to 300/s, the last rate that was tried"


def test_a_deployment_that_falls_over_later_held_until_then() -> None:
    fell = stress(0, 0, ending=Ending.BREAKER, why="20 failures in a row: refused")

    assert note(answer(check(STRESS), fell)).endswith(
        "holds up to 150/s; ended: 20 failures in a row: refused"
    )


def test_a_threshold_that_breaks_at_the_declared_rate_has_failed() -> None:
    outcome = answer(check(STRESS), stress(0.5, 0.5))

    assert isinstance(outcome, Failed)
    assert outcome.reason.startswith("p(95)<300ms at 100/s: 400 ms, 1,000 of 2,000 slower or failed")


def test_a_deployment_that_falls_over_at_once_has_failed() -> None:
    seconds = [second(0, 20, 0, {"refused": 20})]
    fell = loaded(seconds, Ending.BREAKER, why="20 failures in a row: refused")

    assert isinstance(answer(check(STRESS), fell), Failed)


@pytest.mark.parametrize(
    "seen",
    [
        stress(0.05),
        loaded([second(at, 100, 0) for at in range(5)], Ending.INTERRUPTED),
        loaded([second(at, 80, 0, {"status 429": 20}) for at in range(20)]),
        loaded([], Ending.BROKEN, why="locust ended with status 1"),
        stress(0, 0, mistakes={"KeyError": 1}),
    ],
    ids=["on the limit", "interrupted", "limited", "nothing", "mistakes"],
)
def test_what_was_not_shown_at_the_declared_rate_is_not_decided(seen: Loaded) -> None:
    assert isinstance(answer(check(STRESS), seen), Inconclusive)


def test_a_sender_out_of_breath_does_not_blame_the_deployment() -> None:
    told = note(answer(check(STRESS), stress(0, 0, 0.5, lateness=Lateness(p99=0.3, cpu=0.98))))

    assert told.endswith("the sender used 98% of a core, so the deployment may bear more")


def test_what_the_sender_used_in_the_last_stage_counts_not_the_mean_of_all() -> None:
    told = note(answer(check(STRESS), stress(0, 0, 0.5, lateness=Lateness(cpu=0.4, peak=0.97))))

    assert told.endswith("the sender used 97% of a core, so the deployment may bear more")


@pytest.mark.parametrize(
    "seen",
    [
        stress(0.5, lateness=Lateness(p99=0.3, cpu=0.98)),
        stress(0.5, lateness=Lateness(p99=0.2, cpu=0.4)),
        loaded(
            [second(at, 100, 50) for at in range(5)], Ending.SATURATED, planned=20.0, why="half went out late"
        ),
        loaded([second(at, 80, 0, {NO_FILES: 20}) for at in range(20)]),
    ],
    ids=["busy", "late", "saturated", "no files"],
)
def test_a_sender_that_cannot_bear_the_first_rate_blames_nobody(seen: Loaded) -> None:
    assert isinstance(answer(check(STRESS), seen), Inconclusive)


def test_a_sender_that_gives_up_later_leaves_open_what_the_deployment_bears() -> None:
    gave_up = stress(0, 0, 0.5, ending=Ending.SATURATED, why="half went out late")

    assert note(answer(check(STRESS), gave_up)).endswith(
        "; the sender could not keep up, so the deployment may bear more"
    )


def test_a_soak_whose_sender_is_late_at_the_end_blames_nobody() -> None:
    late = Lateness(p99=0.2, cpu=0.4)
    seconds = [second(at, 20, 0 if at < 1080 else 6) for at in range(1200)]

    outcome = answer(check(SOAK), loaded(seconds, lateness=late))

    assert isinstance(outcome, Inconclusive)
    assert outcome.reason.startswith("the generator itself was late")


@pytest.mark.parametrize(
    ("preset", "rate", "seconds", "warmup"),
    [("smoke", 10, 10, 1), ("baseline", 10, 60, 5), ("soak", 5, 1200, 10)],
)
def test_a_preset_fills_in_what_the_contract_does_not_say(
    preset: str, rate: float, seconds: float, warmup: float
) -> None:
    text = f"{{preset: {preset}, scenario: [GET /a], thresholds: [p(95)<1s]}}"
    ((run,),) = asked(check(text))
    ((own,),) = asked(check(text.replace("scenario", "arrivals: 30/s, duration: 20s, warmup: 2s, scenario")))

    assert isinstance(run, LoadRun)
    assert isinstance(own, LoadRun)
    assert isinstance(run.model, Arrivals)
    assert (run.model.stages, run.warmup) == ((Stage(rate, seconds),), warmup)
    assert (own.model.seconds, own.warmup) == (20, 2)


def test_a_stress_run_stops_when_a_stage_breaks() -> None:
    ((run,),) = asked(check(STRESS))

    assert isinstance(run, LoadRun)
    assert [stop.ends for stop in run.stops] == [(20, 40, 60, 80)]


def test_what_gets_slower_with_time_fails_by_its_last_quarter() -> None:
    creeping = loaded([second(at, 20, 0 if at < 1080 else 6) for at in range(1200)])

    outcome = answer(check(SOAK), creeping)

    assert isinstance(outcome, Failed)
    assert outcome.reason.startswith("worse with time, in the last quarter: 400 ms, 720 of 6,000")


def test_what_stays_as_it_was_passes_and_says_so() -> None:
    steady = loaded([second(at, 20, 0) for at in range(1200)])

    assert "in the last quarter: 10 ms, 0 of 6,000" in note(answer(check(SOAK), steady))
