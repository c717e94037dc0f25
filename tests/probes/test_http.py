"""Exchanges over real connections: trouble comes back as evidence, credentials stay at home."""

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from pytest_deploycheck.model.budget import Budget, Spend
from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.evidence import Reply, Silence, Withheld
from pytest_deploycheck.model.identity import Credentials
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.guard import Guard, RefusedError, origin_of
from pytest_deploycheck.probes.http import ClientFactory, HttpProbe
from pytest_deploycheck.safety.budget import Allowance
from pytest_deploycheck.safety.redact import Redactor
from tests.servers.running import RunningShop
from tests.words import HandClock, environment, get

TOKEN = "the-token-of-ann"
ANN = Credentials((("Authorization", Secret(f"Bearer {TOKEN}")), ("X-Odd", Secret("odd-secret"))))


class World:
    """A probe of a shop, its guard and its budget."""

    def __init__(self, where: Environment, allowance: Allowance) -> None:
        redactor = Redactor()
        redactor.add(TOKEN, "odd-secret")
        self.allowance = allowance
        guard = Guard(
            origins=[where.base_url],
            own=(name for name, _ in where.headers),
            redactor=redactor,
            take=allowance.take,
        )
        self.factory = ClientFactory(where, guard)
        self.probe = HttpProbe(
            where,
            self.factory,
            credentials=lambda name: ANN if name == "ann" else Credentials(),
            time_left=lambda: allowance.seconds_left,
        )
        self.send = self.probe.send


@pytest.fixture
def make(shop: RunningShop) -> Iterator[Callable[..., World]]:
    made: list[World] = []

    def world(budget: Budget | None = None, base_url: str = shop.url, timeout: float = 5.0) -> World:
        where = environment(base_url=base_url, timeout=timeout, headers=(("X-Gate", "ours"),))
        made.append(World(where, Allowance(budget or Budget(), clock=HandClock())))
        return made[-1]

    yield world
    for each in made:
        each.probe.close()


@pytest.fixture
def world(make: Callable[..., World]) -> World:
    return make()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def test_a_reply_comes_with_all_that_was_sent(world: World, shop: RunningShop) -> None:
    sent = HttpRequest(
        method="POST", target="/echo?a=1", headers=(("X-A", "b"),), body=b"hello", identity="ann"
    )

    reply = world.send(sent)

    (arrived,) = shop.arrived
    assert isinstance(reply, Reply)
    assert (reply.status, reply.header("content-type")) == (200, "application/json")
    assert reply.elapsed > 0
    assert (arrived.line, arrived.body) == ("POST /echo?a=1", "hello")
    assert arrived.headers["authorization"] == f"Bearer {TOKEN}"
    assert arrived.headers["user-agent"] == "pytest-deploycheck"
    assert (arrived.headers["x-a"], arrived.headers["x-gate"]) == ("b", "ours")


def test_a_refusal_is_a_reply(world: World) -> None:
    reply = world.send(get("/status/503"))

    assert isinstance(reply, Reply)
    assert reply.status == 503


def test_connections_are_kept_unless_a_fresh_one_is_asked_for(world: World, shop: RunningShop) -> None:
    for fresh in (False, False, True, False):
        world.send(get("/health", fresh=fresh))

    first, second, third, fourth = (each.client for each in shop.arrived)
    assert first == second == third
    assert fourth != third
    assert shop.arrived[2].headers["connection"] == "close"


def test_each_thread_has_connections_of_its_own(world: World, shop: RunningShop) -> None:
    together = threading.Barrier(3, timeout=10)

    def send(_: int) -> None:
        together.wait()
        world.send(get("/health"))
        world.send(get("/health"))

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(send, range(3)))

    assert len({each.client for each in shop.arrived}) == 3
    assert len(shop.arrived) == 6


def test_nobody_there_is_silence(make: Callable[..., World]) -> None:
    answer = make(base_url=f"http://127.0.0.1:{free_port()}").send(get("/health"))

    assert isinstance(answer, Silence)
    assert answer.reason == "cannot connect: [Errno 111] Connection refused"


@pytest.mark.parametrize("target", ["/hang", "/drip", "/drip-headers"])
def test_no_complete_answer_in_time_is_silence(world: World, target: str) -> None:
    answer = world.send(get(target, timeout=0.3))

    assert isinstance(answer, Silence)
    assert answer.reason == "no complete answer within 0.3 s"
    assert 0.3 <= answer.elapsed < 2


