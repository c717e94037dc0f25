"""Bad credentials at routes that only the served OpenAPI document names."""

import json
from dataclasses import replace
from typing import Any

import pytest

from pytest_deploycheck.model.check import Severity, Weakness
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
    "/notes": {"get": {}, "post": {}, "options": {}, "trace": {}},
    "/notes/{id}": {"get": {}, "delete": {}},
}
BEARER: list[dict[str, list[str]]] = [{"bearer": []}]
LOGIN = Login(target="/login", token="$.token", body=b"{}")
MINE = Identity(name="shopper", place=PLACE, login=LOGIN)
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

    def __init__(
        self, paths: dict[str, Any] = PATHS, *, open_to_all: str = "", notes: str = "n1", **told: object
    ) -> None:
        document = {"openapi": "3.1.0", "security": BEARER, "paths": paths, **told}
        self.document: Evidence = reply(200, json.dumps(document))
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
    assert first == (
        "5 routes: GET /a, GET /b, GET /c, GET /d, GET /e; the first: no credential: served (200)"
    )
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


def test_a_route_that_the_contract_names_leaves_the_others_to_the_document() -> None:
    notes = Notes()

    assert concluded(notes, around(NOTES)) == Passed(
        "asked: POST /notes, GET /notes/{id}, DELETE /notes/{id}"
    )
    assert isinstance(concluded(Notes(open_to_all="GET /notes/n1"), around(NOTES)), Failed)


def test_what_is_left_of_the_sample_gets_the_whole_set() -> None:
    assert UNSIGNED in made("{sample: 2}", around(NOTES))
    assert UNSIGNED not in made("{sample: 1}", around(NOTES))


@pytest.mark.parametrize("text", ["{}", "{routes: [GET /notes]}"])
def test_where_all_must_be_named_or_some_are_chosen_none_is_added(text: str) -> None:
    told = around(NOTES)
    if text == "{}":
        told = replace(told, described=Described(place=PLACE, path="/api.json", complete=True))

    assert all(title.startswith("GET /notes [") for title in made(text, told))


def test_an_excluded_route_below_the_base_url_is_left_alone() -> None:
    notes = Notes()
    excluded = Route(
        method="DELETE", path="/notes/{note}", base="https://api.example", place=PLACE, excluded="dangerous"
    )

    concluded(notes, around(excluded=(excluded,)))

    assert notes.asked == {"GET /notes", "POST /notes", "GET /notes/n1"}


@pytest.mark.parametrize("target", ["/login?grant_type=password", "https://api.example/login"])
def test_a_login_is_known_by_its_path(target: str) -> None:
    notes = Notes()
    login = replace(LOGIN, target=target)

    concluded(notes, replace(around(), identities={"shopper": replace(MINE, login=login)}))

    assert "POST /login" not in notes.asked


def test_what_may_be_meant_for_everybody_is_not_asked_if_it_could_change_something() -> None:
    notes = Notes(security=None)

    assert concluded(notes, around()) == Inconclusive(
        "2 routes: POST /notes, DELETE /notes/{id}; "
        "the first: the document does not say who may use it: name it in `routes`\n"
        "POST /notes: the document does not say who may use it: name it in `routes`\n"
        "DELETE /notes/{id}: the document does not say who may use it: name it in `routes`"
    )
    assert notes.asked == {"GET /notes", "GET /notes/n1"}


@pytest.mark.parametrize(
    ("servers", "fits"),
    [
        ([{"url": "/"}], True),
        ([{"url": "https://elsewhere.example"}], True),
        ([{"url": "https://{region}.example/v2"}], True),
        ([{"url": "/v1"}, {"url": "https://api.example/"}], True),
        ([{"url": "/v1"}], False),
        ([{"url": "https://api.example/v1"}], False),
    ],
)
def test_paths_below_something_else_are_not_asked(servers: list[dict[str, str]], fits: bool) -> None:  # noqa: FBT001 - a column
    notes = Notes(servers=servers)

    outcome = concluded(notes, around())

    assert (isinstance(outcome, Passed), bool(notes.asked)) == (fits, fits)
    if not fits:
        assert outcome == Inconclusive("GET /api.json says that its paths are below /v1: the base URL is not")


