"""Matchers and the other small words: what they accept, and how they say no."""

from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from pytest_deploycheck.checks.language.amount import Duration, DurationLimit, Percent
from pytest_deploycheck.checks.language.matcher import Found, broken, parse_matcher
from pytest_deploycheck.checks.language.template import filled, filled_target
from pytest_deploycheck.testing import ConversationError, answer
from tests.checks.contracts import declare, declare_one, reply

KNOWN: dict[str, Any] = {"mark": "m.1", "order": 5}


@pytest.mark.parametrize(
    ("matcher", "value"),
    [
        ("ok", "ok"),
        (None, None),
        (1, 1.0),
        ([1, {"a": True}], [1, {"a": True}]),
        ({"equals": {"a": 1}}, {"a": 1}),
        ({"not": "x"}, "y"),
        ({"not": {"contains": "x"}}, "y"),
        ({"contains": "el"}, "hello"),
        ({"contains": 2}, [1, 2]),
        ({"contains": "a"}, {"a": 1}),
        ({"matches": "^[0-9a-f]{4}$"}, "00ff"),
        ({"matches": "^{mark}$"}, "m.1"),
        ({"in": [1, 2]}, 2),
        ({"type": "integer"}, 3),
        ({"type": "null"}, None),
        ({"length": ">=1"}, [0]),
        ({"length": 2}, "ab"),
        ({"over": 1, "under": 3}, 2),
        ({">=": 1, "<=": "1"}, 1),
        ({"exists": True}, None),
        ({"every": {"type": "string"}}, ["a", "b"]),
        ("{order}", 5),
        ("order {order}", "order 5"),
        ("{{order}}", "{order}"),
    ],
)
def test_what_fits_is_not_broken(matcher: object, value: object) -> None:
    assert broken(parse_matcher(matcher), Found((value,)), KNOWN) is None


@pytest.mark.parametrize(
    ("matcher", "value", "fault"),
    [
        ("5", 5, 'expected "5", got 5'),
        (1, True, "expected 1, got true"),
        ({"not": "x"}, "x", 'expected not "x", got "x"'),
        ({"matches": "^{mark}$"}, "mx1", r'expected a text that matches /^m\.1$/, got "mx1"'),
        ({"in": [1, 2]}, 3, "expected one of [1, 2], got 3"),
        ({"type": "number"}, True, "expected a value of type number, got true"),
        ({"length": ">=1"}, [], "expected a length of >= 1, got []"),
        ({"under": 5}, 7, "expected a number < 5, got 7"),
        ({"under": 5}, "1", 'expected a number < 5, got "1"'),
        ({"contains": "x"}, 1, 'expected something that contains "x", got 1'),
        ({"absent": True}, None, "expected nothing, got null"),
        ({"every": "a"}, [], 'expected every value "a", got none, and an empty list proves nothing'),
        ({"every": "a"}, ["a", "b", "c"], 'expected every value "a", got 2 of 3 otherwise, first "b"'),
        ("x", "y" * 200, f'expected "x", got "{"y" * 119}...'),
    ],
)
def test_what_does_not_fit_is_said(matcher: object, value: object, fault: str) -> None:
    assert broken(parse_matcher(matcher), Found((value,)), KNOWN) == fault


@pytest.mark.parametrize(
    "matcher", ["x", {"not": "x"}, {"contains": "x"}, {"every": "x"}, {"exists": True}, {"type": "null"}]
)
@pytest.mark.parametrize("single", [True, False])
def test_where_nothing_is_found_nothing_is_right(matcher: object, single: bool) -> None:  # noqa: FBT001 - a parameter
    assert broken(parse_matcher(matcher), Found((), single=single), KNOWN) is not None


@pytest.mark.parametrize("matcher", [{"absent": True}, {"exists": False}, {"length": 0}, {"equals": []}, []])
def test_a_list_may_be_expected_to_be_empty(matcher: object) -> None:
    assert broken(parse_matcher(matcher), Found((), single=False), KNOWN) is None


