"""Thresholds in k6's words: p(95)<500ms, avg<100ms, errors<0.1%, rate>=100/s, p(95){GET /orders}<300ms."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import Enum
from typing import Literal, TypeAlias, cast

from pytest_deploycheck.model import duration

Operator: TypeAlias = Literal["<", "<=", ">", ">="]

EXAMPLES = "p(95)<500ms, avg<100ms, med<50ms, errors<0.1% or rate>=100/s"


class Metric(Enum):
    """What a threshold limits."""

    QUANTILE = "quantile"
    """The latency that all but a share of the requests stay below; seconds."""
    MEAN = "avg"
    """The mean latency; seconds."""
    ERRORS = "errors"
    """The share of requests that failed, hung or were never sent; 0 to 1."""
    RATE = "rate"
    """Requests answered well, per second."""


_METRICS = {
    "avg": Metric.MEAN,
    "mean": Metric.MEAN,
    "med": Metric.QUANTILE,
    "errors": Metric.ERRORS,
    "error_rate": Metric.ERRORS,
    "http_req_failed": Metric.ERRORS,
    "rate": Metric.RATE,
    "rps": Metric.RATE,
}
_UNJUDGED = {
    "max": "one request decides it; write p(99.9)<... instead",
    "min": "the fastest request says nothing about the others; write p(95)<... instead",
    "count": "the plan says how many are sent; write rate>=.../s for how many per second must be answered",
}
_LONG_FORM = {"threshold", "abort_on_fail", "abortOnFail"}

_GRAMMAR = re.compile(
    r"\s*(?P<metric>[a-z_]+)\s*(?P<rank>\(?\s*[\d.]+\s*\)?)?\s*(?:\{(?P<endpoint>.+)\})?\s*"
    r"(?P<operator><=|>=|<|>)\s*(?P<limit>[^<>=].*?)\s*"
)
_RANK = re.compile(r"\(\s*(\d+(?:\.\d+)?)\s*\)|(\d+(?:\.\d+)?)")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*(%?)")
_PER_SECOND = re.compile(r"(\d+(?:\.\d+)?)\s*(?:/\s*s|rps)?")
_MILLISECONDS = re.compile(r"\d+(?:\.\d+)?")


class ThresholdError(ValueError):
    """A threshold that is none; `expected` says what would be one."""

    def __init__(self, message: str, expected: str) -> None:
        super().__init__(message)
        self.expected = expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A limit on what a load check measures, in seconds, as a share of 0 to 1, or in requests per second.

    `quantile` is 0.95 for p(95), and 0.5 for med. `endpoint` names the requests it is about; None: all.
    """

    metric: Metric
    operator: Operator
    limit: float
    quantile: float | None = None
    endpoint: str | None = None
    abort_on_fail: bool = False
    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def share(self) -> float | None:
        """The share of requests that may be bad; None for a mean and a rate, which are no shares."""
        if self.quantile is not None:
            return round(1 - self.quantile, 12)
        return self.limit if self.metric is Metric.ERRORS else None

    def is_slow(self, seconds: float) -> bool:
        """Whether a latency is bad for a quantile's threshold; `<` allows none that is equal."""
        return seconds >= self.limit if self.operator == "<" else seconds > self.limit


def parse(value: object) -> Threshold:
    """Return the threshold that a text holds, or k6's long form: {threshold: ..., abortOnFail: true}.

    Raises:
        ThresholdError: for everything that would not be judged.
    """
    if isinstance(value, Mapping):
        return _parse_long(value)
    found = _GRAMMAR.fullmatch(value) if isinstance(value, str) else None
    if not isinstance(value, str) or found is None:
        raise ThresholdError(f"{value!r} is not a threshold", f"such as {EXAMPLES}")
    metric, quantile = _metric(found["metric"], (found["rank"] or "").strip())
    operator = cast("Operator", found["operator"])
    _check_direction(found["metric"] + (found["rank"] or ""), metric, operator)
    limit = _LIMITS[metric](found["limit"])
    if limit == 0 and operator in {"<", ">"}:
        raise ThresholdError(f"{value.strip()!r} can never hold", "a limit above 0, or <= for none at all")
    endpoint = found["endpoint"].strip() if found["endpoint"] else None
    return Threshold(
        metric=metric,
        operator=operator,
        limit=limit,
        quantile=quantile,
        endpoint=endpoint,
        text=value.strip(),
    )


