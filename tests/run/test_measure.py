"""A load run is kept as blocks of ten seconds, with what must be the same for a comparison."""

from array import array
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_deploycheck.checks.loading.plan import CLOSED_RATE
from pytest_deploycheck.model.load import Arrivals, LoadRequest, LoadRun, Stage, Users
from pytest_deploycheck.model.loaded import NO_FILES, Ending, Lateness, Loaded, Second, Series
from pytest_deploycheck.run.measure import USUAL_RATE, measurement
from tests.history.kept import CONDITIONS

RUN = LoadRun(
    name="products",
    scenario=(LoadRequest(method="GET", target="/products"),),
    model=Arrivals(stages=(Stage(2, 20),), in_flight=20),
    most=100,
)
SEEN = Loaded(
    series=(
        Series(
            name="GET /products",
            version="v1",
            seconds=(
                Second(at=-1, ok=array("I", [1])),
                Second(at=0, ok=array("I", [20_000, 20_001]), failed={"deadline": array("I", [7])}),
                Second(at=9, ok=array("I", [40_000])),
                Second(at=10, ok=array("I", [40_000])),
            ),
        ),
    ),
    ending=Ending.COMPLETE,
    seconds=20.0,
)


def test_its_seconds_become_blocks_and_the_warm_up_is_left_out() -> None:
    kept = measurement(RUN, SEEN, 1000.0)

    (group,) = kept.groups
    assert (kept.began, kept.ended, kept.complete) == (980.0, 1000.0, True)
    assert (group.name, group.version) == ("GET /products", "v1")
    assert [
        (block.at, block.n, block.failed, sorted(block.latencies.values())) for block in group.blocks
    ] == [
        (0, 4, 1, [1, 2]),
        (1, 1, 0, [1]),
    ]


def test_a_run_for_which_the_sender_had_no_sockets_is_not_complete() -> None:
    (series,) = SEEN.series
    scarce = Second(at=11, failed={NO_FILES: array("I", [7])})
    seen = replace(SEEN, series=(replace(series, seconds=(*series.seconds, scarce)),))

    assert not measurement(RUN, seen, 0.0).complete


def conditions(**changed: object) -> dict[str, str]:
    return dict(measurement(replace(RUN, **changed), SEEN, 0.0).conditions)  # type: ignore[arg-type]  # fields by name


def test_the_conditions_name_what_was_sent_and_how() -> None:
    told = conditions()

    assert len(told.pop("scenario")) == 12
    assert told == {"load": "2/s for 20 s", "warm-up": "0 s", "deadline": "10 s", "generators": "1"}
    assert conditions(model=Users(users=3, spawn_rate=3, requests=9))["load"] == "9 requests by 3 users"
    assert conditions(model=Users(users=3, spawn_rate=3, seconds=60))["load"] == "3 users for 60 s"


def test_what_else_makes_a_difference_to_users_is_named_unless_it_is_usual() -> None:
    usual = Users(users=9, spawn_rate=9, seconds=60)
    counted = Users(users=9, spawn_rate=9, requests=900)

    def beyond(model: Users, **changed: object) -> dict[str, str]:
        told = conditions(model=model, **changed)
        return {name: value for name, value in told.items() if name not in CONDITIONS}

    assert conditions(model=usual, most_rate=500.0).keys() == CONDITIONS.keys()
    assert beyond(replace(usual, think=(1, 1))) == {"think": "1s"}
    assert beyond(replace(usual, think=(0.5, 3), spawn_rate=4.5)) == {
        "think": "0.5s..3s",
        "spawn_rate": "4.5/s",
    }
    assert beyond(usual, most_rate=100.0) == {"max_rate": "100/s"}
    assert beyond(usual, keeps_row=True) == {"data_per": "user"}
    assert beyond(counted) == beyond(counted, most_rate=500.0, warmup=1.0) == {}
    assert beyond(counted, most_rate=500.0) == {"max_rate": "500/s"}


def test_the_usual_cap_on_the_rate_is_the_one_that_contracts_are_given() -> None:
    assert USUAL_RATE == CLOSED_RATE


def test_another_scenario_has_another_fingerprint(tmp_path: Path) -> None:
    file = tmp_path / "locustfile.py"
    file.write_text("one")
    one = conditions(scenario=file)["scenario"]
    file.write_text("two")

    prints = {one, conditions(scenario=file)["scenario"], conditions()["scenario"]}
    prints.add(conditions(scenario=(LoadRequest(method="GET", target="/orders"),))["scenario"])

    assert len(prints) == 4
    assert conditions()["scenario"] == conditions(name="other")["scenario"]


@pytest.mark.parametrize(
    "changed",
    [
        {"ending": Ending.INTERRUPTED},
        {"ending": Ending.BREAKER},
        {"mistakes": {"KeyError": 1}},
        {"lateness": Lateness(p99=0.5, cpu=0.98)},
    ],
)
def test_what_was_cut_short_or_sent_too_late_is_not_complete(changed: dict[str, object]) -> None:
    assert not measurement(RUN, replace(SEEN, **changed), 0.0).complete  # type: ignore[arg-type]  # fields by name
