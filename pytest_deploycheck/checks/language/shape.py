"""The shape of JSON in words: {id: uuid, name: text, "domain?": text?, tags: [text]}, or a JSON Schema."""

from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from pytest_deploycheck.checks.language.jsonschema import Schema, verified
from pytest_deploycheck.checks.language.part import MistakeError

WORDS: dict[str, dict[str, str]] = {
    "any": {},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "email": {"type": "string", "format": "email"},
    "integer": {"type": "integer"},
    "list": {"type": "array"},
    "null": {"type": "null"},
    "number": {"type": "number"},
    "object": {"type": "object"},
    "text": {"type": "string"},
    "timestamp": {"type": "string", "format": "date-time"},
    "url": {"type": "string", "format": "uri"},
    "uuid": {"type": "string", "format": "uuid"},
}
"""What a word of a shape means in JSON Schema."""

SCHEMA = "json_schema"
"""The key whose value is a JSON Schema, not a shape."""


def parse_shape(value: object) -> Schema:
    """Return the JSON Schema of a shape."""
    match value:
        case str():
            return _alternatives(value)
        case None:
            return WORDS["null"]
        case [item]:
            return {"type": "array", "items": parse_shape(item)}
        case dict() if value.keys() == {SCHEMA}:
            return verified(value[SCHEMA])
        case dict() if value:
            return _object(value)
        case _:
            raise MistakeError(f"{value!r} is no shape", "a type, {name: type}, [type] or {json_schema: ...}")


def _alternatives(text: str) -> Schema:
    """`text?` is text or null; `text | integer` one of the two."""
    words = [word.strip() for word in text.removesuffix("?").split("|")]
    if text.endswith("?"):
        words.append("null")
    shapes = [_word(word) for word in words]
    return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}


def _word(word: str) -> Schema:
    if word in WORDS:
        return WORDS[word]
    near = get_close_matches(word, WORDS, n=1)
    raise MistakeError(f"unknown type '{word}'", f"'{near[0]}'?" if near else f"one of {', '.join(WORDS)}")


def _object(value: dict[Any, Any]) -> Schema:
    """A name that ends with ? may be absent; what is not named may be there."""
    named = {str(name): shape for name, shape in value.items()}
    return {
        "type": "object",
        "required": [name for name in named if not name.endswith("?")],
        "properties": {name.removesuffix("?"): parse_shape(shape) for name, shape in named.items()},
    }


Shape = Annotated[
    Schema,
    PlainValidator(parse_shape),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object"}, {"type": "array"}]}),
]
