"""A WebSocket is one request: opened, answered, held; whatever of that fails, it has failed."""

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
import trustme

from pytest_deploycheck.model.evidence import Withheld
from pytest_deploycheck.model.load import LoadRequest, LoadRun, Talk
from pytest_deploycheck.model.loaded import Ending, Loaded
from tests.probes.load.conftest import Server, running
from tests.probes.load.runs import closed, loaded, opened, probe
from tests.projects import wait_until

TALKS = "tests.servers.talks"
HELLO = Talk(messages=('{"say":"hello"}',), expected="hello")
HELD = Talk(messages=("hello",), hold=0.4)

NOT_OPENED = {
    "/refuse/403": "status 403",
    "/refuse/500": "status 500",
    "/refuse/200": "status 200",
    "/away": "status 302",
    "/hang": "deadline",
    "/garbage": "no WebSocket",
}
NOT_ANSWERED = {"/mute": "deadline", "/drop/200": "closed", "/bye/200": "closed (1001)"}
NOT_HELD = {"/drop/100": "closed early", "/bye/100": "closed early (1001)"}


@pytest.fixture
def server() -> Iterator[Server]:
    with running(module=TALKS) as one:
        yield one


def socket(path: str, talk: Talk = HELLO, identity: str = "anonymous", weight: int = 1) -> LoadRequest:
    return LoadRequest(method="WS", target=path, talk=talk, identity=identity, weight=weight)


def arriving(*sockets: LoadRequest, **options: object) -> LoadRun:
    return opened("", **{"scenario": sockets, "rate": 50, "seconds": 1, "deadline": 0.5, **options})  # type: ignore[arg-type] # all of them are of a run


def by_users(*sockets: LoadRequest, **options: object) -> LoadRun:
    return closed("", **{"scenario": sockets, "requests": 20, "deadline": 0.5, **options})  # type: ignore[arg-type] # the same


def test_each_arrival_is_one_request_and_its_opening_a_part_of_it(server: Server, tmp_path: Path) -> None:
    run = arriving(socket("/late/100"), socket("/slow/100"), version_header="X-Version", processes=2)

    seen = loaded(probe(server.url, tmp_path).send(run))

    assert (seen.ending, seen.arrivals in range(40, 51), seen.mistakes) == (Ending.COMPLETE, True, {})
    assert seen.measured().n == seen.measured().ok == seen.sent == seen.arrivals
    assert seen.names == ("OPEN /late/100", "OPEN /slow/100", "WS /late/100", "WS /slow/100")
    assert seen.versions == ("v7",)
    assert sum(server.told("/count").values()) == server.told("/parting") == seen.arrivals
    assert seen.measured("WS /late/100").latencies()[0] >= 0.1
    assert seen.measured("OPEN /late/100").latencies()[5] < 0.1
    assert seen.measured("OPEN /slow/100").latencies()[0] >= 0.1


def test_whatever_does_not_open_answer_or_last_has_failed_and_has_a_name(
    server: Server, tmp_path: Path
) -> None:
    sockets = [socket(path) for path in NOT_OPENED | NOT_ANSWERED] + [socket(path, HELD) for path in NOT_HELD]

    seen = loaded(
        probe(server.url, tmp_path).send(arriving(*sockets, socket("/echo"), rate=150, breaker=999))
    )

    assert seen.ending is Ending.COMPLETE
    for path, kind in (NOT_OPENED | NOT_ANSWERED | NOT_HELD).items():
        failed, opening = seen.measured(f"WS {path}"), seen.measured(f"OPEN {path}")
        assert set(failed.failed) == {kind}, path
        assert failed.ok == 0 or path in NOT_HELD, path  # the last ones were not held as long
        assert (opening.ok, opening.n) == (0 if path in NOT_OPENED else failed.n, failed.n), path
    assert seen.measured("WS /echo").failed == {}


def test_a_row_of_failures_ends_the_run_though_the_connections_open(server: Server, tmp_path: Path) -> None:
    seen = loaded(probe(server.url, tmp_path).send(arriving(socket("/mute"), seconds=20)))

    assert seen.ending is Ending.BREAKER
    assert seen.seconds < 3


def test_some_that_are_dropped_while_they_are_held_are_a_share_of_all(server: Server, tmp_path: Path) -> None:
    seen = loaded(probe(server.url, tmp_path).send(arriving(socket("/every/5/drop/100", HELD))))

    assert (seen.ending, seen.measured().n) == (Ending.COMPLETE, seen.arrivals)
    assert seen.measured().failed["closed early"] in range(6, 11)  # the last ones were not held as long


def test_one_that_freezes_while_it_is_held_has_failed(server: Server, tmp_path: Path) -> None:
    frozen, held = socket("/freeze/100", Talk(hold=0.3)), socket("/echo", Talk(hold=0.3))

    seen = loaded(probe(server.url, tmp_path).send(arriving(frozen, held, breaker=99)))

    assert (seen.ending, seen.measured().n) == (Ending.COMPLETE, seen.arrivals)
    assert seen.measured("WS /freeze/100").failed.keys() == {"silent"}
    assert seen.measured("WS /freeze/100").ok < 10  # the last were asked before they froze
    assert seen.measured("WS /echo").failed == {}


def test_a_long_silence_is_asked_about_before_the_time_is_over(server: Server, tmp_path: Path) -> None:
    frozen, mute = socket("/freeze/0", Talk(hold=60), weight=3), socket("/mute", Talk(hold=60), weight=2)

    seen = loaded(probe(server.url, tmp_path).send(arriving(frozen, mute, seconds=15, in_flight=900)))

    assert (seen.ending, seen.seconds < 14) == (Ending.BREAKER, True)
    assert seen.why.endswith("of the last 100 requests failed: silent")
    assert seen.measured("WS /mute").failed == {}


