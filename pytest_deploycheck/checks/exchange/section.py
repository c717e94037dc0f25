"""The YAML of HTTP checks.

Defaults that cannot be hashed are made anew: pydantic copies them deeply for each check, half of its time.
"""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, Field, PlainValidator, TypeAdapter, WithJsonSchema

from pytest_deploycheck.checks.exchange.line import EXPECTED, Line, read_line
from pytest_deploycheck.checks.exchange.status import StatusOf
from pytest_deploycheck.checks.language.amount import DurationLimit
from pytest_deploycheck.checks.language.jsonpath import JsonPath, Path, parse_singular
from pytest_deploycheck.checks.language.matcher import MatcherOf
from pytest_deploycheck.checks.language.part import PART, MistakeError, Runbook, Text

Scalar: TypeAlias = str | int | float | bool


class Send(BaseModel):
    """What goes with the request. At most one of `json`, `form` and `body`."""

    model_config = PART

    headers: dict[Text, Scalar] = Field(default_factory=dict)
    query: dict[Text, Scalar | list[Scalar]] = Field(default_factory=dict)
    document: Any = Field(default=None, alias="json")
    form: dict[Text, Scalar] | None = None
    body: Text | None = None

    @property
    def contents(self) -> frozenset[str]:
        """Which of `json`, `form` and `body` are given; null is a JSON document too."""
        names = {"document": "json", "form": "form", "body": "body"}
        return frozenset(names[field] for field in self.model_fields_set & names.keys())


class HeaderCapture(BaseModel):
    """Captures a reply header."""

    model_config = PART

    header: Text


def _capture(value: object) -> JsonPath | HeaderCapture:
    if isinstance(value, Mapping):
        return HeaderCapture.model_validate(value)
    if isinstance(value, str):
        return parse_singular(value)
    raise MistakeError(f"{value!r} captures nothing", "a JSONPath such as $.id, or {header: location}")


Capture = Annotated[
    JsonPath | HeaderCapture,
    PlainValidator(_capture),
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"header": {"type": "string"}}}]}
    ),
]
Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


def _line(value: object) -> Line:
    if isinstance(value, str) and (line := read_line(value)):
        return line
    raise MistakeError(f"{value!r} is not a request line", "such as DELETE /api/orders/{id}")


LineOf = Annotated[Line, PlainValidator(_line), WithJsonSchema({"type": "string"})]


class Creates(BaseModel):
    """How to remove what the request creates, and to find it if the reply never came.

    `id`: a JSONPath into the reply, or a text with {mark} where the client chooses the id. `find`: a
    request line with {mark}, and the JSONPath to the ids in its reply. `by`: the identity that removes it,
    if not the one that sends the request.
    """

    model_config = PART

    id: Text
    by: Text | None = None
    delete: LineOf
    gone: LineOf | None = None
    find: Annotated[dict[LineOf, Path], Field(min_length=1, max_length=1)] | None = None


class Step(BaseModel):
    """A request and what its reply must show."""

    model_config = PART

    identity: Text | None = Field(default=None, alias="as")
    send: Send = Field(default_factory=Send)
    status: StatusOf | None = None
    json_: dict[Path, MatcherOf] = Field(default_factory=dict, alias="json", min_length=1)
    headers: dict[Text, MatcherOf] = Field(default_factory=dict, min_length=1)
    body: MatcherOf | None = None
    duration: DurationLimit | None = None
    capture: dict[Name, Capture] = Field(default_factory=dict, min_length=1)
    creates: Creates | None = None
    writes: bool = False
    read_only: bool = False
    control: "Control | None" = None

    @property
    def expects(self) -> bool:
        """Whether anything is expected of the reply."""
        return bool(self.status or self.json_ or self.headers or self.body or self.duration)


@cache
def _controls() -> TypeAdapter[dict[str, Step]]:
    return TypeAdapter(Annotated[dict[Text, Step], Field(min_length=1, max_length=1)])


def _control(value: object) -> str | dict[str, Step]:
    """Not a union of types, whose mistakes pydantic reports once for each of them."""
    if isinstance(value, Mapping):
        return _controls().validate_python(value)
    if isinstance(value, str) and value:
        return value
    raise MistakeError(
        f"{value!r} is not a control", f"an identity, or a request of its own: {{{EXPECTED}: {{...}}}}"
    )


Control = Annotated[
    str | dict[str, Step], PlainValidator(_control), WithJsonSchema({"type": ["string", "object"]})
]
"""The identity as which the same request must succeed, or a request of its own."""


class Entry(Step):
    """A check of one request, or of `steps` one after another.

    Inherits, because a check of one request is written as its only step with a check's keys beside it.
    """

    steps: list[Annotated[dict[Text, Step], Field(min_length=1, max_length=1)]] = Field(
        default_factory=list, min_length=1
    )
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


HttpSection: TypeAlias = Annotated[
    list[Annotated[dict[Text, Entry], Field(min_length=1, max_length=1)]], Field(min_length=1)
]
