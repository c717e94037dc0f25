"""The login that tells nothing, and the sign-up that refuses weak passwords."""

import json
from dataclasses import replace

import pytest

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.evidence import Claims, Evidence, Mark, Reply, Silence, Withheld
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest, Inspect, NewMark
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import IDENTITIES, LOGIN, context, declare, reply

MEMBER = "{as: admin, runbook: WC-05}"
SIGN_UP = """
as: admin
weak: ["12345678"]
sign_up:
  POST /signup:
    send: {json: {email: "{mark}@app.example", password: "{password}"}}
    status: 422
    json: {$.error_code: weak_password}
    creates: {by: shopper, id: $.id, delete: "DELETE /users/{id}", find: {"GET /users?q={mark}": "$[*].id"}}
"""
MARK = Mark("m1")
IN = Claims({"sub": "1"})
NO = reply(400, '{"code": 400, "error": "invalid credentials", "request_id": "a1"}')


def login(text: str = MEMBER, around: Context | None = None) -> Check:
    return declare("login_hygiene", text, around)[0]


def judged(*evidence: Evidence, control: Evidence = IN) -> Outcome:
    return answer(login(), MARK, (control, *evidence))


def test_one_wrong_password_and_one_unknown_name_are_sent() -> None:
    first, second = asked(login(), MARK)

    assert first == (NewMark(),)
    assert second == (
        Inspect("admin"),
        HttpRequest(
            method="POST",
            target="/login",
            body=json.dumps({"email": "m@app.example", "password": "Wrong-m1-1"}).encode(),
            purpose="wrong password",
        ),
        HttpRequest(
            method="POST",
            target="/login",
            body=json.dumps({"email": "m1@app.example", "password": "Wrong-m1-1"}).encode(),
            purpose="unknown name",
        ),
    )
    check = login()
    assert (check.title, check.spend, check.phase) == (
        "login_hygiene: the login does not tell who has an account",
        Spend(requests=2),
        Phase.READ,
    )
    assert (check.identities, check.runbook) == (frozenset({"admin"}), ("WC-05",))
    assert check.weakness
    assert check.weakness.cwe == "CWE-204"


def test_a_form_is_sent_as_a_form() -> None:
    form = replace(LOGIN, body=b"name=jo&word=right&grant=password")
    around = replace(context(), identities={"jo": replace(IDENTITIES["admin"], login=form)})

    (_, (_, wrong, unknown)) = asked(login("{as: jo, user: name, password: word}", around), MARK)
    assert isinstance(wrong, HttpRequest)
    assert isinstance(unknown, HttpRequest)
    assert wrong.body == b"name=jo&word=Wrong-m1-1&grant=password"
    assert unknown.body == b"name=m1&word=Wrong-m1-1&grant=password"


def test_the_same_answer_passes_also_if_it_names_who_asked() -> None:
    assert judged(NO, reply(400, NO.text.replace("a1", "b2"))) == Passed()
    assert (
        judged(
            reply(401, '{"error": "not for m@app.example", "at": [{"time": 1}]}'),
            reply(401, '{"error": "not for m1@app.example", "at": [{"time": 2}]}'),
        )
        == Passed()
    )
    assert judged(reply(401, "no. request 17"), reply(401, "no. request 18")) == Passed()
    assert judged(NO, NO, control=Silence("the token of admin is not a JWT")) == Passed()


@pytest.mark.parametrize(
    ("one", "other", "fault"),
    [
        (NO, reply(404, NO.text), "status: 400 and 404"),
        (
            NO,
            reply(400, NO.text.replace("invalid credentials", "no such user")),
            '$.error: "invalid credentials" and "no such user"',
        ),
        (reply(401, '{"e": 1}'), reply(401, '{"e": 1, "hint": "sign up"}'), '$.hint: nothing and "sign up"'),
        (reply(401, "wrong password"), reply(401, "unknown"), 'body: "wrong password" and "unknown"'),
        (
            reply(401, "{}", 0.1, content_type="text/html"),
            reply(401, "{}"),
            "content-type: text/html and nothing",
        ),
        (reply(401), reply(500), "status: 401 and 500"),
    ],
)
def test_an_answer_that_tells_who_has_an_account_is_a_fault(one: Reply, other: Reply, fault: str) -> None:
    assert judged(one, other) == Failed(f"a wrong password and an unknown name are told apart by {fault}")


