"""A canary is judged beside the stable deployment, from what both have answered: no server, no locust."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import zip_longest
from typing import Any

import pytest

from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.evidence import Paused, Reply, Withheld
from pytest_deploycheck.model.kind import Misuse, Misuses
from pytest_deploycheck.model.load import LoadRun
from pytest_deploycheck.model.loaded import Ending, Loaded, Second, Series, ordered
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Pause
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import context, declare

PART = """
name: canary
scenario: [GET /api/products]
arrivals: 200/s
duration: 60s
version_header: x-version
canary: new
thresholds: [p(95)<300ms, errors<1%]
"""
SECONDS = 60


def check(*more: str) -> Check:
    (made,) = declare("canary", PART + "\n".join(more), context("load"))
    return made


def replies(version: str, n: int, *, ms: int = 10, failed: Mapping[str, int] | None = None) -> Series:
    """So many requests in a minute, of which one in ten takes 40 ms more, and so many failed."""
    parts = []
    for at in range(SECONDS):
        good = _share(n - sum((failed or {}).values()), at)
        slow = good // 10
        parts.append(
            Second(
                at=at,
                ok=ordered([ms * 1000] * (good - slow) + [(ms + 40) * 1000] * slow),
                failed={kind: ordered([5000] * _share(k, at)) for kind, k in (failed or {}).items()},
            )
        )
    return Series(name="GET /api/products", version=version, seconds=tuple(parts))


def _share(number: int, at: int) -> int:
    return number * (at + 1) // SECONDS - number * at // SECONDS


def seen(*series: Series, **told: Any) -> Loaded:  # noqa: ANN401 - fields of Loaded
    defaults = {"ending": Ending.COMPLETE, "planned": 60.0, "seconds": 60.0, "arrivals": 12_000}
    return Loaded(series=series, **{**defaults, **told})


def concluded(found: Loaded, *more: str) -> Outcome:
    return answer(check(*more), found)


def told(outcome: Outcome) -> str:
    assert isinstance(outcome, Failed | Inconclusive), outcome
    return outcome.reason


OLD = replies("old", 10_800)


def test_a_canary_without_a_difference_passes_and_says_why() -> None:
    outcome = concluded(seen(OLD, replies("new", 1200)))

    assert isinstance(outcome, Passed)
    assert outcome.note.splitlines()[:5] == [
        "1 of 1 measurement passed: at 10 %, p(95)<300ms: 50 ms, 0 of 1,200 slower or failed "
        "(0 %, one-sided 95 % bounds 0 % and 0.25 %)",
        "passed: p(95)<300ms: 50 ms, 0 of 1,200 slower or failed (0 %, one-sided 95 % bounds 0 % and 0.25 %)",
        "passed: errors<1%: 0 of 1,200 failed (0 %, one-sided 95 % bounds 0 % and 0.25 %)",
        "passed: errors: 0 of 1,200 beside 0 of 10,800 (no more are seen, and below 1.0 %)",
        "passed: p(95): 50 ms of 1,200 beside 50 ms, +0.0 % over 6 pairs (one-sided bounds "
        "+0.0 % and +0.0 %)",
    ]


def test_a_canary_that_fails_more_often_fails_though_the_whole_would_do() -> None:
    outcome = concluded(seen(OLD, replies("new", 1200, failed={"status 500": 60})))

    assert isinstance(outcome, Failed)
    assert outcome.reason.splitlines()[0] == (
        "1 of 1 measurement failed: at 10 %, errors<1%: 60 of 1,200 failed "
        "(5.0 %, one-sided 95 % bounds 4.0 % and 6.2 %)"
    )
    assert "failed: errors: 60 of 1,200 beside 0 of 10,800 (more, 99 % sure)" in outcome.reason


def test_a_canary_that_is_slower_fails_though_it_keeps_its_limits() -> None:
    outcome = concluded(seen(OLD, replies("new", 1200, ms=90)))

    assert isinstance(outcome, Failed)
    assert "passed: p(95)<300ms: 130 ms, " in outcome.reason
    assert "failed: p(95): 130 ms of 1,200 beside 50 ms, +160.0 % over 6 pairs" in outcome.reason


def test_the_openings_of_a_canarys_websockets_are_its_own() -> None:
    text = PART.replace("GET /api/products", "WS /realtime").replace("p(95)", "'med{OPEN /realtime}")
    (made,) = declare("canary", text.replace("<300ms", "<300ms'"), context("load"))
    whole = [replace(each, name="WS /realtime") for each in (OLD, replies("new", 1200))]
    parts = [replace(each, name="OPEN /realtime") for each in (OLD, replies("new", 1200, ms=400))]

    outcome = answer(made, seen(*whole, parts=tuple(parts)))

    assert "med{OPEN /realtime}<300ms: 400 ms, 1,200 of 1,200 slower or failed" in told(outcome)
    assert isinstance(outcome, Failed)


def test_a_canary_that_is_as_bad_as_the_stable_one_still_has_its_limits() -> None:
    both = seen(replies("old", 10_800, ms=400), replies("new", 1200, ms=400))

    outcome = concluded(both)

    assert isinstance(outcome, Failed)
    assert "failed: p(95)<300ms: 440 ms, 1,200 of 1,200 slower or failed" in outcome.reason
    assert "passed: p(95): 440 ms of 1,200 beside 440 ms" in outcome.reason


def test_requests_that_nobody_answered_condemn_the_canary_only_if_it_is_bad_without_them() -> None:
    hung = replies("", 60, failed={"deadline": 60})
    bad = replies("new", 1200, failed={"status 500": 60})

    assert isinstance(concluded(seen(OLD, replies("new", 1140), hung)), Inconclusive)
    assert isinstance(concluded(seen(OLD, bad, hung)), Failed)
    assert "60 requests had no answer that names a version: counted as the canary's\n" in told(
        concluded(seen(OLD, replies("new", 1140), hung))
    )


def test_few_requests_that_nobody_answered_do_no_harm() -> None:
    hung = replies("", 1, failed={"deadline": 1})

    assert isinstance(concluded(seen(OLD, replies("new", 1200), hung)), Passed)


@pytest.mark.parametrize(
    ("series", "more", "reason"),
    [
        ((OLD,), "", "the canary new has not answered, only old"),
        (
            (replies("", 100, failed={"deadline": 100}),),
            "",
            "the canary new has not answered, only nobody who named a version",
        ),
        (
            (OLD, replies("new", 1200), replies("older", 3)),
            "stable: old",
            "older answered, and is neither the canary nor the stable version",
        ),
        (
            (replies("old", 9000), replies("new", 3000)),
            "stage: 10%",
            "the canary gets 25 % of the requests: that is not the stage of 10 %",
        ),
        (
            (replies("old", 12), replies("new", 11_988)),
            "",
            "12 of 12,000 requests were still answered by the stable version",
        ),
    ],
)
def test_what_is_not_what_was_meant_is_inconclusive(
    series: tuple[Series, ...], more: str, reason: str
) -> None:
    outcome = concluded(seen(*series), more)

    assert isinstance(outcome, Inconclusive)
    assert outcome.reason.splitlines()[0] == f"1 of 1 measurement did not decide: {reason}"


@pytest.mark.parametrize(
    ("old", "new", "stage"), [(10_800, 1200, 10), (9000, 3000, 25), (6000, 6000, 50), (3000, 9000, 75)]
)
def test_the_stage_is_told_by_the_share_of_the_replies(old: int, new: int, stage: int) -> None:
    outcome = concluded(seen(replies("old", old), replies("new", new)))

    assert isinstance(outcome, Passed)
    assert outcome.note.startswith(f"1 of 1 measurement passed: at {stage} %, ")


def test_at_the_last_stage_the_canary_has_only_its_limits() -> None:
    good, bad = seen(replies("new", 12_000)), seen(replies("new", 12_000, failed={"status 500": 600}))

    assert isinstance(concluded(good, "stage: 100%"), Passed)
    assert isinstance(concluded(bad, "stage: 100%"), Failed)


def test_too_few_replies_are_inconclusive() -> None:
    few = seen(replies("old", 900), replies("new", 100), arrivals=12_000)

    assert isinstance(concluded(few), Inconclusive)


def test_a_deployment_that_no_longer_answers_fails() -> None:
    broken = seen(
        replies("", 20, failed={"refused": 20}), ending=Ending.BREAKER, why="20 failures in a row: refused"
    )

    assert isinstance(concluded(broken), Failed)


FOUR = ("count: 4", "interval: 30s", "initial_delay: 5s")
GOOD = seen(OLD, replies("new", 1200))
BAD = seen(OLD, replies("new", 1200, failed={"status 500": 60}))
UNSURE = seen(replies("old", 900), replies("new", 100))
NOT_TAKEN = seen(ending=Ending.BROKEN, why="locust ended with status 1")


def series(*found: Loaded, limits: tuple[str, ...] = ()) -> Outcome:
    """What several measurements in a row conclude, with the pauses before and between them."""
    evidence = [each for pair in zip_longest([], found, fillvalue=Paused(30)) for each in pair]
    return answer(check(*FOUR, *limits), *evidence)


def test_measurements_are_repeated_with_pauses_and_each_is_a_run_of_its_own() -> None:
    pause = Paused(30)
    rounds = asked(check(*FOUR), Paused(5), GOOD, pause, GOOD, pause, GOOD, pause, GOOD)

    probes = [probe for each in rounds for probe in each]
    assert [each.seconds for each in probes if isinstance(each, Pause)] == [5, 30, 30, 30]
    assert [each.name for each in probes if isinstance(each, LoadRun)] == [
        "canary 1",
        "canary 2",
        "canary 3",
        "canary 4",
    ]


@pytest.mark.parametrize(
    ("found", "limits", "outcome", "why"),
    [
        ([GOOD] * 4, (), Passed, "4 of 4 measurements passed"),
        ([GOOD, BAD], (), Failed, "1 of 2 measurements failed"),
        ([GOOD, BAD, GOOD, GOOD], ("failure_limit: 1",), Passed, "3 of 4 measurements passed"),
        ([UNSURE], (), Inconclusive, "1 of 1 measurement did not decide"),
        ([UNSURE, GOOD, GOOD, GOOD], ("inconclusive_limit: 1",), Passed, "3 of 4 measurements passed"),
        ([GOOD, GOOD], ("consecutive_success_limit: 2",), Passed, "2 passed in a row"),
        (
            [NOT_TAKEN, NOT_TAKEN],
            ("consecutive_error_limit: 1",),
            Inconclusive,
            "2 measurements in a row did not take place",
        ),
    ],
)
def test_the_limits_of_a_rollout_have_argos_names(
    found: list[Loaded], limits: tuple[str, ...], outcome: type[Outcome], why: str
) -> None:
    concluded = series(*found, limits=limits)

    assert isinstance(concluded, outcome)
    first = concluded.note if isinstance(concluded, Passed) else told(concluded)
    assert first.startswith(f"{why}: ")


BORDERLINE = seen(
    replies("old", 10_800, failed={"status 500": 45}), replies("new", 1200, failed={"status 500": 5})
)
"""Five of the canary's 1,200 requests fail: below 1 %, 95 % sure, and not 99 % sure."""


