"""Shapes of JSON, in words and as JSON Schema: what fits, what does not, and what is no shape."""

import json
from typing import Any

import pytest
import yaml

from pytest_deploycheck.checks.language.jsonschema import faults
from pytest_deploycheck.checks.language.part import MistakeError
from pytest_deploycheck.checks.language.shape import parse_shape

UUID = "6f1c2a5e-0f1d-4a52-9d5e-9a1f6c1b7e11"


def broken(shape: str, value: str) -> list[str]:
    schema = parse_shape(yaml.safe_load(shape))
    return [f"{path} {what}" for path, what in faults(schema, json.loads(value))]


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        ("text", '"a"'),
        ("integer", "3"),
        ("integer", "3.0"),
        ("number", "3.5"),
        ("boolean", "false"),
        ("null", "null"),
        ("uuid", f'"{UUID}"'),
        ("date", '"2026-01-15"'),
        ("timestamp", '"2026-01-15T09:00:00Z"'),
        ("timestamp", '"2026-01-15 09:00:00+01:00"'),
        ("email", '"a@b.example"'),
        ("url", '"https://b.example/x"'),
        ("any", "[1]"),
        ("object", "{}"),
        ("list", "[]"),
        ("text?", "null"),
        ("text | integer", "3"),
        ("{a: text}", '{"a": "x", "more": 1}'),
        ('{a: text, "b?": integer}', '{"a": "x"}'),
        ("{a: {b: [uuid]}}", f'{{"a": {{"b": ["{UUID}"]}}}}'),
        ("[text]", "[]"),
        ("{json_schema: true}", "3"),
        ("{json_schema: {type: [string, 'null'], minLength: 1, title: a name}}", '"x"'),
        ("{json_schema: {enum: [1, a]}}", "1"),
        ("{json_schema: {const: {a: [1]}}}", '{"a": [1]}'),
        ("{json_schema: {minimum: 1, maximum: 3, exclusiveMinimum: 0, exclusiveMaximum: 4}}", "3"),
        ("{json_schema: {pattern: '^a', maxLength: 2}}", '"ab"'),
        ("{json_schema: {minItems: 1, maxItems: 2, items: {type: integer}}}", "[1, 2]"),
        (
            "{json_schema: {properties: {a: true}, additionalProperties: {type: integer}}}",
            '{"a": "x", "b": 1}',
        ),
        ("{json_schema: {minLength: 3, minimum: 5, minItems: 2}}", "{}"),
    ],
)
def test_a_value_of_the_shape_fits(shape: str, value: str) -> None:
    assert broken(shape, value) == []


@pytest.mark.parametrize(
    ("shape", "value", "told"),
    [
        ("text", "3", ["$ expected string, got number"]),
        ("integer", "3.5", ["$ expected integer, got number"]),
        ("integer", "true", ["$ expected integer, got boolean"]),
        ("number", '"3"', ["$ expected number, got string"]),
        ("uuid", '"6f1c"', ["$ is no uuid"]),
        ("date", '"15.1.2026"', ["$ is no date"]),
        ("timestamp", '"2026-01-15"', ["$ is no date-time"]),
        ("email", '"ab.example"', ["$ is no email"]),
        ("url", '"/x"', ["$ is no uri"]),
        ("text?", "3", ["$ is none of 2 shapes, got number"]),
        ("{a: text}", "{}", ["$.a is missing"]),
        ("{a: {b: [text]}}", '{"a": {"b": ["x", 1]}}', ["$.a.b[*] expected string, got number"]),
        ("{a: text}", "[]", ["$ expected object, got array"]),
        ("{json_schema: false}", "3", ["$ nothing may be here"]),
        ("{json_schema: {enum: [a]}}", '"b"', ["$ is none of the values allowed"]),
        ("{json_schema: {const: 1}}", "true", ["$ is not the value expected"]),
        ("{json_schema: {const: {a: 1}}}", '{"b": 1}', ["$ is not the value expected"]),
        ("{json_schema: {minimum: 1}}", "0", ["$ is less than 1"]),
        ("{json_schema: {maximum: 1}}", "2", ["$ is more than 1"]),
        ("{json_schema: {exclusiveMinimum: 1}}", "1", ["$ is not more than 1"]),
        ("{json_schema: {exclusiveMaximum: 1}}", "1", ["$ is not less than 1"]),
        ("{json_schema: {minLength: 2}}", '"a"', ["$ is shorter than 2 characters"]),
        ("{json_schema: {maxLength: 1}}", '"ab"', ["$ is longer than 1 character"]),
        ("{json_schema: {pattern: '^b'}}", '"ab"', ["$ does not match ^b"]),
        ("{json_schema: {minItems: 1}}", "[]", ["$ has fewer than 1 item"]),
        ("{json_schema: {maxItems: 1}}", "[1, 2]", ["$ has more than 1 item"]),
        (
            "{json_schema: {properties: {a: {}}, additionalProperties: false}}",
            '{"a": 1, "b": 1}',
            ["$.b is not expected"],
        ),
        (
            "{json_schema: {additionalProperties: {type: string}}}",
            '{"b": 1}',
            ["$.b expected string, got number"],
        ),
    ],
)
def test_a_value_of_another_shape_is_told_without_it(shape: str, value: str, told: list[str]) -> None:
    assert broken(shape, value) == told


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ("txet", "unknown type 'txet'"),
        ("text | txet?", "unknown type 'txet'"),
        (3, "3 is no shape"),
        ({}, "{} is no shape"),
        (["text", "text"], "is no shape"),
        ({"json_schema": 3}, "3 is no JSON Schema"),
        ({"json_schema": {"requierd": ["a"]}}, "the keyword 'requierd' is not known here"),
        (
            {"json_schema": {"properties": {"a": {"dependentRequired": {}}}}},
            "'dependentRequired' is not known",
        ),
        ({"json_schema": {"type": "text"}}, "'type' can't be 'text'"),
        ({"json_schema": {"type": []}}, "'type' can't be"),
        ({"json_schema": {"pattern": "("}}, "'pattern' can't be"),
        ({"json_schema": {"format": "ipv4"}}, "'format' can't be 'ipv4'"),
        ({"json_schema": {"enum": []}}, "'enum' can't be"),
        ({"json_schema": {"minLength": True}}, "'minLength' can't be True"),
        ({"json_schema": {"minimum": "1"}}, "'minimum' can't be '1'"),
        ({"json_schema": {"required": "a"}}, "'required' can't be 'a'"),
        ({"json_schema": {"anyOf": []}}, "'anyOf' can't be"),
        ({"json_schema": {"items": [{"type": "string"}]}}, "is no JSON Schema"),
        ({"json_schema": {"properties": []}}, "'properties' can't be"),
    ],
)
def test_what_is_no_shape_is_a_mistake(shape: Any, message: str) -> None:  # noqa: ANN401 - of YAML
    with pytest.raises(MistakeError) as caught:
        parse_shape(shape)

    assert message in str(caught.value)