def test_a_part_of_a_long_message_is_a_sign_of_life(server: Server, tmp_path: Path) -> None:
    run = by_users(socket("/long", Talk(hold=2)), users=5, requests=5)

    began = time.monotonic()
    seen = loaded(probe(server.url, tmp_path).send(run))

    assert (seen.ending, seen.measured().ok) == (Ending.COMPLETE, 5)
    assert time.monotonic() - began < 9  # none is read to its end


def test_whoever_closes_when_the_time_is_over_is_there(server: Server, tmp_path: Path) -> None:
    seen = loaded(probe(server.url, tmp_path).send(by_users(socket("/quit", Talk(hold=0.2)))))

    assert (seen.ending, seen.measured().ok) == (Ending.COMPLETE, 20)


def test_a_number_of_frozen_ones_may_take_as_long_as_it_takes_to_know(server: Server, tmp_path: Path) -> None:
    frozen = socket("/freeze/0", Talk(hold=0.3))

    seen = loaded(probe(server.url, tmp_path).send(by_users(frozen, users=1, requests=4, breaker=99)))

    assert (seen.ending, seen.measured().failed) == (Ending.COMPLETE, {"silent": 4})


def test_nobody_is_asked_who_speaks(server: Server, tmp_path: Path) -> None:
    run = by_users(socket("/pings", Talk(hold=1)), users=5, requests=5, deadline=0.3)

    assert loaded(probe(server.url, tmp_path).send(run)).measured().ok == 5
    assert server.told("/pinged") == 5


def test_connections_are_held_until_the_run_is_over_and_then_closed(server: Server, tmp_path: Path) -> None:
    seen = loaded(probe(server.url, tmp_path).send(arriving(socket("/echo", Talk(hold=60)))))

    assert (seen.ending, seen.measured().ok) == (Ending.COMPLETE, seen.arrivals)
    assert server.told("/most") > 40
    assert (server.told("/parting"), server.told("/open")) == (seen.arrivals, 0)


def test_what_is_held_when_somebody_stops_the_run_was_good_until_then(server: Server, tmp_path: Path) -> None:
    target = probe(server.url, tmp_path)
    seen: list[Loaded | Withheld] = []
    run = by_users(socket("/pings", Talk(hold=60)), users=10)
    thread = Thread(target=lambda: seen.append(target.send(run)))
    thread.start()
    wait_until(lambda: server.told("/open") == 10, "all are open")

    began = time.monotonic()
    target.stop()
    thread.join()

    assert time.monotonic() - began < 5
    assert (loaded(seen[0]).ending, loaded(seen[0]).measured().ok) == (Ending.INTERRUPTED, 10)
    assert server.told("/open") == 0


def test_a_connection_with_signs_of_life_alone_is_held_no_longer_than_others(
    server: Server, tmp_path: Path
) -> None:
    seen = loaded(probe(server.url, tmp_path).send(by_users(socket("/pings", Talk(hold=0.2)), requests=10)))

    assert (seen.ending, seen.measured().ok) == (Ending.COMPLETE, 10)


def test_users_send_as_their_identity_and_keep_nobodys_cookies(server: Server, tmp_path: Path) -> None:
    run = by_users(socket("/cookie", identity="ann"), users=1)

    assert loaded(probe(server.url, tmp_path).send(run)).measured().ok == 20
    assert server.told("/headers")["authorization"] == "Bearer of-ann-only"
    assert server.told("/headers")["user-agent"] == "pytest-deploycheck"
    assert not {"cookie", "origin"} & set(server.told("/headers"))


def test_a_token_goes_in_the_query_and_in_no_header(server: Server, tmp_path: Path) -> None:
    run = by_users(socket("/echo?v=1", Talk(token_in="access_token"), "ann"))

    assert loaded(probe(server.url, tmp_path).send(run)).names == ("OPEN /echo", "WS /echo")
    assert server.told("/asked") == "/echo?v=1&access_token=of-ann-only"
    assert "authorization" not in server.told("/headers")


def test_without_a_token_nothing_is_sent(server: Server, tmp_path: Path) -> None:
    run = by_users(socket("/echo", Talk(token_in="access_token"), "short"))

    withheld = probe(server.url, tmp_path).send(run)

    assert withheld == Withheld("not started: short has no token to send in the query")
    assert server.told("/count") == {}


def test_messages_hold_the_rows_of_the_test_data(server: Server, tmp_path: Path) -> None:
    talk = Talk(messages=('{"room": {room}}',), expected='"room": {room}}')
    run = by_users(socket("/echo?room={room}", talk), users=1, data=((("room", "1 2"),), (("room", "3"),)))

    assert loaded(probe(server.url, tmp_path).send(run)).measured().ok == 20
    assert server.told("/asked") == "/echo?room=3"


def test_a_secure_one_is_verified_as_every_request_is(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / "right.pem")
    authority.issue_cert("other.test").private_key_and_cert_chain_pem.write_to_path(tmp_path / "wrong.pem")
    run = by_users(socket("/echo", HELLO))

    with running(str(tmp_path / "right.pem"), module=TALKS, scheme="https", host="localhost") as right:
        good = loaded(probe(right.url, tmp_path, ca=tmp_path / "ca.pem").send(run))
    with running(str(tmp_path / "wrong.pem"), module=TALKS, scheme="https", host="localhost") as wrong:
        bad = loaded(probe(wrong.url, tmp_path, ca=tmp_path / "ca.pem").send(run))

    assert (good.ending, good.measured().ok) == (Ending.COMPLETE, 20)
    assert set(bad.measured().failed) == {"certificate"}
