"""What a load run shows, from what it has seen: no server, no locust."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_deploycheck.checks.load import short
from pytest_deploycheck.model.budget import Budget
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.evidence import Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.load import Arrivals, LoadRun, Users
from pytest_deploycheck.model.loaded import (
    NO_BUFFERS,
    NO_FILES,
    NO_PORTS,
    Ending,
    Lateness,
    Loaded,
    Second,
    Series,
    ordered,
)
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import context, declare

STEADY = """
scenario: [GET /api/products]
arrivals: 20/s
duration: 60s
thresholds: [{threshold}]
"""


def check(threshold: str, text: str = STEADY) -> Check:
    (made,) = declare("load", text.replace("{threshold}", threshold), context("load"))
    return made


def seen(good: int = 1200, *, slow: int = 0, failed: Mapping[str, int] | None = None, **told: Any) -> Loaded:  # noqa: ANN401 - fields of Loaded
    """A run of 60 s: requests of 10 ms, slow ones of 400 ms, and failed ones, each spread evenly."""
    parts = [
        Second(
            at=at,
            ok=ordered([10_000] * _share(good - slow, at) + [400_000] * _share(slow, at)),
            failed={
                kind: ordered([5_000] * _share(n, at)) for kind, n in (failed or {}).items() if _share(n, at)
            },
        )
        for at in range(60)
    ]
    defaults = {"ending": Ending.COMPLETE, "planned": 60.0, "seconds": 60.0, "arrivals": 1200}
    return Loaded(series=(Series(name="GET /api/products", seconds=tuple(parts)),), **{**defaults, **told})


def _share(number: int, at: int) -> int:
    return number // 60 + (at < number % 60)


def reason(outcome: Outcome) -> str:
    assert isinstance(outcome, Failed | Inconclusive), outcome
    return outcome.reason


@pytest.mark.parametrize(
    ("threshold", "slow", "failures", "outcome"),
    [
        ("p(95)<300ms", 20, {}, Passed),
        ("p(95)<300ms", 60, {}, Inconclusive),
        ("p(95)<300ms", 120, {}, Failed),
        ("p(95)<300ms", 0, {"deadline": 120}, Failed),
        ("p(95)<300ms", 0, {"dropped": 120}, Failed),
        ("errors<1%", 1200, {}, Passed),
        ("errors<1%", 0, {"status 500": 12}, Inconclusive),
        ("errors<1%", 0, {"status 500": 30}, Failed),
        ("errors<=0", 0, {"refused": 1}, Failed),
        ("avg<100ms", 0, {}, Passed),
        ("avg<100ms", 600, {}, Failed),
        ("avg<100ms", 0, {"refused": 100}, Failed),
        ("rate>=19/s", 0, {}, Passed),
        ("rate>=19/s", 0, {"status 500": 300}, Failed),
    ],
)
def test_a_threshold_is_decided_by_all_that_was_due(
    threshold: str, slow: int, failures: Mapping[str, int], outcome: type[Outcome]
) -> None:
    good = 1200 - sum(failures.values())

    concluded = answer(check(threshold), seen(good, slow=min(slow, good), failed=failures))

    assert isinstance(concluded, outcome), concluded


def test_a_failure_says_what_was_counted_and_what_came_back() -> None:
    told = reason(answer(check("p(95)<300ms"), seen(1180, slow=120, failed={"status 500": 20})))

    assert told.splitlines()[0].startswith("p(95)<300ms: 400 ms, 140 of 1,200 slower or failed (12 %, ")
    assert "failed: 20 status 500" in told
    assert "good answers: p50 10 ms, p95 400 ms, p99 400 ms, slowest 400 ms" in told


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"ending": Ending.INTERRUPTED, "seconds": 58.0}, "interrupted after 58.0 of 60 s"),
        ({"ending": Ending.WORKER_LOST, "why": "1 of 2 generators are gone"}, "1 of 2 generators are gone"),
        (
            {"ending": Ending.STOP_RULE, "why": "errors<5%: 9 of 9 bad"},
            "stop rule after 60.0 of 60 s: errors<5%",
        ),
        (
            {"ending": Ending.SATURATED, "seconds": 4.0, "why": "for 3 s half of what was due went out late"},
            "the generator is saturated after 4.0 s: for 3 s half of what was due went out late; add",
        ),
        ({"seconds": 30.0}, "only 30.0 s of 60 s were measured"),
        ({"arrivals": 700}, "only 11.7 of 20 arrivals/s were sent"),
        (
            {"mistakes": {"KeyError: 'id' (locustfile.py:9)": 3}},
            "the scenario itself failed 3 times: KeyError",
        ),
        ({"lateness": Lateness(p99=0.2, cpu=0.97)}, "the generator is saturated"),
    ],
)
def test_a_good_result_of_a_run_that_was_not_as_planned_does_not_pass(
    told: dict[str, Any], words: str
) -> None:
    outcome = answer(check("p(95)<300ms"), seen(**told))

    assert isinstance(outcome, Inconclusive)
    assert words in outcome.reason


def test_what_failed_has_failed_though_the_run_was_interrupted() -> None:
    outcome = answer(check("p(95)<300ms"), seen(slow=600, ending=Ending.INTERRUPTED, seconds=30.0))

    assert isinstance(outcome, Failed)


def test_what_ended_the_run_as_broken_is_not_left_open_for_want_of_requests() -> None:
    early = seen(
        400,
        slow=26,
        ending=Ending.STOP_RULE,
        seconds=20.0,
        why="p(95)<300ms: 26 of 400 bad (6.5 %) after 20 s",
    )

    broken = answer(check("p(95)<300ms"), early)

    assert isinstance(answer(check("p(95)<300ms"), replace(early, ending=Ending.INTERRUPTED)), Inconclusive)
    assert isinstance(broken, Failed)
    assert "stopped, as it was shown to be broken: p(95)<300ms: 26 of 400 bad" in broken.reason
    assert isinstance(answer(check("errors<1%"), early), Inconclusive)


def test_a_target_that_falls_over_fails_every_threshold() -> None:
    broken = seen(5000, failed={"refused": 20}, ending=Ending.BREAKER, why="20 failures in a row: refused")

    assert reason(answer(check("p(95)<300ms"), broken)).startswith("stopped: 20 failures in a row: refused")
    assert isinstance(answer(check("errors<1%"), broken), Failed)


def test_latencies_that_the_sender_itself_explains_do_not_fail() -> None:
    late = seen(slow=120, lateness=Lateness(p99=0.150, cpu=0.5))

    assert "the generator itself was late" in reason(answer(check("p(95)<300ms"), late))
    assert isinstance(answer(check("p(95)<100ms"), late), Failed)


def test_a_rate_limit_that_works_is_not_an_error_of_the_deployment() -> None:
    limited = seen(1100, failed={"status 429": 100})

    assert "100 of 1,200 were refused by a rate limit (429)" in reason(answer(check("errors<1%"), limited))
    assert isinstance(answer(check("errors<1%"), seen(failed={"status 429": 2})), Passed)


def test_a_run_that_a_rate_limit_ended_blames_nobody() -> None:
    ended = seen(
        100, failed={"status 429": 20}, ending=Ending.BREAKER, why="20 failures in a row: status 429"
    )

    assert isinstance(answer(check("errors<1%"), ended), Inconclusive)


def test_an_environment_that_bears_less_refuses_the_run_and_not_the_contract() -> None:
    around = context("load")
    small = replace(around.environment, budget=Budget(load_rate=10.0))

    (made,) = declare("load", STEADY.replace("{threshold}", "p(95)<1s"), replace(around, environment=small))

    assert (
        made.refused == "20 arrivals/s are more than the 10/s that load may send to local (budget.load_rate)"
    )


def test_arrivals_of_a_locustfile_are_counted_with_all_that_they_may_send(tmp_path: Path) -> None:
    (tmp_path / "own.py").touch()
    around = context("load")
    small = replace(around.environment, budget=Budget(load_rate=30.0))
    told = replace(around, environment=small, folder=tmp_path)
    text = "{locustfile: own.py, arrivals: 10/s, duration: 10s, thresholds: [p(95)<1s]MORE}"

    (refused,) = declare("load", text.replace("MORE", ""), told)
    (borne,) = declare("load", text.replace("MORE", ", max_requests: 300"), told)

    assert refused.refused == (
        "10 arrivals/s with up to 5 requests each (max_requests says how many in all) are more than the "
        "30/s that load may send to local (budget.load_rate)"
    )
    assert borne.refused == ""


def test_a_locustfile_that_thinks_or_stops_short_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.py").touch()
    told = replace(context("load"), folder=tmp_path)
    text = "{locustfile: own.py, users: 2, requests: 100, thresholds: [p(95)<1s], MORE}"

    with pytest.raises(Misuse, match="think belongs to a scenario"):
        declare("load", text.replace("MORE", "think: 1s"), told)
    with pytest.raises(Misuse, match="max_requests: 99 ends the run before its 100 requests"):
        declare("load", text.replace("MORE", "max_requests: 99"), told)


def test_a_number_of_requests_that_was_capped_is_not_taken_for_all() -> None:
    text = "{scenario: [GET /a], users: 10, requests: 1200, thresholds: [errors<1%]}"
    (made,) = declare("load", text, context("load"))

    outcome = answer(made, seen(400, ending=Ending.CAPPED, planned=None, seconds=20.0, why="it has sent all"))

    assert reason(outcome).startswith("capped after 20.0 s: it has sent all; errors<1%")
    assert isinstance(outcome, Inconclusive)


def test_a_protected_environment_is_not_met_with_the_full_rate_at_once() -> None:
    around = context("load")
    told = replace(around, environment=replace(around.environment, protected=True))
    texts = (
        "{scenario: [GET /a], arrivals: 20/s, thresholds: [p(95)<1s]}",
        "{scenario: [GET /a], arrivals: 20/s, warmup: 0s, thresholds: [p(95)<1s]}",
        "{preset: soak, scenario: [GET /a], thresholds: [p(95)<1s]}",
        "{scenario: [GET /a], users: 20, duration: 20s, thresholds: [p(95)<1s]}",
    )

    runs = [probe for text in texts for (probe,) in asked(declare("load", text, told)[0])]

    assert [run.warmup for run in runs if isinstance(run, LoadRun)] == [5.0, 0.0, 10.0, 4.0]
    assert [run.model for run in runs if isinstance(run, LoadRun)][-1] == Users(
        users=20, spawn_rate=4.0, seconds=20.0
    )


def test_nothing_measured_passes_nothing() -> None:
    nothing = Loaded(series=(), ending=Ending.COMPLETE, planned=60.0, seconds=60.0)
    broken = Loaded(series=(), ending=Ending.BROKEN, why="locust ended with status 1", planned=60.0)

    assert "no request was sent after the warm-up" in reason(answer(check("errors<1%"), nothing))
    assert "locust ended with status 1" in reason(answer(check("errors<1%"), broken))
    assert answer(check("errors<1%"), Withheld("no")) == Inconclusive("no")


def test_a_name_that_no_request_had_decides_nothing_and_says_which_there_were(tmp_path: Path) -> None:
    (tmp_path / "own.py").touch()
    text = "{locustfile: own.py, duration: 60s, thresholds: ['p(95){GET /nothing}<300ms']}"
    (made,) = declare("load", text, replace(context("load"), folder=tmp_path))

    outcome = answer(made, seen())

    assert isinstance(outcome, Inconclusive)
    assert outcome.reason.startswith("no request was called 'GET /nothing', only GET /api/products\n")


def test_what_was_cut_off_at_the_end_is_told_and_counts_neither_way() -> None:
    undecided = answer(check("errors<1%"), seen(ending=Ending.INTERRUPTED, seconds=58.0, cut=1200))
    failed = answer(check("errors<1%"), seen(failed={"refused": 60}, ending=Ending.INTERRUPTED, cut=9))

    assert isinstance(undecided, Inconclusive)
    assert "errors<1%: 0 of 1,200 failed" in undecided.reason
    assert "cut off at the end: 1,200 under way" in undecided.reason
    assert isinstance(failed, Failed)
    assert failed.reason.startswith("errors<1%: 60 of 1,260 failed")
    assert "cut off at the end: 9 under way" in failed.reason


def test_all_thresholds_share_one_run_and_pay_it_once() -> None:
    text = "{scenario: [GET /a], users: 10, requests: 1000, thresholds: [avg<100ms, p(95)<100ms]}"
    first, second = declare("load", text, context("load"))

    assert asked(first) == asked(second)
    assert (first.phase, first.spend.load, first.shares) == (Phase.LOAD, 1000, second.shares)


def test_a_threshold_is_selected_by_its_percentile() -> None:
    assert short("p(95){GET /api/orders}<300ms") == "p95{GET /api/orders}<300ms"
    assert short("p( 99.9 ) < 1s") == "p99.9 < 1s"


def run(text: str) -> LoadRun:
    (probe,) = asked(declare("load", text, context("load"))[0])[0]
    assert isinstance(probe, LoadRun)
    return probe


def test_arrivals_are_the_default_and_users_are_for_concurrency() -> None:
    opened = run("{scenario: [GET /a], thresholds: [p(95)<1s]}")
    closed = run("{scenario: [GET /a], users: 5, requests: 100, thresholds: [p(95)<1s]}")

    assert isinstance(opened.model, Arrivals)
    assert (opened.model.stages[0].rate, opened.model.seconds, opened.most) == (10, 60, 601)
    assert isinstance(closed.model, Users)
    assert (closed.model.users, closed.model.requests, closed.most) == (5, 100, 100)


def test_users_cannot_use_up_in_the_warm_up_what_they_are_to_send_after_it() -> None:
    text = "{scenario: [GET /api/products], users: 10, requests: 1000, warmup: 2s, thresholds: [avg<100ms]}"
    ((run,),) = asked(check("", text))

    assert isinstance(run, LoadRun)
    assert run.most_rate is not None
    assert run.most == 1000 + run.most_rate * 2


def test_a_stress_run_raises_its_arrivals_to_the_end() -> None:
    model = run(
        "{preset: stress, scenario: [GET /a], arrivals: 20/s, up_to: 60/s, thresholds: [p(95)<1s]}"
    ).model

    assert isinstance(model, Arrivals)
    assert [stage.rate for stage in model.stages] == [20, 30, 45, 60]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{scenario: [GET /a]}", "no thresholds"),
        ("{thresholds: [p(95)<1s]}", "nothing to send"),
        ("{locustfile: nowhere.py, thresholds: [p(95)<1s]}", "'nowhere.py' is no file"),
        ("{scenario: [POST /a], thresholds: [p(95)<1s]}", "POST may change the deployment"),
        (
            "{scenario: [{POST /a: {read_only: true, creates: {id: $.id, delete: 'DELETE /a/{id}'}}}], "
            "thresholds: [p(95)<1s]}",
            "read_only and creates contradict each other",
        ),
        (
            "{scenario: [{POST /a: {creates: {id: $.id, delete: 'DELETE /a/{id}'}}}], "
            "thresholds: [p(95)<1s]}",
            "if the reply is lost, nobody knows what was created",
        ),
        (
            "{scenario: [{POST /a: {creates: {id: $.id, delete: 'DELETE /a/{id}', "
            "find: {'GET /a?r={mark}': '$[*].id'}}}}], thresholds: [p(95)<1s]}",
            "what it creates carries no mark, so nobody could find it again",
        ),
        (
            "{scenario: [{'PUT /a/{mark}': {creates: {id: '{mark}', delete: 'DELETE /a/{id}'}}}], "
            "thresholds: [p(95)<1s]}",
            "up to 601 creations in one run",
        ),
        (
            "{scenario: [{'PUT /a/{mark}': {creates: {id: '{mark}', delete: 'DELETE /a/{id}'}}}], "
            "requests: 60, workers: {expected: 2}, thresholds: [p(95)<1s]}",
            "what other machines create is not in this one's ledger",
        ),
        ("{scenario: [GET /a], as: nobody, thresholds: [p(95)<1s]}", "unknown identity 'nobody'"),
        ("{scenario: [GET '/{id}'], thresholds: [p(95)<1s]}", "'{id}' has no value"),
        (
            "{scenario: [GET '/{id}'], data: [{id: 1}], data_per: user, thresholds: [p(95)<1s]}",
            "data_per: user without users, or without data",
        ),
        ("{scenario: [GET /a], users: 2, arrivals: 1/s, thresholds: [p(95)<1s]}", "users and arrivals"),
        ("{scenario: [GET /a], users: 1, processes: 2, thresholds: [p(95)<1s]}", "1 user on 2 processes"),
        ("{scenario: [GET /a], think: 1s, thresholds: [p(95)<1s]}", "think belongs to users"),
        ("{scenario: [GET /a], spawn_rate: 1/s, thresholds: [p(95)<1s]}", "spawn_rate belongs to users"),
        ("{scenario: [GET /a], max_rate: 5/s, thresholds: [p(95)<1s]}", "max_rate belongs to users"),
        (
            "{scenario: [GET /a], users: 2, max_in_flight: 9, thresholds: [p(95)<1s]}",
            "max_in_flight belongs to arrivals",
        ),
        (
            "{scenario: [GET /a], thresholds: [{threshold: avg<1s, abortOnFail: true}]}",
            "abortOnFail on 'avg<1s': only shares are watched while they grow",
        ),
        (
            "{preset: stress, scenario: [GET /a], thresholds: [avg<1s, rate>=5/s]}",
            "nothing would end the stress run",
        ),
        (
            "{scenario: [GET /a], users: 1, think: 5s, duration: 10s, thresholds: [errors<0.1%]}",
            "'errors<0.1%' cannot be decided with 3 requests: at 95% it takes at least 2,995",
        ),
        (
            "{scenario: [GET /a], users: 10, requests: 1000, thresholds: [errors<0.1%]}",
            "'errors<0.1%' cannot be decided with 1,000 requests: at 95% it takes at least 2,995",
        ),
        (
            "{scenario: [GET /a], duration: 3s, thresholds: [p(95)<1s]}",
            "'p(95)<1s' cannot be decided with 30 requests: at 95% it takes at least 59",
        ),
        (
            "{scenario: [GET /a, {GET /b: {weight: 19}}], requests: 99, thresholds: ['p(95){GET /a}<1s']}",
            "'p(95){GET /a}<1s' cannot be decided with 5 requests: at 95% it takes at least 59",
        ),
        ("{scenario: [GET /a], thresholds: ['p(95){GET /b}<1s']}", "no request is called 'GET /b'"),
        ("{scenario: [GET /a], thresholds: [rate>=11/s]}", "'rate>=11/s' cannot hold: at most 10/s are sent"),
        (
            "{scenario: [GET /a], requests: 50, thresholds: [rate>=1/s]}",
            "'rate>=1/s' cannot be decided in 5 s",
        ),
    ],
)
def test_what_cannot_be_decided_or_must_not_be_sent_is_refused_before(text: str, message: str) -> None:
    with pytest.raises(Misuse) as caught:
        declare("load", text.replace("GET '/{id}'", '"GET /{id}"'), context("load"))

    assert caught.value.message == message or caught.value.message.startswith(message)


def test_what_the_sender_had_no_socket_for_is_not_the_deployments_failure() -> None:
    scarce = seen(280, failed={NO_FILES: 120}, ending=Ending.SATURATED, why="20 not sent")

    for threshold in ("errors<1%", "p(95)<300ms", "avg<100ms"):
        outcome = answer(check(threshold), scarce)
        assert isinstance(outcome, Inconclusive), threshold
        assert outcome.reason.startswith(
            "120 of 400 could not be sent, sender out of file descriptors: raise its ulimit -n"
        )


def test_what_was_not_sent_is_missing_from_the_rate_of_answers() -> None:
    scarce = seen(900, failed={NO_PORTS: 300})

    assert "300 of 1,200 could not be sent" in reason(answer(check("rate>=19/s"), scarce))
    assert isinstance(answer(check("rate>=10/s"), scarce), Passed)


def test_a_sender_without_a_socket_for_a_few_excuses_nothing_else() -> None:
    assert isinstance(answer(check("errors<1%"), seen(failed={NO_PORTS: 2})), Passed)
    assert isinstance(answer(check("errors<1%"), seen(failed={NO_FILES: 20, "status 500": 60})), Failed)


def test_a_rate_limit_and_a_lack_of_sockets_are_told_together() -> None:
    told = reason(answer(check("errors<1%"), seen(failed={"status 429": 30, NO_BUFFERS: 40})))

    assert told.startswith(
        "30 of 1,270 were refused by a rate limit (429): exempt the sender, or send less; "
    )
    assert "; 40 of 1,270 could not be sent, sender out of socket buffers: take fewer users" in told