def test_a_canary_that_may_try_often_must_show_more_each_time() -> None:
    once = series(BORDERLINE, limits=("consecutive_success_limit: 1",))
    often = series(*[BORDERLINE] * 4, limits=("consecutive_success_limit: 1", "inconclusive_limit: -1"))

    assert isinstance(once, Passed)
    assert once.note.startswith("1 passed in a row: ")
    assert isinstance(often, Inconclusive)
    assert often.reason.startswith("0 of 4 measurements passed: at 10 %, errors<1%: 5 of 1,200 failed ")
    assert "one-sided 98.75 % bounds" in often.reason


def test_four_successes_in_a_row_need_not_be_surer_each() -> None:
    more = ("count: 10", "interval: 30s", "inconclusive_limit: -1", "consecutive_success_limit: 4")
    pause = Paused(30)

    outcome = answer(check(*more), BORDERLINE, pause, BORDERLINE, pause, BORDERLINE, pause, BORDERLINE)

    assert isinstance(outcome, Passed)


def test_what_was_not_sent_is_inconclusive_at_once() -> None:
    assert concluded_of(Withheld("it is load, and prod is protected")) == Inconclusive(
        "it is load, and prod is protected"
    )
    assert concluded_of(seen(ending=Ending.INTERRUPTED)) == Inconclusive("interrupted")
    assert concluded_of(Reply(status=200)) == Inconclusive("Reply is no load run")