def test_the_environment_says_how_long_to_wait_where_the_request_does_not(make: Callable[..., World]) -> None:
    answer = make(timeout=0.2).send(get("/hang"))

    assert isinstance(answer, Silence)
    assert answer.reason == "no complete answer within 0.2 s"


def test_an_answer_that_does_not_end_is_not_read_to_its_end(world: World) -> None:
    answer = world.send(get("/large"))

    assert isinstance(answer, Silence)
    assert answer.reason == "the answer is larger than 10485760 bytes"


def test_a_connection_that_breaks_is_silence(make: Callable[..., World]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def slam() -> None:
            connection, _ = server.accept()
            connection.recv(1000)
            connection.close()

        threading.Thread(target=slam, daemon=True).start()
        answer = make(base_url=f"http://127.0.0.1:{server.getsockname()[1]}").send(get("/"))

    assert isinstance(answer, Silence)
    assert answer.reason == "the connection broke: Server disconnected without sending a response."


def test_what_is_not_http_is_silence(make: Callable[..., World]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def babble() -> None:
            connection, _ = server.accept()
            connection.sendall(b"220 smtp.example ready\r\n")
            connection.recv(1000)
            connection.close()

        threading.Thread(target=babble, daemon=True).start()
        answer = make(base_url=f"http://127.0.0.1:{server.getsockname()[1]}").send(get("/"))

    assert isinstance(answer, Silence)
    assert answer.reason.startswith("the connection broke: ")


@pytest.mark.parametrize("target", ["http://a..b/", "http://127.0.0.1:99999/", "http://127.0.0.1:port/"])
def test_an_address_that_is_none_is_not_sent(world: World, target: str) -> None:
    answer = world.send(get(target))

    assert isinstance(answer, Withheld)
    assert answer.reason.startswith("not sent: ")


def test_a_header_may_hold_any_letter(world: World, shop: RunningShop) -> None:
    reply = world.send(get("/health", headers=(("X-Name", "Zoë"),)))

    assert isinstance(reply, Reply)
    assert shop.arrived[0].headers["x-name"].encode("latin-1").decode() == "Zoë"


def test_a_header_cannot_smuggle_another_in(world: World, shop: RunningShop) -> None:
    answer = world.send(get("/health", headers=(("X-Name", "a\r\nX-Other: b"),)))

    assert isinstance(answer, Silence)
    assert answer.reason == "LocalProtocolError: Illegal header value b'a\\r\\nX-Other: b'"
    assert shop.arrived == []


def test_without_credentials_nothing_is_sent(shop: RunningShop) -> None:
    where = environment(base_url=shop.url)
    guard = Guard(origins=[shop.url], own=(), redactor=Redactor(), take=Allowance(Budget()).take)
    probe = HttpProbe(
        where,
        ClientFactory(where, guard),
        credentials=lambda name: Withheld("not sent: no login"),
        time_left=lambda: 1.0,
    )

    assert probe.send(get("/health", identity="ann")) == Withheld("not sent: no login")
    assert shop.arrived == []


def test_what_the_budget_does_not_allow_is_not_sent(make: Callable[..., World], shop: RunningShop) -> None:
    world = make(Budget(requests=2, writes=1))
    write = HttpRequest(method="POST", target="/echo", writes=True)

    world.send(write)
    second = world.send(write)
    world.send(get("/health"))
    third = world.send(get("/health"))

    assert second == Withheld("not sent: the budget of 1 write is spent")
    assert third == Withheld("not sent: the budget of 2 requests is spent")
    assert shop.lines == ["POST /echo", "GET /health"]
    assert world.allowance.spent == Spend(requests=2, writes=1)


def test_a_request_to_another_origin_takes_no_credential_along(world: World, shop: RunningShop) -> None:
    sent = get(
        f"{shop.elsewhere}/x",
        identity="ann",
        headers=(("Cookie", "a=b"), ("ApiKey", "k"), ("X-Copy", f"it is {TOKEN}"), ("X-Plain", "plain")),
    )

    reply = world.send(sent)

    (arrived,) = shop.strayed
    assert isinstance(reply, Reply)
    assert arrived.headers["x-plain"] == "plain"
    assert not {"authorization", "x-odd", "cookie", "apikey", "x-copy", "x-gate"} & arrived.headers.keys()


@pytest.mark.parametrize(
    ("target", "body"), [(f"/x?t={TOKEN}", None), (f"/{TOKEN}", b""), ("/x", f'{{"t":"{TOKEN}"}}'.encode())]
)
def test_a_request_that_would_carry_a_secret_to_another_origin_is_not_sent(
    world: World, shop: RunningShop, target: str, body: bytes | None
) -> None:
    answer = world.send(HttpRequest(method="POST", target=f"{shop.elsewhere}{target}", body=body))

    assert answer == Withheld(f"not sent: it would carry a secret to {shop.elsewhere}")
    assert shop.strayed == []


def test_a_client_for_python_tests_books_each_hop_of_a_redirect(world: World, shop: RunningShop) -> None:
    with world.factory.client(headers={"Authorization": f"Bearer {TOKEN}"}, follow_redirects=True) as client:
        reply = client.get("/away?to=/health")

    assert reply.json() == {"status": "ok"}
    assert world.allowance.spent == Spend(requests=2)
    assert "authorization" in shop.arrived[1].headers


def test_a_client_keeps_no_cookie(world: World, shop: RunningShop) -> None:
    with world.factory.client() as client:
        client.get("/health", headers={"Cookie": "a=b"})
        client.get("/health")

    assert "cookie" not in shop.arrived[1].headers


def test_a_client_asks_before_it_writes(world: World, shop: RunningShop) -> None:
    asked: list[str] = []

    def refuse(method: str) -> None:
        asked.append(method)
        raise RefusedError("not today")

    with world.factory.client(refuse=refuse) as client:
        client.get("/health")
        with pytest.raises(RefusedError, match="not today"):
            client.post("/echo")

    assert asked == ["POST"]
    assert shop.lines == ["GET /health"]


def test_a_client_does_not_trust_the_usual_proxy_for_its_own_machine(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    with world.factory.client() as client:
        assert client.get("/health").status_code == 200


def test_a_proxy_is_used_where_the_variables_name_one(
    shop: RunningShop, make: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", shop.elsewhere)

    reply = make(base_url="http://shop.invalid").send(get("/health"))

    (arrived,) = shop.strayed
    assert isinstance(reply, Reply)
    assert arrived.line == "GET http://shop.invalid/health"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://Shop.test/a?b#c", "http://shop.test:80"),
        ("https://shop.test", "https://shop.test:443"),
        ("https://shop.test:8443/", "https://shop.test:8443"),
        ("https://me:you@shop.test/", "https://shop.test:443"),
        ("http://[::1]:80/", "http://::1:80"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: str) -> None:
    assert origin_of(url) == origin


def test_the_client_is_the_one_that_users_know(world: World) -> None:
    with world.factory.client() as client:
        assert isinstance(client, httpx.Client)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_a_request_is_sent_from_the_address_that_it_names(make: Callable[..., World]) -> None:
    seen: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def note() -> None:
            for _ in range(3):
                connection, (address, _) = server.accept()
                seen.append(address)
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
                connection.close()

        thread = threading.Thread(target=note, daemon=True)
        thread.start()
        world = make(base_url=f"http://127.0.0.1:{server.getsockname()[1]}")
        replies = [world.send(get("/", source=source)) for source in ("127.0.0.2", None, "127.0.0.3")]
        thread.join()

    assert all(isinstance(reply, Reply) for reply in replies), replies
    assert seen == ["127.0.0.2", "127.0.0.1", "127.0.0.3"]


def test_an_address_that_this_machine_does_not_have_is_silence(world: World) -> None:
    answer = world.send(get("/", source="203.0.113.7"))

    assert isinstance(answer, Silence)
    assert answer.reason.startswith("cannot connect: ")


def test_a_bare_request_lacks_the_environments_headers_but_not_the_identitys(
    make: Callable[..., World], shop: RunningShop
) -> None:
    world = make()
    world.send(get("/echo", identity="ann", bare=True))
    world.send(get("/echo", identity="ann"))

    bare, full = shop.arrived
    assert ("x-gate" in bare.headers, full.headers["x-gate"]) == (False, "ours")
    assert bare.headers["x-odd"] == full.headers["x-odd"] == "odd-secret"


def test_a_credential_named_like_a_header_of_the_environment_stays_in_a_bare_request(
    shop: RunningShop,
) -> None:
    where = environment(base_url=shop.url, headers=(("X-Odd", "the public one"),))
    world = World(where, Allowance(Budget(), clock=HandClock()))
    world.send(get("/echo", identity="ann", bare=True))
    world.probe.close()

    (arrived,) = shop.arrived
    assert arrived.headers["x-odd"] == "odd-secret"