def test_a_wrong_password_that_is_let_in_is_a_fault_whatever_else_is_seen() -> None:
    assert judged(reply(200), Silence("refused"), control=Withheld("its login failed")) == Failed(
        "POST /login: a wrong password is let in (200)"
    )
    assert judged(NO, reply(200)) == Failed("POST /login: an unknown name is let in (200)")


def test_a_difference_in_time_is_only_noted() -> None:
    slow = Reply(status=400, body=NO.body, elapsed=0.6)

    assert judged(slow, Reply(status=400, body=NO.body, elapsed=0.05)) == Passed(
        "a wrong password took 0.6 s, an unknown name 0.05 s: once says little, but measure it"
    )


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        ((IN, Silence("refused"), NO), "the login with a wrong password: no answer: refused"),
        ((IN, NO, reply(429)), "the login with an unknown name: rate limited (429)"),
        ((IN, NO, Withheld("budget spent")), "the login with an unknown name: not sent: budget spent"),
        ((Withheld("its login failed"), NO, NO), "the control, the login of admin: its login failed"),
        ((IN, reply(404), reply(404)), "a wrong password got 404: is that the login?"),
        ((IN, reply(503), reply(503)), "a wrong password got 503: is that the login?"),
    ],
)
def test_without_a_refusal_and_a_working_account_nothing_passes(
    evidence: tuple[Evidence, ...], reason: str
) -> None:
    assert answer(login(), MARK, evidence) == Inconclusive(reason)


def test_without_a_mark_nothing_is_sent() -> None:
    assert answer(login(), Withheld("no")) == Inconclusive("no mark was given, so nothing was sent")


def test_a_weak_password_is_refused_for_being_weak() -> None:
    _, sign_up = declare("login_hygiene", SIGN_UP)

    assert sign_up.title == "login_hygiene: the weak password 12345678 is refused at sign-up"
    assert (sign_up.phase, sign_up.spend) == (Phase.WRITE, Spend(requests=5, writes=2))
    assert sign_up.identities == {"shopper"}
    assert sign_up.weakness
    assert sign_up.weakness.cwe == "CWE-521"
    _, (request,) = asked(sign_up, MARK)
    assert isinstance(request, HttpRequest)
    assert json.loads(request.body or b"") == {"email": "m1@app.example", "password": "12345678"}
    assert request.creates

    assert answer(sign_up, MARK, reply(422, '{"error_code": "weak_password"}')) == Passed()
    assert answer(sign_up, MARK, reply(200, '{"id": 1, "error_code": "weak_password"}')) == Failed(
        "status: expected 422, got 200"
    )
    assert isinstance(answer(sign_up, MARK, reply(422, '{"error_code": "closed"}')), Failed)
    assert isinstance(answer(sign_up, MARK, reply(429)), Inconclusive)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{as: me}", "unknown identity 'me'"),
        ("{as: expired}", "'expired' does not log in"),
        ("{as: admin, user: name}", "the login of 'admin' has no 'name'"),
        (SIGN_UP.replace("{password}", "12345678"), "no {password} is sent"),
        (SIGN_UP.replace("status: 422", "status: 200"), "no refusal is expected"),
        (SIGN_UP.replace("json: {$.error", "headers: {x-error"), "a refusal for any reason would do"),
        (
            "{as: admin, sign_up: {x: {steps: [{GET /: {status: 200}}]}}}",
            "a sign-up is one request",
        ),
    ],
)
def test_a_section_that_could_not_decide_is_a_mistake(text: str, message: str) -> None:
    with pytest.raises(Misuse) as caught:
        declare("login_hygiene", text)

    assert message in str(caught.value)
