"""A contract of an OpenAPI document and two logins, for an application that nobody wrote it for.

`tests.apps.notes` is served by the standard library, refuses with problem+json, and has other names for
everything than the stand-ins. Its document says which routes there are, and which of them are public: `BARE`
needs no more. Whose things a route shows, and which role may use it, no OpenAPI document can say: `WHOSE`
does, in four lines; and `CREATE` tells how to create what is attacked.
"""

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt
import pytest

from tests.apps.notes.server import DOCUMENT, FAULTS
from tests.projects import Project, Run

ROOT = Path(__file__).parents[2]
KEY = "a key of the notes, which is long enough to sign with"

SIGNING = 'signing: {key: "${NOTES_KEY}"}\n'

BARE = """\
security:
  authentication: {}
  coverage: {}
"""

WHOSE = """\
routes:
  - GET /notes: {tenant: list}
  - GET /notes/{id}: {tenant: item}
  - GET /notes/{id}/comments: {tenant: item}
  - GET /people: {roles: [owner]}
security:
  authentication: {}
  authorization: {identities: [cleo, bo]}
tenant_isolation:
  tenants: {}
"""

CREATE = """\
routes:
  - GET /notes: {tenant: list, owner: $.team_id}
  - GET /notes/{id}: {tenant: item, owner: $.team_id}
  - PUT /notes/{id}: {tenant: item, body: {title: changed}}
  - DELETE /notes/{id}: {tenant: item}
tenant_isolation:
  tenants:
    tenants: {north: "1", south: "2"}
    search: {GET /notes: {q: $.title}}
    tampering: {body: [team_id]}
    create:
      POST /notes:
        send: {json: {title: "{mark}"}}
        status: 201
        creates: {id: $.id, delete: "DELETE /notes/{id}", find: {"GET /notes?q={mark}": "$.notes[*].id"}}
"""

CAUGHT = {
    "notes_public": (BARE, r"security::GET /notes \[no credential\]"),
    "head_public": (BARE, r"security::GET /(me|notes/\{id\}) \[detours\]"),
    "signature_ignored": (BARE, r".* \[(wrong signature|unsigned|foreign key|known key|claims|tampered)\]"),
    "alg_none_accepted": (BARE, r".* \[unsigned\]"),
    "expired_accepted": (BARE, r".* \[expired\]"),
    "people_open": (WHOSE, r"security::GET /people as bo is refused"),
    "people_closed": (WHOSE, r"security::GET /people as cleo is served"),
    "note_of_others": (WHOSE, r".*::GET /notes/\{id\} as .* (shows|guesses) nothing of .*"),
    "comments_of_others": (WHOSE, r".*::GET /notes/\{id\}/comments as .* (shows|guesses) nothing of .*"),
    "list_of_all": (WHOSE, r".*::GET /notes as .* shows nothing of .*"),
    "search_of_all": (CREATE, r".*::GET /notes as .* shows nothing of .* \[q\]"),
    "change_of_others": (CREATE, r".*::PUT /notes/\{id\} as .* changes nothing of .*"),
    "removal_of_others": (CREATE, r".*::DELETE /notes/\{id\} as .* changes nothing of .*"),
    "write_for_others": (CREATE, r".*::POST /notes as .* plants nothing at .* \[body team_id\]"),
}
"""Fault → the contract, and the checks that fail, no more and no less."""

SERVED = {
    "notes_public": "no credential",
    "head_public": "detours",
    "signature_ignored": "wrong signature|unsigned|foreign key|known key|claims|tampered",
    "alg_none_accepted": "unsigned",
    "expired_accepted": "expired",
}
"""Fault → the weaknesses that are found where only the served document names routes."""

COVERAGE = "security::coverage of the OpenAPI document"

OTHERS_FAULTS = {"errors_with_trace"}
"""What other kinds of checks look for."""

Outcomes = dict[str, str]


def password(name: str, value: str = "") -> str:
    given = value or f"${{{name}_PASSWORD}}"
    return (
        f'login: {{url: "${{NOTES_URL}}/login", token: $.token, '
        f'json: {{email: "${{{name}_EMAIL}}", password: "{given}"}}}}'
    )


