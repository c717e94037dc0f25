"""HTTP checks that could not be decided, or not be undone: mistakes, found before anything is sent."""

# ruff: noqa: E501 - a contract and its message read best on one line

import pytest

from pytest_deploycheck.model.kind import Misuse
from tests.checks.contracts import declare

CREATES = "creates: {id: $.id, delete: 'DELETE /o/{id}', find: {'GET /o?r={mark}': '$[*].id'}}"


@pytest.mark.parametrize(
    ("text", "message", "expected"),
    [
        ("- GET /x: {}", "no expectation", "status, json, headers, body or duration"),
        (
            "- GET /x: {status: 403}",
            "a refusal proves nothing without its control",
            "control: an identity as which the same request succeeds, or {METHOD /path: {as: ...}}",
        ),
        (
            "- POST /x: {status: 200}",
            "POST may change the deployment, and nothing says how it is undone",
            "creates: {id, delete, find}, or writes: true, or read_only: true",
        ),
        (
            "- POST /x: {status: 200, writes: true, read_only: true}",
            "read_only and writes contradict each other",
            "one of the two",
        ),
        (
            "- POST /x: {status: 401, read_only: true, control: shopper}",
            "the control would really send POST /x, which only a refusal makes read-only",
            "control: {GET /path: {as: ...}}, a request that changes nothing",
        ),
        ("- GET /x: {as: shoper, status: 200}", "unknown identity 'shoper'", "'shopper'?"),
        ("- GET /x: {status: 401, control: nobody}", "unknown identity 'nobody'", "one of admin, expired, other, renewed, shopper"),
        (
            "- GET /x/{order}: {status: 200}",
            "unknown name '{order}'",
            "one of mark; or {{order}} for the text itself",
        ),
        ("- GET /x: {status: 200}\n- GET /x: {status: 200}", "'GET /x' twice", "a [note] or a name to tell them apart"),
        ("- a title: {status: 200}", "'a title' is not a request line", "METHOD /path [note], such as GET /api/orders [no token]; or steps"),
        ("- a: {steps: [{b: {status: 200}}]}", "'b' is not a request line", "METHOD /path [note], such as GET /api/orders [no token]"),
        ("- a: {status: 200, steps: [{GET /x: {status: 200}}]}", "'status' beside steps", "it in one of the steps"),
        ("- POST /x: {status: 200, read_only: true, send: {json: {}, body: x}}", "body and json at once", "one of json, form and body"),
        (
            f"- POST /o: {{status: 201, {CREATES}}}",
            "what it creates carries no mark, so nobody could find it again",
            "{mark} in the path or in send",
        ),
        (
            "- POST /o: {status: 201, creates: {id: $.id, delete: 'DELETE /o/{id}'}}",
            "if the reply is lost, nobody knows what was created",
            'find: {"GET /path?reference={mark}": "$.items[*].id"}',
        ),
        (
            "- POST /o: {status: 201, creates: {id: $.id, delete: 'DELETE /o'}}",
            "'DELETE /o' removes no particular resource",
            "{id} in it",
        ),
        (
            "- POST /o: {status: 201, creates: {id: me, delete: 'DELETE /o/{id}'}}",
            "'me' names no new resource",
            "a JSONPath, or {mark} in it",
        ),
        (
            "- POST /o: {status: 201, creates: {id: $.id, delete: 'DELETE /o/{id}', find: {'GET /o': '$[*].id'}}}",
            "'GET /o' finds more than this run created",
            "{mark} in it",
        ),
        (
            "- GET /x: {status: 401, control: {GET /x: {as: shopper, control: other}}}",
            "a control has no control and captures nothing",
            "neither of them",
        ),
        ("- GTE /x: {status: 200}", "unknown method 'GTE'", "'GET'?"),
        ("- GET /x: {status: 200, capture: {mark: $.id}}", "'mark' is the run's unique mark", "another name"),
    ],
)  # fmt: skip
def test_what_could_not_be_decided_or_undone_is_a_mistake(text: str, message: str, expected: str) -> None:
    with pytest.raises(Misuse) as caught:
        declare("http", text)

    assert (caught.value.message, caught.value.expected) == (message, expected)


def test_a_mistake_in_a_step_has_its_place() -> None:
    with pytest.raises(Misuse) as caught:
        declare("http", "- a: {steps: [{GET /x: {status: 200}}, {GET /y: {as: me, status: 200}}]}")

    assert caught.value.at == (0, "a", "steps", 1, "GET /y", "as")
