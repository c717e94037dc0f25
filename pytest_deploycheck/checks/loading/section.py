"""The YAML of load checks."""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    PlainValidator,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from pytest_deploycheck.checks.exchange.line import EXPECTED, read_line
from pytest_deploycheck.checks.exchange.section import Creates, Scalar, Send
from pytest_deploycheck.checks.exchange.status import StatusOf
from pytest_deploycheck.checks.language.amount import Duration, parse_duration, parse_percent
from pytest_deploycheck.checks.language.part import PART, MistakeError, Runbook, Text
from pytest_deploycheck.statistics.thresholds import Threshold, ThresholdError, parse

_RATE = re.compile(r"(\d+(?:\.\d+)?)\s*/\s*(s|m|h)")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_BIND = re.compile(r"(?P<host>[^\s:]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")


def _message(value: object) -> str:
    """Return a message as it is sent: a text, or JSON."""
    if isinstance(value, str) and value:
        return value
    if isinstance(value, Mapping | list) and value:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    raise MistakeError(f"{value!r} is not a message", "a text, or JSON")


Message = Annotated[str, PlainValidator(_message), WithJsonSchema({"type": ["string", "object", "array"]})]


class Ask(BaseModel):
    """How one request of a scenario is sent. `weight`: how often, relative to the others.

    `messages`, `expect`, `hold` and `token_in` are of a WebSocket: what is sent over it, what an answer
    contains, how long it must last, and the field of the query that carries the token.
    """

    model_config = PART

    weight: float = Field(default=1.0, gt=0)
    identity: Text | None = Field(default=None, alias="as")
    send: Send = Send()
    status: StatusOf | None = None
    read_only: bool = False
    creates: Creates | None = None
    messages: list[Message] = Field(default=[], min_length=1, max_length=10)
    expect: Text | None = None
    hold: Duration | None = None
    token_in: Text | None = None


class Limit(BaseModel):
    """A threshold and what belongs to it."""

    model_config = PART

    threshold: Threshold
    runbook: Runbook = ()
    hint: str = ""


class Elsewhere(BaseModel):
    """Workers that are started on other machines. `bind`: the address and port where they reach this one."""

    model_config = PART

    expected: int = Field(ge=1, le=1000)
    bind: Annotated[str, Field(pattern=_BIND.pattern)] = "127.0.0.1:5557"

    @property
    def host(self) -> str:
        """The address to listen at."""
        return self.bind.rpartition(":")[0]

    @property
    def port(self) -> int:
        """The port to listen at."""
        return int(self.bind.rpartition(":")[2])


def _asks(value: object) -> dict[str, Any]:
    """A request line, or one with how it is sent: {GET /api/orders: {weight: 2}}."""
    if isinstance(value, str):
        value = {value: {}}
    if isinstance(value, Mapping) and len(value) == 1 and read_line(str(next(iter(value)))):
        return dict(value)
    raise MistakeError(f"{value!r} is not a request", EXPECTED)


def _rate(value: object) -> float:
    """Return how many a second: 10/s, 600/m."""
    found = _RATE.fullmatch(str(value).strip())
    if found and float(found[1]):
        return float(found[1]) / _SECONDS[found[2]]
    raise MistakeError(f"{value!r} is not a rate", "so many in a time: 10/s, 600/m")


def _think(value: object) -> tuple[float, float]:
    """Return the shortest and the longest pause: 1s, 1s..3s."""
    first, _, last = str(value).partition("..")
    low, high = parse_duration(first.strip()), parse_duration((last or first).strip())
    if low <= high:
        return low, high
    raise MistakeError(f"{value!r} ends before it begins", "such as 1s..3s")


def _limit(value: object) -> object:
    """Read a threshold, and what stands beside it."""
    beside: dict[str, object] = {}
    if isinstance(value, Mapping):
        beside = {key: value[key] for key in ("runbook", "hint") if key in value}
        value = {key: told for key, told in value.items() if key not in beside}
    try:
        return {"threshold": parse(value), **beside}
    except ThresholdError as error:
        raise MistakeError(str(error), error.expected) from error


class OrText:
    """Tells editors that a text is short for what the annotated type takes."""

    def __get_pydantic_json_schema__(
        self, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return the schema of either."""
        return {"anyOf": [{"type": "string", "minLength": 1}, handler(core)]}


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


_TEXT = WithJsonSchema({"type": "string"})
Rate = Annotated[float, PlainValidator(_rate), _TEXT]
Think = Annotated[tuple[float, float], PlainValidator(_think), _TEXT]
LimitOf = Annotated[
    Limit,
    BeforeValidator(_limit),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "properties": {
                        "threshold": {"type": "string"},
                        "abortOnFail": {"type": "boolean"},
                        "abort_on_fail": {"type": "boolean"},
                        "runbook": {"type": ["string", "array"]},
                        "hint": {"type": "string"},
                    },
                    "required": ["threshold"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
AskOf = Annotated[dict[str, Ask], BeforeValidator(_asks), OrText()]


class LoadSection(BaseModel):
    """What is sent, how fast, for how long, and what must hold.

    `scenario` lists requests; `locustfile` names a file of locust. Open `arrivals`, or closed `users`.
    `requests` is a number to send, `duration` a time to go on. `up_to` is where a stress run ends.
    `max_requests`: the most that a locustfile may send. `data_per`: who takes the next row of `data`.
    """

    model_config = PART

    preset: Literal["smoke", "baseline", "stress", "soak"] | None = None
    scenario: list[AskOf] = Field(default=[], min_length=1)
    locustfile: Text | None = None
    read_only: bool = False
    identity: Annotated[list[Text], Field(min_length=1), BeforeValidator(_one_or_more), OrText()] = Field(
        default=[], alias="as"
    )
    data: list[dict[Text, Scalar]] = Field(default=[], min_length=1)
    data_per: Literal["request", "user"] = "request"
    arrivals: Rate | None = None
    up_to: Rate | None = None
    users: int | None = Field(default=None, ge=1, le=100_000)
    spawn_rate: Rate | None = None
    think: Think = (0.0, 0.0)
    requests: int | None = Field(default=None, ge=1)
    duration: Duration | None = None
    warmup: Annotated[float, PlainValidator(parse_duration), _TEXT] | None = None
    deadline: Duration = 10.0
    max_in_flight: int | None = Field(default=None, ge=1)
    max_rate: Rate | None = None
    max_requests: int | None = Field(default=None, ge=1)
    stop_after_failures: int = Field(default=20, ge=1)
    processes: int = Field(default=1, ge=1, le=256)
    workers: Elsewhere | None = None
    version_header: Text | None = None
    thresholds: list[LimitOf] = Field(default=[], min_length=1)
    confidence: Annotated[float, PlainValidator(parse_percent), _TEXT] = 0.95
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""