def concluded_of(evidence: Any) -> Outcome:  # noqa: ANN401 - any evidence
    return answer(check(), evidence)


def test_it_says_what_it_spends_before() -> None:
    made = check(*FOUR, "stage: 25%")

    assert (made.title, made.phase, made.spend.load) == ("canary at 25%", Phase.LOAD, 4 * 12_001)
    assert made.routes == {"GET /api/products"}


@pytest.mark.parametrize(
    ("more", "message", "expected"),
    [
        ("stable: new", "the canary and the stable version are the same", "two versions"),
        ("stage: 30%", "30 % is no stage", "one of 10 %, 25 %, 50 %, 75 %, 100 %"),
        (
            "thresholds: [p(95)<1s, errors<=0%]",
            "no limit on the share of errors",
            "such as errors<1%: where nothing fails, it is all that errors can be held to",
        ),
        ("consecutive_success_limit: 2", "2 successes of 1 measurement", "a higher count"),
    ],
)
def test_a_part_that_contradicts_itself_is_refused(more: str, message: str, expected: str) -> None:
    with pytest.raises(Misuse) as caught:
        check(more)

    assert (caught.value.message, caught.value.expected) == (message, expected)


def test_what_the_canarys_share_cannot_decide_is_refused_with_the_arithmetic() -> None:
    with pytest.raises(Misuses) as caught:
        declare("canary", PART.replace("200/s", "9/s"), context("load"))

    assert [(each.message, each.expected) for each in caught.value.found] == [
        (
            "'p(95)<300ms' cannot be decided at 10 %: of 540 requests 54 are the canary's, and it takes at "
            "least 59, all of them good",
            "at least 590 requests, or a later stage",
        ),
        (
            "'errors<1%' cannot be decided at 10 %: of 540 requests 54 are the canary's, and it takes at "
            "least 299, all of them good",
            "at least 2,990 requests, or a later stage",
        ),
    ]


