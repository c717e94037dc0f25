"""A locustfile that locust runs alone is a scenario as it is."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from pytest_deploycheck.model.evidence import Withheld
from pytest_deploycheck.model.loaded import Ending, Loaded
from tests.probes.load.conftest import Server
from tests.probes.load.runs import closed, loaded, opened, probe

SHOPPERS = """\
from locust import FastHttpUser, HttpUser, SequentialTaskSet, TaskSet, constant, task


class Visitor(HttpUser):
    weight = 3

    @task(2)
    def products(self):
        self.client.get("/ok/5?page=1", name="/products")

    @task
    def product(self):
        with self.client.get("/ok/6", name="/products/[id]", catch_response=True) as response:
            if response.status_code != 200:
                response.failure("no product")


class Buyer(FastHttpUser):
    def on_start(self):
        self.client.get("/ok/1", name="/start")

    def on_stop(self):
        self.client.get("/ok/1", name="/stop")

    @task
    class Steps(SequentialTaskSet):
        @task
        def first(self):
            self.client.get("/ok/2", name="/first")

        @task
        def second(self):
            self.client.get("/ok/3", name="/second")
"""


def written(folder: Path, text: str) -> str:
    path = folder / "shoppers.py"
    path.write_text(dedent(text))
    return str(path)


def one_task(folder: Path, body: str, base: str = "FastHttpUser") -> str:
    head = f"from locust import {base}, task\n\nclass One({base}):"
    return written(folder, f"{head}\n    @task\n    def one(self):\n        {body}\n")


def test_users_of_both_clients_ask_as_their_tasks_say(server: Server, tmp_path: Path) -> None:
    run = closed(written(tmp_path, SHOPPERS), users=8, requests=400)

    seen = loaded(probe(server.url, tmp_path).send(run))

    assert seen.names == ("GET /first", "GET /products", "GET /products/[id]", "GET /second", "GET /start")
    assert (seen.measured().n, seen.mistakes) == (400, {})
    assert seen.measured("GET /first").n - seen.measured("GET /second").n in range(3)
    assert server.counted["GET /ok/1"] == 4  # two users start, and stop after the end, not counted


def test_arrivals_do_one_task_of_one_user_each(server: Server, tmp_path: Path) -> None:
    seen = loaded(probe(server.url, tmp_path).send(opened(written(tmp_path, SHOPPERS), rate=100, seconds=2)))

    asked = seen.measured().n - seen.measured("GET /start").n
    assert (asked, seen.arrivals, seen.mistakes, seen.ending) == (200, 200, {}, Ending.COMPLETE)
    assert (
        abs(seen.measured("GET /first").n - seen.measured("GET /second").n) <= seen.measured("GET /start").n
    )


@pytest.mark.parametrize("base", ["FastHttpUser", "HttpUser"])
def test_arrivals_come_as_each_class_by_its_weight_and_as_each_identity_in_turn(
    server: Server, tmp_path: Path, base: str
) -> None:
    head = f"from locust import {base}, task\n"
    each = "\nclass {}(" + base + "):\n    weight = {}\n    @task\n    def one(self):\n        {}\n"
    shopper = each.format("Shopper", 3, 'self.client.get("/who", name="shopper")')
    admin = each.format("Admin", 1, 'self.client.get("/who", name="admin")')
    run = opened(written(tmp_path, head + shopper + admin), rate=40, identities=("ann", "anonymous"))

    seen = loaded(probe(server.url, tmp_path).send(run))

    assert (seen.measured("GET shopper").n, seen.measured("GET admin").n) == (60, 20)
    assert (server.counted["/who by bearer of-ann-only"], server.counted["/who by nobody"]) == (40, 40)


def test_the_same_file_runs_with_locust_alone(server: Server, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "locust", "-f", written(tmp_path, SHOPPERS), "--headless", "-u", "4"]
    done = subprocess.run(
        [*command, "-r", "4", "-t", "1s", "--host", server.url],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert server.counted["GET /ok/5"] > 0


def test_its_users_send_as_the_identities_in_turn(server: Server, tmp_path: Path) -> None:
    run = closed(one_task(tmp_path, 'self.client.get("/ok/1")'), users=1, requests=20, identities=("ann",))

    assert loaded(probe(server.url, tmp_path).send(run)).measured().ok == 20
    assert server.told("/headers")["authorization"] == "bearer of-ann-only"
    assert server.told("/headers")["user-agent"] == "pytest-deploycheck"


def test_an_identity_that_cannot_log_in_sends_nothing(server: Server, tmp_path: Path) -> None:
    run = closed(one_task(tmp_path, 'self.client.get("/ok/1")'), identities=("bob",))

    assert probe(server.url, tmp_path).send(run) == Withheld("bob cannot log in")
    assert server.counted == {}


@pytest.mark.parametrize("base", ["FastHttpUser", "HttpUser"])
@pytest.mark.parametrize(
    ("body", "mistake"),
    [
        (
            'self.client.get("http://127.0.0.2:9/elsewhere")',
            "http://127.0.0.2:9 is not the environment under load",
        ),
        ('self.client.post("/ok/1")', "POST may change the deployment: the contract does not say read_only"),
        ('{}["id"]', "KeyError: 'id'"),
    ],
)
def test_what_a_file_must_not_do_is_told_as_its_own_mistake(
    server: Server, tmp_path: Path, base: str, body: str, mistake: str
) -> None:
    seen = loaded(
        probe(server.url, tmp_path).send(opened(one_task(tmp_path, body, base), rate=20, seconds=1))
    )

    assert seen.measured().n == 0
    assert sum(seen.mistakes.values()) == 20
    assert mistake in next(iter(seen.mistakes))


@pytest.mark.parametrize("base", ["FastHttpUser", "HttpUser"])
def test_a_redirect_to_another_origin_is_not_followed(server: Server, tmp_path: Path, base: str) -> None:
    run = closed(
        one_task(tmp_path, 'self.client.get("/away")', base), users=1, requests=30, identities=("ann",)
    )

    seen = loaded(probe(server.url, tmp_path).send(run))

    assert seen.measured().failed == {"redirect to another origin": 30}
    assert server.counted == {"GET /away": 30}


@pytest.mark.parametrize("base", ["FastHttpUser", "HttpUser"])
@pytest.mark.parametrize("path", ["/hang", "/drip"])
def test_a_whole_request_has_its_deadline_with_both_clients(
    server: Server, tmp_path: Path, base: str, path: str
) -> None:
    run = opened(one_task(tmp_path, f'self.client.get("{path}")', base), rate=12, seconds=9, deadline=0.5)

    seen = loaded(probe(server.url, tmp_path).send(run))

    assert seen.why == "20 failures in a row: deadline"


def test_names_that_hold_identifiers_are_told_apart_only_to_a_limit(server: Server, tmp_path: Path) -> None:
    body = 'import random; self.client.get(f"/ok/1/{random.random()}")'

    seen = loaded(probe(server.url, tmp_path).send(closed(one_task(tmp_path, body), users=2, requests=300)))

    assert len(seen.names) == 201
    assert "(other names)" in seen.names


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import nothing_of_this_name\n", "No module named 'nothing_of_this_name'"),
        ("from locust import HttpUser\n\nclass Idle(HttpUser):\n    pass\n", "No tasks defined on Idle"),
    ],
)
def test_a_file_that_does_not_run_is_inconclusive_with_its_own_words(
    server: Server, tmp_path: Path, text: str, words: str
) -> None:
    seen = loaded(probe(server.url, tmp_path).send(closed(written(tmp_path, text), users=1, requests=20)))

    assert seen.measured().n == 0
    assert words in told(seen)


def told(seen: Loaded) -> str:
    return seen.why + "".join(seen.mistakes)


def test_a_file_that_does_nothing_but_fail_is_ended_soon(server: Server, tmp_path: Path) -> None:
    run = opened(one_task(tmp_path, '{}["id"]'), rate=100, seconds=30)

    seen = loaded(probe(server.url, tmp_path).send(run))

    assert (seen.ending, seen.seconds < 2) == (Ending.BROKEN, True)
    assert "KeyError: 'id'" in seen.why


def test_a_shape_of_its_own_does_not_overrule_the_contract(server: Server, tmp_path: Path) -> None:
    text = """\
        from locust import FastHttpUser, LoadTestShape, task

        class One(FastHttpUser):
            @task
            def one(self):
                self.client.get("/ok/1")

        class Many(LoadTestShape):
            def tick(self):
                return 500, 500
        """

    seen = loaded(probe(server.url, tmp_path).send(closed(written(tmp_path, text), users=2, requests=50)))

    assert (seen.ending, seen.measured().n) == (Ending.COMPLETE, 50)


def test_a_client_of_its_own_is_counted_by_locusts_event(server: Server, tmp_path: Path) -> None:
    text = """\
        import gevent
        from locust import User, task

        class Listener(User):
            @task
            def listen(self):
                gevent.sleep(0.01)
                self.environment.events.request.fire(
                    request_type="WS", name="/realtime", response_time=10, response_length=0, exception=None,
                    context={},
                )
        """

    seen = loaded(probe(server.url, tmp_path).send(closed(written(tmp_path, text), users=2, requests=50)))

    assert (seen.ending, seen.names) == (Ending.COMPLETE, ("WS /realtime",))
    assert seen.measured().n in range(50, 53)


def test_settings_of_locusts_own_do_not_count(server: Server, tmp_path: Path) -> None:
    (tmp_path / "locust.conf").write_text("users = 500\nrun-time = 1s\nprocesses = 4\ntags = nothing\n")
    run = closed(one_task(tmp_path, 'self.client.get("/ok/1")'), users=2, requests=50)

    seen = loaded(probe(server.url, tmp_path).send(run))

    assert (seen.ending, seen.measured().n, seen.workers) == (Ending.COMPLETE, 50, 1)
