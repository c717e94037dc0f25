"""Notes of teams: right without a fault, and wrong in one way with each."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from suites.standins.client import ROOT, read_dotenv
from tests.apps.notes.server import DOCUMENT, FAULTS, PUBLIC, ROUTES, App, serve
from tests.standins.world import wait_until

METHODS = {"get", "post", "put", "delete"}
Observe = Callable[["Client"], Any]


class Client:
    def __init__(self, app: App, url: str) -> None:
        self.app = app
        self.http = httpx.Client(base_url=url, timeout=5)

    def token(self, number: int) -> str:
        person = self.app.store.people[number]
        given = {"email": person.email, "password": person.password}
        return str(self.http.post("/login", json=given).json()["token"])

    def call(self, method: str, path: str, number: int | None = 0, json: object = None) -> httpx.Response:
        return self.bearing(None if number is None else self.token(number), method, path, json)

    def bearing(self, token: str | None, method: str, path: str, json: object = None) -> httpx.Response:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        return self.http.request(method, path, headers=headers, json=json)

    def theirs(self) -> str:
        notes = self.call("GET", "/notes", 1).json()["notes"]
        return f"/notes/{notes[0]['id']}"


@contextmanager
def running(*faults: str) -> Iterator[Client]:
    app = App(frozenset(faults))
    with serve(app) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        client = Client(app, f"http://127.0.0.1:{server.server_port}")
        try:
            yield client
        finally:
            client.http.close()
            server.shutdown()
            thread.join()


def status(method: str, path: str, number: int | None = 0, json: object = None) -> Observe:
    return lambda client: client.call(method, path, number, json).status_code


def of_theirs(method: str, rest: str = "", json: object = None) -> Observe:
    return lambda client: client.call(method, client.theirs() + rest, 0, json).status_code


def forged(key: str | None = None, algorithm: str = "HS256", **changes: object) -> Observe:
    def observe(client: Client) -> int:
        claims = jwt.decode(client.token(0), options={"verify_signature": False})
        signing = client.app.secret if key is None else key
        token = jwt.encode({**claims, **changes}, signing, algorithm=algorithm)
        return client.bearing(token, "GET", "/me").status_code

    return observe


def teams(path: str) -> Observe:
    return lambda client: sorted({n["team_id"] for n in client.call("GET", path).json()["notes"]})


def malformed(client: Client) -> bool:
    headers = {"authorization": f"Bearer {client.token(0)}"}
    answer = client.http.post("/notes", headers=headers, content=b"{")
    return answer.status_code == 500 and "Traceback" in answer.text


CASES: dict[str, tuple[Observe, Any, Any]] = {
    "notes_public": (status("GET", "/notes", None), 401, 200),
    "head_public": (status("HEAD", "/notes", None), 401, 200),
    "signature_ignored": (forged(key="another secret, which is long enough"), 401, 200),
    "alg_none_accepted": (forged(key="", algorithm="none"), 401, 200),
    "expired_accepted": (forged(exp=1_700_000_000), 401, 200),
    "note_of_others": (of_theirs("GET"), 404, 200),
    "comments_of_others": (of_theirs("GET", "/comments"), 404, 200),
    "list_of_all": (teams("/notes"), [1], [1, 2]),
    "search_of_all": (teams("/notes?q=note"), [1], [1, 2]),
    "change_of_others": (of_theirs("PUT", json={"title": "x"}), 404, 200),
    "removal_of_others": (of_theirs("DELETE"), 404, 204),
    "write_for_others": (status("POST", "/notes", json={"title": "x", "team_id": 2}), 403, 201),
    "people_open": (status("GET", "/people"), 403, 200),
    "people_closed": (status("GET", "/people", 2), 200, 403),
    "errors_with_trace": (malformed, False, True),
}
"""Fault → what shows it, without and with it."""


def test_every_fault_has_a_case() -> None:
    assert set(CASES) == set(FAULTS)


@pytest.mark.parametrize("name", CASES)
def test_a_fault_breaks_what_it_names(name: str) -> None:
    observe, healthy, broken = CASES[name]

    with running() as client:
        assert observe(client) == healthy
    with running(name) as client:
        assert observe(client) == broken


def test_a_note_is_written_read_changed_and_removed() -> None:
    with running() as client:
        written = client.call("POST", "/notes", json={"title": "a", "text": "b"})
        path = f"/notes/{written.json()['id']}"

        assert written.status_code == 201
        assert client.call("PUT", path, json={"title": "c"}).json()["title"] == "c"
        assert client.call("GET", path, 2).json()["title"] == "c"
        assert client.call("DELETE", path).status_code == 204
        assert client.call("GET", path).status_code == 404


@pytest.mark.parametrize("path", ["/notes", "/notes/1", "/me", "/people", "/nothing"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "DELETE"])
def test_nothing_but_the_public_is_served_without_a_login(method: str, path: str) -> None:
    with running() as client:
        assert client.call(method, path, None).status_code == 401


def test_the_document_describes_every_route_and_no_other() -> None:
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    described = {
        (method.upper(), path): operation.get("security", document["security"]) != []
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }
    protected = {(verb, path.pattern.replace(r"(?P<id>[0-9]{1,9})", "{id}")) for verb, path, _ in ROUTES}

    assert described == {**dict.fromkeys(PUBLIC, False), **dict.fromkeys(protected, True)}


def test_an_unknown_fault_is_named() -> None:
    with pytest.raises(LookupError, match="no such fault: list_of_al"):
        serve(App(frozenset({"list_of_al"})))


def test_it_runs_by_itself_and_says_how_to_log_in(tmp_path: Path) -> None:
    provides = tmp_path / "variables.env"
    environment = {**os.environ, "DEPLOYCHECK_PROVIDES": str(provides), "NOTES_FAULTS": "people_open"}
    command = [sys.executable, "-m", "tests.apps.notes"]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        wait_until(lambda: provides.exists() or process.poll() is not None, "it has started")
        given = read_dotenv(provides)
        login = {"email": given["ANA_EMAIL"], "password": given["ANA_PASSWORD"]}
        token = httpx.post(f"{given['NOTES_URL']}/login", json=login).json()["token"]
        people = httpx.get(f"{given['NOTES_URL']}/people", headers={"authorization": f"Bearer {token}"})
        process.terminate()

    assert people.status_code == 200
    assert process.returncode == 0
