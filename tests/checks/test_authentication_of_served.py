"""Bad credentials at routes that only the served OpenAPI document names."""

import json
from dataclasses import replace
from typing import Any

import pytest

from pytest_deploycheck.model.evidence import Evidence, Silence
from pytest_deploycheck.model.identity import Identity, Login, SigningKey
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.model.route import Described, Owned, Route
from pytest_deploycheck.model.secret import Secret
from tests.checks.contracts import PLACE, context, reply
from tests.checks.test_authentication import Deployment, made, run

PATHS: dict[str, Any] = {
    "/health": {"get": {"security": []}},
    "/login": {"post": {}},
    "/notes": {"get": {}, "post": {}},
    "/notes/{id}": {"get": {}, "delete": {}},
}
MINE = Identity(name="shopper", place=PLACE, login=Login(target="/login", token="$.token", body=b"{}"))
OWNS = {name: Owned(path=f"/{name}s", ids="$.notes[*].id") for name in "xyz"}
NOTES = Route(method="GET", path="/notes", place=PLACE)
REFUSED = reply(401, '{"error": "no"}', www_authenticate="Bearer")
NO_CREDENTIAL = "routes of /api.json [no credential]"
UNSIGNED = "routes of /api.json [unsigned]"


def around(*routes: Route, path: str | None = "/api.json", excluded: tuple[Route, ...] = ()) -> Context:
    return replace(
        context("security", routes=routes),
        identities={"shopper": MINE},
        signing=SigningKey(key=Secret("shared")),
        described=Described(place=PLACE, path=path),
        excluded=excluded,
    )


class Notes:
    """A deployment that serves a document, and notes of one person. `open_to_all`: what asks for nothing."""

    def __init__(self, paths: dict[str, Any] = PATHS, *, open_to_all: str = "", notes: str = "n1") -> None:
        self.document: Evidence = reply(200, json.dumps({"openapi": "3.1.0", "paths": paths}))
        self.open_to_all = open_to_all
        self.notes = reply(200, json.dumps({"notes": [{"id": each} for each in notes.split()]}))
        self.is_open = False
        self.sent: list[HttpRequest] = []

    def __call__(self, request: HttpRequest) -> Evidence:
        self.sent.append(request)
        if request.target == "/api.json":
            return self.document
        good = self.is_open or request.identity == "shopper" or request.identity.endswith("~renewed")
        return self.notes if good or f"{request.method} {request.target}" == self.open_to_all else REFUSED

    @property
    def asked(self) -> set[str]:
        return {f"{each.method} {each.target}" for each in self.sent} - {"GET /api.json"}


def concluded(deployment: Deployment, told: Context, title: str = NO_CREDENTIAL, text: str = "{}") -> object:
    return run(made(text, told)[title], deployment)


def test_a_contract_that_names_no_route_looks_for_each_weakness_at_what_is_served() -> None:
    assert list(made("{}", around())) == [
        f"routes of /api.json [{note}]"
        for note in (
            "no credential",
            "expired",
            "wrong signature",
            "unsigned",
            "foreign key",
            "known key",
            "claims",
            "tampered",
            "in the URL",
            "detours",
        )
    ]


def test_every_protected_route_is_asked_with_no_credential_but_the_login() -> None:
    notes = Notes()

    assert concluded(notes, around()) == Passed(
        "asked: GET /notes, POST /notes, GET /notes/{id}, DELETE /notes/{id}"
    )
    assert notes.asked == {
        "GET /notes",
        "POST /notes",
        "GET /notes/n1",
        "DELETE /notes/00000000-0000-4000-8000-000000000000",
    }
    assert not any(each.writes for each in notes.sent)
    assert {each.identity for each in notes.sent if each.method in {"POST", "DELETE"}} == {"anonymous"}


def test_the_whole_set_is_tried_at_a_sample_of_get_routes() -> None:
    notes = Notes()

    assert concluded(notes, around(), UNSIGNED, "{sample: 1}") == Passed("asked: GET /notes")
    assert notes.asked == {"GET /notes"}


def test_without_a_sample_only_the_cheap_set_is_tried() -> None:
    assert UNSIGNED not in made("{sample: 0}", around())


def test_a_route_that_asks_for_nothing_fails_and_is_named() -> None:
    outcome = concluded(Notes(open_to_all="GET /notes/n1"), around())

    assert isinstance(outcome, Failed)
    assert outcome.reason.splitlines()[:2] == [
        "GET /notes/{id}: no credential: served (200)",
        "GET /notes/{id}: empty header: served (200)",
    ]
    assert "GET /notes:" not in outcome.reason


