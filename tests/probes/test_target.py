"""One environment as checks see it: any probe, and the ledger before anything is created."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_deploycheck.model.budget import Budget, Spend
from pytest_deploycheck.model.creation import Creation
from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.evidence import (
    Answers,
    Claims,
    Mark,
    Paused,
    Reply,
    Scanned,
    Silence,
    Values,
    Withheld,
)
from pytest_deploycheck.model.identity import Credentials, Login
from pytest_deploycheck.model.probe import (
    FileScan,
    HttpRequest,
    Inspect,
    NewMark,
    Pause,
    Query,
    Statement,
    Transaction,
    Variables,
)
from pytest_deploycheck.model.route import Route
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.target import Around, Target, guard_of
from pytest_deploycheck.run.cleanup import identify
from pytest_deploycheck.safety.budget import Allowance
from pytest_deploycheck.safety.ledger import Ledger
from pytest_deploycheck.safety.redact import Redactor
from suites.standins.kit.postgres import Postgres
from tests.probes.conftest import PASSWORD
from tests.servers.running import RunningShop
from tests.words import CREATION, PLACE, HandClock, contract, environment, get, identity

CREATE = HttpRequest(
    method="POST",
    target="/orders",
    identity="ann",
    body=b'{"reference": "mark-1"}',
    writes=True,
    creates=CREATION,
)


class World:
    def __init__(self, where: Environment, folder: Path) -> None:
        self.clock = HandClock()
        self.allowance = Allowance(Budget(requests=20, writes=2, duration=60), clock=self.clock)
        self.ledger = Ledger(folder, "run-1")
        self.credentials: Credentials | Withheld = Credentials()
        around = Around(
            run_id="run-1",
            variables={"A": "1"},
            ledger=self.ledger,
            allowance=self.allowance,
            redactor=Redactor(),
            credentials=lambda name: self.credentials,
            identify=identify,
        )
        self.target = Target(contract(where=where), around)
        self.send = self.target.sender("smoke::an order")


@pytest.fixture
def world(shop: RunningShop, tmp_path: Path) -> Iterator[World]:
    shop.switch(guard=False)
    world = World(environment(base_url=shop.url, timeout=1.0), tmp_path / "ledger")
    yield world
    world.target.close()
    world.ledger.release()


def test_what_was_created_is_in_the_ledger_with_its_id(world: World, shop: RunningShop) -> None:
    reply = world.send(CREATE)

    (order,) = shop.orders
    (entry,) = world.ledger.open_entries()
    assert isinstance(reply, Reply)
    assert (entry.resource, entry.answered, entry.check) == (order["id"], True, "smoke::an order")
    assert (entry.base_url, entry.identity, entry.request) == (shop.url, "ann", "POST /orders")


def test_what_was_never_answered_is_in_the_ledger_before_it_is_sent(
    world: World, shop: RunningShop, tmp_path: Path
) -> None:
    shop.switch(create="hang")

    answer = world.send(CREATE)

    (path,) = (tmp_path / "ledger").iterdir()
    (line,) = path.read_text().splitlines()
    assert isinstance(answer, Silence)
    assert len(shop.orders) == 1
    assert json.loads(line)["resource"] is None
    assert [entry.answered for entry in world.ledger.open_entries()] == [False]


def test_what_the_client_names_is_known_before_it_is_sent(world: World, shop: RunningShop) -> None:
    shop.switch(create="hang")
    named = Creation(mark="m", identify="order-{mark}", delete="DELETE /orders/{id}", gone="GET /orders/{id}")

    world.send(HttpRequest(method="POST", target="/orders", body=b"{}", writes=True, creates=named))

    assert [entry.resource for entry in world.ledger.open_entries()] == ["order-m"]


def test_what_was_not_sent_was_not_created(world: World, shop: RunningShop) -> None:
    world.credentials = Withheld("not sent: no login")

    assert world.send(CREATE) == Withheld("not sent: no login")
    assert world.ledger.open_entries() == ()
    assert shop.arrived == []


def test_what_the_shop_refused_is_looked_for_all_the_same(world: World, shop: RunningShop) -> None:
    shop.switch(guard=True)

    world.send(CREATE)

    (entry,) = world.ledger.open_entries()
    assert (entry.answered, entry.refused, entry.resource) == (True, True, None)


def test_each_mark_is_another(world: World) -> None:
    marks = {mark.text for mark in (world.send(NewMark()) for _ in range(100)) if isinstance(mark, Mark)}

    assert len(marks) == 100
    assert all(mark.startswith("deploycheck-run-1-") for mark in marks)


def test_a_pause_ends_with_the_budget(world: World) -> None:
    world.clock.now += 60

    paused = world.send(Pause(1000))

    assert isinstance(paused, Paused)
    assert paused.seconds < 1


def test_variables_are_told_as_the_contract_sees_them(world: World) -> None:
    values = world.send(Variables(("A", "B")))

    assert isinstance(values, Values)
    assert values.values == {"A": "1", "B": None}


def test_claims_are_those_of_the_token(world: World) -> None:
    opaque = world.send(Inspect("ann"))
    world.credentials = Credentials(token=Secret("t"), claims={"sub": "ann"})
    claims = world.send(Inspect("ann"))
    world.credentials = Withheld("no login")

    assert opaque == Silence("the token of ann is not a JWT")
    assert claims == Claims({"sub": "ann"})
    assert world.send(Inspect("ann")) == Withheld("no login")


def test_without_a_database_no_query_is_sent_nor_booked(world: World) -> None:
    assert world.send(Query(sql="select 1")) == Withheld("environment local has no `database`")
    assert world.allowance.spent == Spend()


def test_what_is_asked_once_is_answered_from_memory_and_booked_once(
    tmp_path: Path, postgres: Postgres
) -> None:
    world = World(environment(database=Secret(postgres.url("prober", PASSWORD))), tmp_path)
    statements = (Statement(sql="SELECT pg_catalog.clock_timestamp()"),)
    again = Transaction(statements=statements)
    once = Transaction(statements=statements, once=True)
    try:
        seen = [world.send(probe) for probe in (again, again, once, once)]
    finally:
        world.target.close()
        world.ledger.release()

    assert all(isinstance(each, Answers) for each in seen)
    assert seen[0] != seen[1]
    assert seen[2] == seen[3]
    assert world.allowance.spent == Spend(queries=3)


def test_what_was_not_answered_is_asked_again(world: World) -> None:
    probe = Transaction(statements=(Statement(sql="SELECT 1"),), once=True)

    assert [world.send(probe), world.send(probe)] == [Withheld("environment local has no `database`")] * 2


def test_what_many_checks_ask_for_in_the_same_words_is_sent_once(world: World, shop: RunningShop) -> None:
    first = world.send(get("/products", once=True))
    again = world.send(get("/products", once=True))
    anew = world.send(get("/products"))

    assert isinstance(first, Reply)
    assert again == replace(first, again=True)
    assert isinstance(anew, Reply)
    assert shop.lines.count("GET /products") == 2
    assert world.allowance.spent == Spend(requests=2)


def test_what_was_no_success_is_asked_for_again(world: World, shop: RunningShop) -> None:
    seen = [world.send(get("/nothing", once=True)) for _ in range(2)]

    assert [isinstance(each, Reply) and (each.status, each.again) for each in seen] == [(404, False)] * 2
    assert shop.lines.count("GET /nothing") == 2


def test_a_request_and_a_scan_find_their_way(world: World, tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("text")

    assert isinstance(world.send(get("/health")), Reply)
    assert isinstance(world.send(FileScan(root=tmp_path)), Scanned | Silence)


TABLES = Route(method="GET", path="/orders", place=PLACE, base="https://data.test/v1")


def test_credentials_may_go_where_the_contract_says_that_it_is_served() -> None:
    login = Login(target="https://auth.test/login", token="$.t")
    where = environment(base_url="https://shop.test", replicas=("http://r1.test:8080",))
    guard = guard_of(
        contract(where=where, identities={"ann": identity(login=login)}, routes=(TABLES,)),
        Redactor(),
        lambda _: None,
    )

    trusted = ["https://shop.test/a", "https://shop.test:443/", "http://r1.test:8080/", "https://auth.test/x"]
    trusted.append("https://data.test/v2")
    foreign = [
        "http://shop.test/",
        "https://shop.test:8443/",
        "https://a.shop.test/",
        "https://shop.test.evil/",
    ]
    assert all(map(guard.trusts, trusted))
    assert not any(map(guard.trusts, foreign))