def test_names_keep_out_of_variables_and_are_encoded_in_paths() -> None:
    assert filled({"a": ["{order}", "${order}"]}, KNOWN) == {"a": [5, "${order}"]}
    assert (
        filled_target("/x/{id}?q={mark}&r={{mark}}", {**KNOWN, "id": "a/b ?"})
        == "/x/a%2Fb%20%3F?q=m.1&r={mark}"
    )
    assert filled_target("{next}?p={order}", {**KNOWN, "next": "https://a/b"}) == "https://a/b?p=5"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{status: 9}", "9 is not a status"),
        ("{status: []}", "an empty list of statuses expects nothing"),
        ("{json: {a: 1}}", "'a' is not a JSONPath"),
        ("{json: {'$.a[': 1}}", "'$.a[' is not a JSONPath: "),
        ("{json: {$.a: {}}}", "an empty matcher expects nothing"),
        ("{json: {$.a: {equls: 1}}}", "unknown operator 'equls'"),
        ("{json: {$.a: {type: text}}}", "'text' is not a JSON type"),
        ("{json: {$.a: {in: []}}}", r"\[\] leaves no choice"),
        ("{json: {$.a: {exists: 1}}}", "1 is neither true nor false"),
        ("{json: {$.a: {length: many}}}", "'many' is not a limit"),
        ("{json: {$.a: {under: '<3'}}}", "'<3' has a sign already"),
        ("{body: {matches: '('}}", r"'\(' is not a regular expression: "),
        ("{duration: 3s}", "'3s' is not a limit for a duration"),
        ("{duration: <3}", "'3' is not a duration"),
        ("{capture: {a: '$.x[*]'}}", "may find several values"),
        ("{capture: {a: 1}}", "1 captures nothing"),
        ("{control: 1}", "1 is not a control"),
        ("{control: {GET /x: {statsu: 1}}}", "Extra inputs are not permitted"),
        ("{creates: {id: $.id, delete: /x}}", "'/x' is not a request line"),
        ("{json: {}}", "at least 1 item"),
        ("{steps: []}", "at least 1 item"),
    ],
)
def test_a_value_that_means_nothing_is_a_mistake(text: str, message: str) -> None:
    with pytest.raises(
        ValidationError, match=message.replace("$", r"\$").replace("[*]", r"\[\*\]").replace("a['", r"a\['")
    ):
        declare("http", f"- GET /x: {text}")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [(Duration, "500ms", 0.5), (Duration, "14d", 14 * 86400.0), (Percent, "80%", 0.8)],
)
def test_amounts_have_units(kind: Any, text: str, value: float) -> None:  # noqa: ANN401 - a type
    assert TypeAdapter(kind).validate_python(yaml.safe_load(text)) == value


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (Duration, "30", "30 is not a duration"),
        (Duration, "0s", "'0s' leaves no time"),
        (DurationLimit, "<0s", "'0s' leaves no time"),
        (Percent, "80", "80 is not a percentage"),
        (Percent, "180%", "'180%' is not a percentage"),
    ],
)
def test_an_amount_without_sense_is_a_mistake(kind: Any, text: str, message: str) -> None:  # noqa: ANN401 - a type
    with pytest.raises(ValidationError, match=message):
        TypeAdapter(kind).validate_python(yaml.safe_load(text))


def test_evidence_must_fit_the_conversation() -> None:
    check = declare_one("http", "- GET /x: {status: 200}")

    with pytest.raises(ConversationError, match="round 1 has no evidence"):
        answer(check)
    with pytest.raises(ConversationError, match="over after 1 rounds, 2 given"):
        answer(check, reply(), reply())
    with pytest.raises(ConversationError, match="round 1 asks 1 probes, gets 2"):
        answer(check, (reply(), reply()))