def test_of_many_open_routes_all_are_named_and_three_told_about() -> None:
    paths: dict[str, Any] = {f"/{letter}": {"get": {}} for letter in "abcde"}
    everything_open = Notes(paths)
    everything_open.is_open = True

    outcome = concluded(everything_open, around())

    assert isinstance(outcome, Failed)
    first, *lines = outcome.reason.splitlines()
    assert first == "5 routes: GET /a, GET /b, GET /c, GET /d, GET /e"
    assert {line.partition(":")[0] for line in lines} == {"GET /a", "GET /b", "GET /c"}


def test_an_open_route_fails_though_another_could_not_be_decided() -> None:
    paths = {**PATHS, "/drafts/{draft}": {"get": {}}}

    outcome = concluded(Notes(paths, open_to_all="GET /notes/n1"), around())

    assert isinstance(outcome, Failed)
    assert "/drafts" not in outcome.reason


def test_ids_that_nothing_fills_leave_it_undecided() -> None:
    outcome = concluded(Notes({"/drafts/{draft}": {"get": {}}}), around())

    assert isinstance(outcome, Inconclusive)
    assert outcome.reason.startswith("GET /drafts/{draft}: nothing fills {draft}")


def test_a_path_with_ids_of_more_lists_than_planned_is_not_asked() -> None:
    told = replace(around(), identities={"shopper": replace(MINE, owns=OWNS)})

    assert concluded(Notes({"/{x}/{y}/{z}": {"get": {}}}), told) == Inconclusive(
        "GET /{x}/{y}/{z}: its ids come from 3 lists"
    )


def test_what_the_contract_names_is_left_to_the_contract() -> None:
    notes = Notes()
    excluded = Route(method="DELETE", path="/notes/{note}", place=PLACE, excluded="it is asked elsewhere")

    outcome = concluded(notes, around(NOTES, excluded=(excluded,)), text="{served: 5}")

    assert outcome == Passed("asked: POST /notes, GET /notes/{id}")


def test_routes_of_the_contract_add_none_of_the_document_unless_asked() -> None:
    assert all(title.startswith("GET /notes [") for title in made("{}", around(NOTES)))


def test_a_document_without_another_route_is_told_as_nothing_there() -> None:
    outcome = concluded(Notes({"/notes": {"get": {}}}), around(NOTES), text="{served: 5}")

    assert outcome == Passed(lacking="protected route of /api.json that the contract does not name")


@pytest.mark.parametrize("paths", [{"/health": {"get": {"security": []}}}, {"/login": {"post": {}}}])
def test_a_document_without_a_protected_route_decides_nothing(paths: dict[str, Any]) -> None:
    assert concluded(Notes(paths), around()) == Inconclusive("GET /api.json names no protected route")


def test_routes_beyond_the_most_are_not_taken_for_asked() -> None:
    notes = Notes()

    assert concluded(notes, around(), text="{served: 2}") == Inconclusive(
        "GET /api.json names 4 protected routes that the contract does not, and 2 were asked: "
        "raise `served`, or name them in `routes`"
    )
    assert notes.asked == {"GET /notes", "POST /notes"}


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (reply(404), "GET /api.json: got 404: no OpenAPI document is served there"),
        (reply(200, "<html>"), "GET /api.json: its body is not JSON"),
        (Silence("timed out"), "GET /api.json: no answer: timed out"),
        (
            reply(200, '{"openapi": "3.1.0", "paths": {"//other.example/notes": {"get": {}}}}'),
            "GET /api.json: no OpenAPI document: its path '//other.example/notes' is no path",
        ),
    ],
)
def test_without_a_document_nothing_is_asked(evidence: Evidence, reason: str) -> None:
    notes = Notes()
    notes.document = evidence

    assert concluded(notes, around()) == Inconclusive(reason)
    assert notes.asked == set()


def test_it_spends_no_more_than_it_says_whatever_is_served() -> None:
    many: dict[str, Any] = {f"/{letter}/{{id}}": {"get": {}} for letter in "abcdefgh"} | {
        f"/{letter}": {"get": {}} for letter in "abcdefgh"
    }

    for title, check in made("{served: 16, sample: 2}", around()).items():
        assert isinstance(run(check, Notes(many)), Passed), title


def test_the_document_is_asked_for_once_a_run() -> None:
    notes = Notes()

    concluded(notes, around())

    assert [each.once for each in notes.sent if each.target == "/api.json"] == [True]


def test_served_routes_need_a_served_document() -> None:
    assert NO_CREDENTIAL in made("{served: 1}", around(NOTES))
    with pytest.raises(Misuse, match="no served OpenAPI document"):
        made("{served: 1}", around(NOTES, path=None))


def test_no_route_at_all_is_a_mistake() -> None:
    with pytest.raises(Misuse, match="no protected route"):
        made("{}", around(path=None))
    with pytest.raises(Misuse, match="no protected route"):
        made("{served: 0}", around())