def logins(
    cleo: str = "", bo: str = "", base_url: str = "${NOTES_URL}", openapi: str = "{file: openapi.json}"
) -> str:
    """The environment, the document, and who logs in: Cleo, who owns the team north, and Bo of another."""
    provided = [f"{name}_{what}" for name in ("BO", "CLEO", "DAN") for what in ("EMAIL", "PASSWORD")]
    return f"""\
system: Notes
environments:
  local:
    base_url: {base_url}
    start:
      command: python -m tests.apps.notes
      cwd: {ROOT}
      provides: [NOTES_URL, {", ".join(provided)}]
openapi: {openapi}
identities:
  cleo: {{tenant: north, roles: [owner], {cleo or password("CLEO")}}}
  bo: {{tenant: south, {bo or password("BO")}}}
"""


@pytest.fixture
def notes(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A folder with the application's document; its contract is to be written."""
    monkeypatch.delenv("NOTES_FAULTS", raising=False)
    monkeypatch.setenv("NOTES_KEY", KEY)
    shutil.copy(DOCUMENT, project.folder / "openapi.json")
    return project


def verify(notes: Project, *parts: str) -> tuple[Run, Outcomes]:
    notes.contract(*parts)
    run = notes.pytest("-v")
    told = re.findall(r"^deploycheck\.yaml::(.+) (PASSED|FAILED|INCONCLUSIVE) +\[", run.out, re.MULTILINE)
    return run, dict(told)


def those(outcomes: Outcomes, outcome: str) -> set[str]:
    return {name for name, found in outcomes.items() if found == outcome}


def those_like(outcomes: Outcomes, pattern: str) -> set[str]:
    return {name for name in outcomes if re.fullmatch(pattern, name)}


@contextmanager
def refusing(kind: str, body: bytes) -> Iterator[str]:
    """The address of a proxy that answers 403 to everything."""

    class Refusal(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            self.send_response(403)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Keep quiet."""

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815 - the names that http.server looks for

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusal) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("matrix", [BARE, WHOSE, CREATE], ids=["bare", "whose", "create"])
def test_a_healthy_application_is_go(notes: Project, matrix: str) -> None:
    run, outcomes = verify(notes, logins(), SIGNING, matrix)

    assert run.verdict == "GO: Notes on local, version not declared"
    assert run.status == 0
    assert set(outcomes.values()) == {"PASSED"}


def test_every_protected_route_of_the_document_is_in_the_matrix_and_no_public_one(notes: Project) -> None:
    _, outcomes = verify(notes, logins(), SIGNING, BARE)

    routes = re.findall(r"^security::([A-Z]+ \S+) \[no credential\]$", "\n".join(outcomes), re.MULTILINE)
    assert sorted(routes) == [
        "DELETE /notes/{id}",
        "GET /me",
        "GET /notes",
        "GET /notes/{id}",
        "GET /notes/{id}/comments",
        "GET /people",
        "POST /notes",
        "PUT /notes/{id}",
    ]


def test_a_document_that_is_only_served_makes_a_check_for_each_weakness(notes: Project) -> None:
    run, outcomes = verify(notes, logins(openapi="{path: /openapi.json}"), SIGNING, BARE)

    assert (run.verdict, run.status) == ("GO: Notes on local, version not declared", 0)
    assert set(outcomes.values()) == {"PASSED"}
    assert "security::routes of /openapi.json [no credential]" in outcomes


@pytest.mark.parametrize("fault", SERVED)
def test_a_fault_at_a_route_that_is_only_served_is_no_go_and_named(
    notes: Project, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTES_FAULTS", fault)

    run, outcomes = verify(notes, logins(openapi="{path: /openapi.json}"), SIGNING, BARE)

    assert run.status == 1
    found = those_like(outcomes, rf"security::routes of /openapi\.json \[({SERVED[fault]})\]")
    assert those(outcomes, "FAILED") == found != set()
    assert "GET /notes" in run.summary


def test_without_the_key_one_check_says_what_was_not_forged(notes: Project) -> None:
    run, outcomes = verify(notes, logins(), BARE)

    assert run.status == 2
    assert set(outcomes) - those(outcomes, "PASSED") == {"security::authentication [not forged]"}
    assert "INCONCLUSIVE not tried: expired, key confusion, claims, in the URL: they need the key" in run.out


def test_with_the_forgeries_that_need_no_key_it_is_go_without_one(notes: Project) -> None:
    some = BARE.replace("{}", "{forgeries: [wrong_signature, unsigned, tampered]}", 1)

    run, outcomes = verify(notes, logins(), some)

    assert run.status == 0
    assert those_like(outcomes, r".* \[unsigned\]") <= those(outcomes, "PASSED")


def test_every_fault_that_is_about_who_may_what_is_tried() -> None:
    assert set(CAUGHT) | OTHERS_FAULTS == set(FAULTS)


@pytest.mark.parametrize("fault", CAUGHT)
def test_a_fault_is_no_go_and_named(notes: Project, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    matrix, pattern = CAUGHT[fault]
    monkeypatch.setenv("NOTES_FAULTS", fault)

    run, outcomes = verify(notes, logins(), SIGNING, matrix)

    assert run.status == 1
    assert those(outcomes, "FAILED") == those_like(outcomes, pattern) != set()


def test_a_wrong_password_fails_and_proves_nothing(notes: Project) -> None:
    run, outcomes = verify(notes, logins(cleo=password("CLEO", "this-is-not-hers")), SIGNING, WHOSE)

    assert run.status == 1
    assert those(outcomes, "FAILED") == {"identities::cleo"}
    assert "hint: the email is ${CLEO_EMAIL}; the password stands in the contract" in run.everything
    assert those(outcomes, "PASSED") == {"release::ready", "identities::bo"}


def test_the_other_tenants_wrong_password_leaves_isolation_unproven(notes: Project) -> None:
    run, outcomes = verify(notes, logins(bo=password("BO", "this-is-not-his")), SIGNING, WHOSE)

    assert run.status == 1
    assert those(outcomes, "FAILED") == {"identities::bo"}
    assert those(outcomes, "INCONCLUSIVE") == (
        those_like(outcomes, r"tenant_isolation::.*|security::GET /people as bo is refused.*")
    )


@pytest.mark.parametrize(
    ("signing", "proven"),
    [("", "nothing"), (SIGNING, r"security::.* \[(expired|claims|in the URL)\]")],
    ids=["without the key", "with the key"],
)
def test_an_expired_token_as_control_proves_nothing_but_what_its_renewed_twin_controls(
    notes: Project, signing: str, proven: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = {"sub": "3", "team": 1, "role": "owner", "iat": 1_700_000_000, "exp": 1_700_000_900}
    monkeypatch.setenv("CLEO_TOKEN", jwt.encode(claims, KEY, algorithm="HS256"))

    run, outcomes = verify(notes, logins(cleo='token: "${CLEO_TOKEN}"'), signing, WHOSE)

    assert run.status == 1
    assert those(outcomes, "FAILED") == {"security::GET /people as cleo is served"}
    assert those(outcomes, "PASSED") == (those_like(outcomes, proven) | {"release::ready", "identities::bo"})


def test_an_empty_tenant_leaves_isolation_unproven(notes: Project) -> None:
    run, outcomes = verify(notes, logins(bo=password("DAN")), SIGNING, WHOSE)

    assert run.status == 2
    assert those(outcomes, "INCONCLUSIVE") == those_like(outcomes, r"tenant_isolation::.*") != set()


@pytest.mark.parametrize(
    ("matrix", "failed"),
    [(WHOSE, {"security::GET /people as cleo is served"}), (CREATE + BARE, set())],
    ids=["whose", "create"],
)
@pytest.mark.parametrize(
    ("kind", "body"),
    [("text/html", b"<h1>Forbidden</h1>"), ("application/problem+json", b'{"title": "Forbidden"}')],
    ids=["page", "json"],
)
def test_a_proxy_that_refuses_everything_gives_no_pass(
    notes: Project, kind: str, body: bytes, matrix: str, failed: set[str]
) -> None:
    with refusing(kind, body) as url:
        run, outcomes = verify(notes, logins(base_url=url), SIGNING, matrix)

    assert run.status == (1 if failed else 2)
    assert those(outcomes, "FAILED") == failed
    assert those(outcomes, "PASSED") <= {"release::ready", "identities::cleo", "identities::bo", COVERAGE}