def test_what_several_tries_cannot_decide_is_refused_though_one_could() -> None:
    text = PART.replace("200/s", "50/s")

    assert list(declare("canary", text, context("load")))
    with pytest.raises(Misuse) as caught:
        declare("canary", f"{text}count: 3\ninconclusive_limit: 2", context("load"))

    assert (caught.value.message, caught.value.expected) == (
        "'errors<1%' cannot be decided at 10 %: of 3,000 requests 300 are the canary's, and it takes at "
        "least 408, all of them good",
        "at least 4,080 requests, or a later stage",
    )


def test_a_rate_is_of_all_requests_and_no_limit_of_a_canary() -> None:
    with pytest.raises(Misuse) as caught:
        declare("canary", PART.replace("p(95)<300ms", "rate>=100/s"), context("load"))

    assert caught.value.message == "'rate>=100/s' is of all requests, and the canary gets a share of them"


IN_TURN = """
name: canary
scenario: [GET /api/products]
arrivals: 20/s
duration: 10s
canary_headers: {x-canary: always}
stable_headers: {x-canary: never}
pairs: 5
thresholds: [p(95)<300ms, errors<1%]
"""


def in_turn(*more: str) -> Check:
    (made,) = declare("canary", IN_TURN + "\n".join(more), context("load"))
    return made


