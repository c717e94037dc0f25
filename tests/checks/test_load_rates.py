"""Good answers per second are counted when they come: who answers late doesn't keep up."""

import pytest

from pytest_deploycheck.checks.loading.rates import mean_rate, rates
from pytest_deploycheck.model.loaded import Ending, Loaded, Measured, Second, Series, ordered
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.testing import answer
from tests.checks.contracts import context, declare

OFFERED = 50
SECONDS = 60


def served(capacity: float, latency: float = 0.01) -> tuple[Second, ...]:
    """What comes of 50 arrivals a second where so many can be answered, `latency` seconds after it began."""
    behind = OFFERED / capacity - 1
    return tuple(
        Second(
            at=at,
            ok=ordered(
                round(1e6 * (latency + max(0.0, behind * (at + turn / OFFERED)))) for turn in range(OFFERED)
            ),
        )
        for at in range(SECONDS)
    )


def run(parts: tuple[Second, ...]) -> Loaded:
    series = (Series(name="GET /api/products", seconds=parts),)
    return Loaded(
        series=series, ending=Ending.COMPLETE, planned=60.0, seconds=60.0, arrivals=OFFERED * SECONDS
    )


@pytest.mark.parametrize("latency", [0.01, 0.4, 3.0])
def test_who_keeps_up_has_the_rate_that_was_sent_however_long_an_answer_takes(latency: float) -> None:
    parts = served(OFFERED, latency)

    assert rates(Measured(parts), 10, SECONDS) == [50.0] * 6
    assert mean_rate(run(parts)) == 50.0


@pytest.mark.parametrize("capacity", [25, 40, 48])
def test_who_falls_behind_has_the_rate_of_what_was_answered_in_time(capacity: float) -> None:
    parts = served(capacity)

    assert mean_rate(run(parts)) == pytest.approx(capacity, abs=0.5)
    assert rates(Measured(parts), 10, SECONDS)[1:] == pytest.approx([capacity] * 5, rel=0.05)


def test_second_without_an_answer_have_none() -> None:
    parts = (Second(at=0, ok=ordered([5_000] * 8)), Second(at=2))

    assert rates(Measured(parts), 1, 4) == [8.0, 0.0, 0.0, 0.0]
    assert rates(Measured(()), 1, 2) == [0.0, 0.0]


@pytest.mark.parametrize(
    ("capacity", "threshold", "outcome"),
    [
        (50, "rate>=50/s", Passed),
        (40, "rate>=50/s", Failed),
        (47, "rate>=49/s", Failed),
        (47, "rate>=45/s", Passed),
        (47, "rate>=47/s", Inconclusive),
    ],
)
def test_a_deployment_that_cannot_sustain_a_rate_does_not_pass_for_having_answered_all_in_the_end(
    capacity: float, threshold: str, outcome: type
) -> None:
    text = "{scenario: [GET /api/products], arrivals: 50/s, duration: 60s, thresholds: ['" + threshold + "']}"
    (check,) = declare("load", text, context("load"))

    assert isinstance(answer(check, run(served(capacity))), outcome)
