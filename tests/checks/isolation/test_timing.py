"""Refusals are timed in pairs: a difference is a finding only where chance cannot explain it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from pytest_deploycheck.checks.isolation.timing import DEFAULT_PAIRS, LEAST, ruled
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.evidence import Evidence, Reply, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest, Probe
from tests.checks.contracts import declare, reply
from tests.checks.isolation.app import App, against, around

TIMED = "{pairs: [[shopper, other]], guess: false, queries: [], timing: true}"
TITLE = "GET /api/orders/{order} as shopper tells nothing of other by its time"
Noise = Callable[[random.Random], float]


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the same each time is the point


@dataclass
class Slow(App):
    """Refuses what the other owns `later` than what nobody has, in seconds, beside some noise."""

    later: float = 0.0
    noise: Noise = lambda drawn: drawn.uniform(0.005, 0.015)
    drawn: random.Random = field(default_factory=lambda: dice(3))

    def __call__(self, probe: Probe) -> Evidence:
        seen = super().__call__(probe)
        assert isinstance(probe, HttpRequest)
        if not isinstance(seen, Reply):
            return seen
        extra = self.later if probe.purpose == "what the other owns" else 0.0
        return reply(seen.status, seen.text, self.noise(self.drawn) + max(extra, 0.0))


def timed(text: str = TIMED) -> Check:
    (check,) = (each for each in declare("tenants", text, around()) if each.title == TITLE)
    return check


def outcome(app: App, text: str = TIMED) -> Outcome:
    return against(timed(text), app)


def test_times_are_taken_only_where_the_contract_asks_for_it_and_alone() -> None:
    assert not [each for each in declare("tenants", "{guess: false}", around()) if "time" in each.title]
    check = timed()

    assert check.phase is Phase.LOAD
    assert check.spend == Spend(requests=2 + 2 + 2 * DEFAULT_PAIRS)
    assert check.weakness is not None
    assert check.weakness.cwe == "CWE-208"


def test_the_pairs_may_be_told_and_the_routes() -> None:
    assert timed(TIMED.replace("true", "30")).spend == Spend(requests=64)
    named = TIMED.replace("true", "{pairs: 21, routes: ['GET /api/orders/{id}']}")
    assert timed(named).spend == Spend(requests=46)
    assert not [
        each for each in declare("tenants", TIMED.replace("true", "false"), around()) if "time" in each.title
    ]


def test_both_are_asked_for_one_by_one_each_first_in_half_of_the_pairs() -> None:
    sent: list[HttpRequest] = []
    app = Slow(broken=sent.append)
    outcome(app)
    pairs = [request for request in sent if request.purpose.startswith("what")]
    firsts = [request.purpose for request in pairs[::2]]

    assert [request.purpose for request in sent[:4]] == ["ids", "ids", "control", "control"]
    assert len(pairs) == 2 * DEFAULT_PAIRS
    assert firsts.count("what nobody has") == DEFAULT_PAIRS // 2
    assert firsts not in (sorted(firsts), sorted(firsts, reverse=True))
    theirs = {request.target for request in pairs if request.purpose == "what the other owns"}
    nobodys = {request.target for request in pairs if request.purpose == "what nobody has"}
    assert theirs == {f"/api/orders/{number}" for number in (1, 3, 5)}
    assert len(nobodys) == len(theirs)


@pytest.mark.parametrize("denied", [403, 404])
def test_what_is_refused_later_tells_that_it_exists(denied: int) -> None:
    told = outcome(Slow(later=0.25, denied=denied))

    assert isinstance(told, Failed)
    assert told.reason.startswith("what other owns is refused 24")
    assert told.reason.endswith(
        "ms later than what nobody has, or more: the time tells which ids exist "
        "(40 pairs, less than one in a million by chance)"
    )


def test_what_is_refused_sooner_tells_it_too() -> None:
    drawn = dice(4)
    assert isinstance(ruled([-0.05 + drawn.gauss(0, 0.01) for _ in range(40)], "other"), Failed)


def test_without_a_difference_none_is_shown_and_its_bound_is_told() -> None:
    told = outcome(Slow())

    assert isinstance(told, Passed)
    assert told.note.startswith("no difference in time was shown: it is below ")
    assert told.note.endswith(" ms (40 pairs)")


def test_a_difference_that_no_network_shows_is_none() -> None:
    told = outcome(Slow(later=LEAST * 0.8, noise=lambda drawn: drawn.uniform(0.0, 0.0001)))

    assert told == Passed("no difference in time was shown: it is below 4 ms (40 pairs)")


NOISES: dict[str, Noise] = {
    "long tails": lambda drawn: drawn.lognormvariate(-4, 1),
    "stalls": lambda drawn: 2.0 if drawn.random() < 0.1 else drawn.uniform(0, 0.02),
    "up to 100 ms": lambda drawn: drawn.uniform(0, 0.1),
    "two replicas": lambda drawn: drawn.choice((0.01, 0.06)),
}


@pytest.mark.parametrize("name", NOISES)
def test_a_noisy_deployment_is_never_accused(name: str) -> None:
    for seed in range(100):
        drawn = dice(seed)
        differences = [NOISES[name](drawn) - NOISES[name](drawn) for _ in range(40)]
        assert not isinstance(ruled(differences, "other"), Failed), seed


@pytest.mark.parametrize("name", NOISES)
def test_a_quarter_of_a_second_is_overlooked_in_no_noise(name: str) -> None:
    for seed in range(20):
        drawn = dice(seed)
        told = ruled([0.25 + NOISES[name](drawn) - NOISES[name](drawn) for _ in range(40)], "other")
        assert isinstance(told, Failed if name != "stalls" else Failed | Inconclusive), seed


def test_noise_that_could_hide_anything_shows_nothing() -> None:
    told = outcome(Slow(noise=lambda drawn: drawn.uniform(0, 1)))

    assert isinstance(told, Inconclusive)
    assert "the times vary so much that a difference of up to" in told.reason
    assert told.reason.endswith("ms may hide there (40 pairs): take more")


def test_what_is_served_has_no_refusal_to_time() -> None:
    assert outcome(Slow(faults=frozenset({"GET leaks"}))) == Inconclusive(
        "what other owns is served (200): there is no refusal to time"
    )


def test_refusals_of_several_kinds_are_not_held_against_one_another() -> None:
    def in_turn(request: HttpRequest) -> Evidence | None:
        return reply(503, "busy") if request.target == "/api/orders/3" and "what" in request.purpose else None

    assert outcome(Slow(broken=in_turn)) == Inconclusive(
        'what other owns is refused in several ways: 403 ({"error": "no"}), 503 (busy)'
    )


@pytest.mark.parametrize("evidence", [reply(429), Silence("timed out"), Withheld("the budget is spent")])
@pytest.mark.parametrize("purpose", ["ids", "control", "what the other owns", "what nobody has"])
def test_without_an_answer_nothing_is_decided(purpose: str, evidence: Evidence) -> None:
    told = outcome(Slow(broken=lambda request: evidence if request.purpose == purpose else None))

    assert isinstance(told, Inconclusive)


@pytest.mark.parametrize("who", ["shopper", "other"])
def test_without_its_controls_a_refusal_is_not_timed(who: str) -> None:
    def broken(request: HttpRequest) -> Evidence | None:
        return (
            reply(403, '{"error": "no"}') if (request.purpose, request.identity) == ("control", who) else None
        )

    told = outcome(Slow(broken=broken))

    assert isinstance(told, Inconclusive)
    assert "without it a refusal proves nothing" in told.reason


@pytest.mark.parametrize(
    ("timing", "message"),
    [
        ("{routes: [GET /api/order]}", "unknown route 'GET /api/order'"),
        ("{routes: [GET /api/orders]}", "'GET /api/orders' shows no single thing"),
        ("{routes: ['DELETE /api/orders/{order}']}", "'DELETE /api/orders/{order}' shows no single thing"),
    ],
)
def test_only_the_reading_of_single_things_is_timed(timing: str, message: str) -> None:
    with pytest.raises(Misuse) as caught:
        declare("tenants", TIMED.replace("true", timing), around())
    assert caught.value.message == message


@pytest.mark.parametrize("pairs", ["20", "0", "-1", "{pairs: 5}", "yes please"])
def test_too_few_pairs_are_a_mistake(pairs: str) -> None:
    with pytest.raises(ValueError, match="timing"):
        declare("tenants", TIMED.replace("true", pairs), around())