def block(ms: int = 50, *, failed: int = 0, **told: Any) -> Loaded:  # noqa: ANN401 - fields of Loaded
    """A block of 200 requests in ten seconds."""
    kinds = {"status 500": ordered([5000] * (failed // 10))} if failed else {}
    parts = [Second(at=at, ok=ordered([ms * 1000] * (20 - failed // 10)), failed=kinds) for at in range(10)]
    defaults = {"ending": Ending.COMPLETE, "planned": 10.0, "seconds": 10.0, "arrivals": 200}
    return Loaded(series=(Series(name="GET /api/products", seconds=tuple(parts)),), **{**defaults, **told})


ORDER = "ABBAABBAAB"


def blocks(canary: Loaded, stable: Loaded) -> list[Loaded]:
    return [canary if who == "A" else stable for who in ORDER]


def test_blocks_are_sent_in_turn_and_headers_choose() -> None:
    rounds = asked(in_turn(), *blocks(block(), block()))

    runs = [probe for each in rounds for probe in each if isinstance(probe, LoadRun)]
    headers = [each.headers for run in runs if isinstance(run.scenario, tuple) for each in run.scenario]
    assert headers == [(("x-canary", "always" if who == "A" else "never"),) for who in ORDER]
    assert [run.name for run in runs[:2]] == ["canary, canary 1", "canary, stable 2"]
    assert in_turn().spend.load == 10 * 201


def test_blocks_in_turn_pass_without_a_difference_and_fail_with_one() -> None:
    same = answer(in_turn(), *blocks(block(), block()))
    slower = answer(in_turn(), *blocks(block(100), block()))
    failing = answer(in_turn(), *blocks(block(failed=20), block()))

    assert isinstance(same, Passed)
    assert same.note.splitlines()[0].startswith("1 of 1 measurement passed: in turn, p(95)<300ms: 50 ms, ")
    assert "failed: p(95): +100.0 % over 5 pairs" in told(slower)
    assert isinstance(slower, Failed)
    assert isinstance(failing, Failed)


def test_the_openings_of_websockets_are_judged_by_blocks_too() -> None:
    text = IN_TURN.replace("GET /api/products", "WS /realtime").replace("p(95)", "'p(95){OPEN /realtime}")
    (made,) = declare("canary", text.replace("<300ms", "<300ms'"), context("load"))
    late = (replace(block(400).series[0], name="OPEN /realtime"),)

    outcome = answer(made, *blocks(block(parts=late), block()))

    assert "p(95){OPEN /realtime}<300ms: 400 ms, 1,000 of 1,000 slower or failed" in told(outcome)


def test_a_whole_deployment_that_drifts_is_no_difference() -> None:
    drifting = [block(50 + 10 * at) for at in range(10)]

    assert not isinstance(answer(in_turn(), *drifting), Failed)


@pytest.mark.parametrize(
    ("found", "outcome", "reason"),
    [
        (
            [block(ending=Ending.BREAKER, why="20 failures in a row")],
            Failed,
            "1 of 1 measurement failed: in turn, stopped: 20 failures in a row",
        ),
        (
            [block(), block(ending=Ending.BREAKER, why="20 failures in a row")],
            Inconclusive,
            "1 of 1 measurement did not decide: the stable version was not measured: 20 failures in a row",
        ),
        (
            [block(), NOT_TAKEN],
            Inconclusive,
            "0 of 1 measurement passed: nothing was measured: broken, locust ended with status 1",
        ),
        ([block(), Withheld("the budget is spent")], Inconclusive, "the budget is spent"),
    ],
)
def test_a_block_that_ends_early_ends_the_measurement(
    found: list[Loaded | Withheld], outcome: type[Outcome], reason: str
) -> None:
    concluded = answer(in_turn(), *found)

    assert isinstance(concluded, outcome)
    assert told(concluded).startswith(reason)


@pytest.mark.parametrize(
    ("text", "message", "expected"),
    [
        (
            IN_TURN.replace("canary_headers: {x-canary: always}\n", ""),
            "nothing tells the canary from the stable version",
            "version_header and canary, or canary_headers where requests choose",
        ),
        (
            f"{IN_TURN}stage: 10%",
            "stage and canary_headers",
            "one of them: requests choose by headers",
        ),
        (
            IN_TURN.replace("never", "always"),
            "the same headers choose both",
            "headers that choose the stable version",
        ),
        (
            IN_TURN.replace("20/s", "1/s").replace("pairs: 5", "pairs: 50"),
            "blocks of 10 requests",
            "at least 20, for each block's percentile",
        ),
        (
            IN_TURN.replace("errors<1%", "errors<0.1%"),
            "'errors<0.1%' cannot be decided with 5 blocks of 200 requests: it takes at least 2,995, all of "
            "them good",
            "more pairs, or longer blocks",
        ),
        (
            IN_TURN.replace("p(95)<300ms", "'p(95){GET /x}<300ms'"),
            "no request is called 'GET /x'",
            "one of GET /api/products",
        ),
    ],
)
def test_blocks_that_cannot_tell_are_refused(text: str, message: str, expected: str) -> None:
    with pytest.raises((Misuse, Misuses)) as caught:
        declare("canary", text, context("load"))

    error = caught.value.found[0] if isinstance(caught.value, Misuses) else caught.value
    assert isinstance(error, Misuse)
    assert (error.message, error.expected) == (message, expected)
