"""WebSockets in a load scenario: what the contract says, and what is refused before anything is sent."""

import pytest

from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.load import Arrivals, LoadRun, Talk
from pytest_deploycheck.model.loaded import Ending, Loaded, Second, Series, ordered
from pytest_deploycheck.model.outcome import Failed, Passed
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import context, declare

REALTIME = """
scenario:
  - WS /realtime?v=1:
      as: shopper
      token_in: access_token
      messages: [{event: join, room: "{room}"}, ping]
      expect: '"status":"ok"'
      hold: 2s
      read_only: true
  - GET /api/products
data: [{room: a}]
arrivals: 20/s
thresholds: ['p(95){OPEN /realtime}<300ms', errors<5%]
"""


def run(text: str) -> LoadRun:
    (probe,) = asked(declare("load", text, context("load"))[0])[0]
    assert isinstance(probe, LoadRun)
    return probe


def test_what_is_said_over_a_websocket_stands_in_the_contract() -> None:
    made = run(REALTIME)

    assert isinstance(made.scenario, tuple)
    assert made.scenario[0].talk == Talk(
        messages=('{"event":"join","room":"{room}"}', "ping"),
        expected='"status":"ok"',
        hold=2.0,
        token_in="access_token",
    )
    assert sorted(made.names) == ["GET /api/products", "WS /realtime"]
    assert made.parts == {"OPEN /realtime"}
    assert made.senders == {"shopper"}


def test_there_is_room_for_all_that_are_held_at_once() -> None:
    model = run(REALTIME).model

    assert isinstance(model, Arrivals)
    assert model.in_flight == 201 + 25  # until the deadline; then half of 20/s for 2 s, and a quarter more


def test_the_opening_has_thresholds_of_its_own_and_is_no_request_of_its_own() -> None:
    opening, errors = declare("load", REALTIME, context("load"))
    good = Second(at=0, ok=ordered([400_000] * 600))
    seen = Loaded(
        series=(Series(name="WS /realtime", seconds=(good,)),),
        parts=(Series(name="OPEN /realtime", seconds=(good,)),),
        ending=Ending.COMPLETE,
        planned=60.0,
        seconds=60.0,
        arrivals=1200,
    )

    slow, whole = answer(opening, seen), answer(errors, seen)

    assert isinstance(slow, Failed)
    assert "OPEN /realtime: 600 good, p50 400 ms" in slow.reason
    assert isinstance(whole, Passed)
    assert whole.note.startswith("errors<5%: 0 of 600 failed")


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        ("WS /a: {messages: [x]}", "messages may change the deployment, and nobody would undo it"),
        ("WS /a: {status: 101}", "status of a WebSocket"),
        ("WS /a: {creates: {id: $.id, delete: 'DELETE /a/{id}'}}", "creates of a WebSocket"),
        ("WS /a: {send: {json: {}}}", "a WebSocket is opened without a body"),
        ("WS /a: {token_in: jwt}", "token_in without an identity"),
        ("'WS https://api.example/a': {}", "'https://api.example/a' is no path"),
        ("WS /a: {expect: 'hello {who}'}", "'{who}' has no value"),
        ("WS /a: {hold: 2000s}", "10/s, each held for 2000 s on average, are 20,000 connections at once"),
        ("GET /a: {hold: 2s}", "hold of GET"),
    ],
)
def test_what_has_no_meaning_for_a_websocket_or_does_harm_is_refused_before(ask: str, message: str) -> None:
    with pytest.raises(Misuse) as caught:
        declare("load", f"{{scenario: [{{{ask}}}], thresholds: [p(95)<1s]}}", context("load"))

    assert caught.value.message == message


def test_too_little_room_for_what_is_held_is_told_with_the_key() -> None:
    text = "{scenario: [{WS /a: {hold: 10s}}], max_in_flight: 50, thresholds: [p(95)<1s]}"

    with pytest.raises(Misuse) as caught:
        declare("load", text, context("load"))

    assert caught.value.expected == "at most 50, as max_in_flight says"