def _parse_long(value: Mapping[object, object]) -> Threshold:
    if unknown := [key for key in value if key not in _LONG_FORM]:
        if unknown[0] == "delayAbortEval":
            raise ThresholdError(
                "delayAbortEval is not needed: the test that aborts is valid however early one looks",
                "threshold and abortOnFail",
            )
        raise ThresholdError(f"unknown key {unknown[0]!r}", "threshold and abortOnFail")
    abort = value.get("abort_on_fail", value.get("abortOnFail", False))
    if not isinstance(abort, bool):
        raise ThresholdError(f"abort_on_fail is {abort!r}", "true or false")
    if isinstance(value.get("threshold"), Mapping):
        raise ThresholdError("a threshold within a threshold", f"threshold: such as {EXAMPLES}")
    return replace(parse(value.get("threshold")), abort_on_fail=abort)


def _metric(name: str, rank: str) -> tuple[Metric, float | None]:
    if name == "p":
        return Metric.QUANTILE, _quantile(rank)
    if name in _UNJUDGED:
        raise ThresholdError(f"{name} is not judged: {_UNJUDGED[name]}", f"such as {EXAMPLES}")
    if rank or name not in _METRICS:
        near = get_close_matches(name, _METRICS, n=1)
        raise ThresholdError(
            f"unknown metric '{name}{rank}'",
            f"{near[0]}, not {name}" if near and not rank else f"such as {EXAMPLES}",
        )
    return _METRICS[name], 0.5 if name == "med" else None


def _quantile(rank: str) -> float:
    found = _RANK.fullmatch(rank)
    number = float(found[1] or found[2]) if found else 0.0
    if not 0 < number < 100:
        raise ThresholdError(
            f"'p{rank}' is not a percentile", "a number between 0 and 100, such as p(95) or p(99.9)"
        )
    return round(number / 100, 12)


def _check_direction(name: str, metric: Metric, operator: Operator) -> None:
    if metric is Metric.RATE and operator.startswith("<"):
        raise ThresholdError(
            f"'{name}' is requests answered per second, which has no upper limit",
            "rate>=100/s; for the share that failed, errors<1%",
        )
    if metric is not Metric.RATE and operator.startswith(">"):
        raise ThresholdError(f"'{name}{operator}' asks for the worse", f"{name}<...")


def _seconds(text: str) -> float:
    if _MILLISECONDS.fullmatch(text):  # k6 writes milliseconds without their unit
        seconds: float | None = float(text) / 1000
    else:
        seconds = duration.parse_duration(text)
    if not seconds:
        raise ThresholdError(f"{text!r} is not a latency", "a duration above 0, such as 500ms or 2s")
    return seconds


def _share(text: str) -> float:
    found = _SHARE.fullmatch(text)
    share = float(found[1]) / (100 if found[2] else 1) if found else 1.0
    if share >= 1:
        raise ThresholdError(f"{text!r} is not a share of failures", "below 100%, such as 0.1%, or 0.001")
    return round(share, 12)


def _per_second(text: str) -> float:
    found = _PER_SECOND.fullmatch(text)
    if found is None or not float(found[1]):
        raise ThresholdError(f"{text!r} is not a rate", "requests per second above 0, such as 100/s")
    return float(found[1])


_LIMITS = {
    Metric.QUANTILE: _seconds,
    Metric.MEAN: _seconds,
    Metric.ERRORS: _share,
    Metric.RATE: _per_second,
}