SILENT: dict[str, Any] = {"/status": {"get": {}}, "/notes": {"get": {"security": BEARER}}}


def test_a_route_that_the_document_is_silent_on_is_asked_without_a_credential_alone() -> None:
    notes = Notes(SILENT, security=None)

    assert concluded(notes, around()) == Passed("asked: GET /status, GET /notes")
    assert concluded(notes, around(), UNSIGNED) == Passed("asked: GET /notes")
    assert concluded(notes, around(), "routes of /api.json [expired]") == Passed("asked: GET /notes")


def test_a_route_that_the_document_is_silent_on_fails_if_everybody_is_served_and_says_what_to_do() -> None:
    outcome = concluded(Notes(SILENT, open_to_all="GET /status", security=None), around())

    assert isinstance(outcome, Failed)
    assert outcome.reason.splitlines()[:2] == [
        "GET /status: the document does not say who may use it: "
        "if everybody may, name it in `routes` with public: true",
        "GET /status: no credential: served (200)",
    ]


def test_a_document_that_says_nothing_at_all_hides_no_get_route() -> None:
    notes = Notes({"/notes": {"get": {}}}, security=None)

    assert concluded(notes, around(), UNSIGNED) == Passed("asked: GET /notes")


def test_the_checks_say_what_their_failure_means_and_who_sends() -> None:
    check = made("{strangers: [other]}", strangers())["routes of /api.json [as other]"]

    assert check.weakness == Weakness(Severity.HIGH, "CWE-287", "API2:2023")
    assert check.hint
    assert check.identities == {"shopper", "other"}


def strangers() -> Context:
    other = Identity(name="other", place=PLACE, login=LOGIN)
    return replace(around(), identities={"shopper": MINE, "other": other})


def test_a_document_without_another_route_is_told_as_nothing_there() -> None:
    outcome = concluded(Notes({"/notes": {"get": {}}}), around(NOTES), text="{served: 5}")

    assert outcome == Passed(lacking="route of /api.json beyond the contract's that this is tried at")


@pytest.mark.parametrize(
    "paths", [{"/health": {"get": {"security": []}}}, {"/login": {"post": {}}}, {"x-a": 1}]
)
def test_a_document_without_a_protected_route_decides_nothing(paths: dict[str, Any]) -> None:
    assert concluded(Notes(paths), around()) == Inconclusive("GET /api.json names no protected route")


def test_routes_beyond_the_most_are_not_taken_for_asked() -> None:
    notes = Notes()

    assert concluded(notes, around(), text="{served: 2}") == Inconclusive(
        "not asked: GET /notes/{id}, DELETE /notes/{id}: raise `served`, or name them in `routes`"
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
        (reply(200, "[" * 100_000), "GET /api.json: its body is not JSON"),
    ],
)
def test_without_a_document_nothing_is_asked(evidence: Evidence, reason: str) -> None:
    notes = Notes()
    notes.document = evidence

    assert concluded(notes, around()) == Inconclusive(reason)
    assert notes.asked == set()


@pytest.mark.parametrize("algorithm", ["HS256", "RS256"])
def test_it_spends_no_more_than_it_says_whatever_is_served(algorithm: str) -> None:
    letters = "abcdef"
    paths: dict[str, Any] = {f"/{letter}": {"get": {}, "post": {}} for letter in letters}
    paths |= {f"/{letter}/{{x}}": {"get": {}, "delete": {}} for letter in letters}
    paths |= {"/{x}/{y}": {"get": {}}, "/{y}/{x}": {"patch": {}}}
    who = {name: replace(each, owns=OWNS) for name, each in strangers().identities.items()}
    told = replace(strangers(), identities=who, signing=SigningKey(key=Secret("k"), algorithm=algorithm))

    for title, check in made("{served: 26, sample: 3, strangers: [other]}", told).items():
        notes = Notes(paths)
        assert isinstance(run(check, notes), Passed), title
        assert len(notes.sent) <= check.spend.requests


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
