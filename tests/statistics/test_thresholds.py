"""Thresholds are written in k6's words; what would not be judged is a mistake."""

import pytest

from pytest_deploycheck.statistics.thresholds import Metric, Threshold, ThresholdError, parse

P95 = Threshold(metric=Metric.QUANTILE, operator="<", limit=0.5, quantile=0.95, text="p(95)<500ms")


@pytest.mark.parametrize(
    ("text", "metric", "limit", "share"),
    [
        ("p(95)<500ms", Metric.QUANTILE, 0.5, 0.05),
        ("p95 < 500ms", Metric.QUANTILE, 0.5, 0.05),
        ("p(99.9) <= 1.5s", Metric.QUANTILE, 1.5, 0.001),
        ("p(95)<500", Metric.QUANTILE, 0.5, 0.05),
        ("med<50ms", Metric.QUANTILE, 0.05, 0.5),
        ("avg<100ms", Metric.MEAN, 0.1, None),
        ("errors<0.1%", Metric.ERRORS, 0.001, 0.001),
        ("error_rate < 1%", Metric.ERRORS, 0.01, 0.01),
        ("errors<0.01", Metric.ERRORS, 0.01, 0.01),
        ("errors<=0%", Metric.ERRORS, 0.0, 0.0),
        ("rate>=100/s", Metric.RATE, 100.0, None),
        ("rps >= 45", Metric.RATE, 45.0, None),
        ("rate > 0.5 / s", Metric.RATE, 0.5, None),
    ],
)
def test_every_spelling_is_understood(text: str, metric: Metric, limit: float, share: float | None) -> None:
    found = parse(text)

    assert (found.metric, found.limit, found.share) == (metric, limit, share)
    assert str(found) == text


@pytest.mark.parametrize("name", ["GET /api/products", "GET /api/orders/{order}", "POST /a<b"])
def test_a_threshold_can_be_about_one_endpoint(name: str) -> None:
    found = parse(f"p(95){{{name}}}<300ms")

    assert (found.endpoint, found.limit, found.operator) == (name, 0.3, "<")


def test_the_long_form_aborts() -> None:
    assert parse("p(95)<500ms") == P95
    assert parse({"threshold": "errors<5%", "abortOnFail": True}).abort_on_fail
    assert parse({"threshold": "errors<5%", "abort_on_fail": True}).abort_on_fail
    assert not parse({"threshold": "errors<5%"}).abort_on_fail


def test_less_than_means_less_than() -> None:
    at_most = parse("p(95)<=500ms")

    assert [P95.is_slow(seconds) for seconds in (0.499, 0.5, 0.501)] == [False, True, True]
    assert [at_most.is_slow(seconds) for seconds in (0.499, 0.5, 0.501)] == [False, False, True]


SUCH = "such as p(95)<500ms, avg<100ms, med<50ms, errors<0.1% or rate>=100/s"


@pytest.mark.parametrize(
    ("value", "message", "expected"),
    [
        ("p(95)", "'p(95)' is not a threshold", SUCH),
        ("p(95)==1s", "'p(95)==1s' is not a threshold", SUCH),
        ("p(95){}<1s", "'p(95){}<1s' is not a threshold", SUCH),
        (7, "7 is not a threshold", SUCH),
        ({}, "None is not a threshold", SUCH),
        (
            "max<1s",
            "max is not judged: one request decides it; write p(99.9)<... instead",
            SUCH,
        ),
        (
            "min<1s",
            "min is not judged: the fastest request says nothing about the others; write p(95)<... instead",
            SUCH,
        ),
        (
            "count>3",
            "count is not judged: the plan says how many are sent; write rate>=.../s for how many per second "
            "must be answered",
            SUCH,
        ),
        ("erors<1%", "unknown metric 'erors'", "errors, not erors"),
        ("avg(3)<1s", "unknown metric 'avg(3)'", SUCH),
        ("p(95)>1s", "'p(95)>' asks for the worse", "p(95)<..."),
        ("errors>=1%", "'errors>=' asks for the worse", "errors<..."),
        (
            "rate<0.01",
            "'rate' is requests answered per second, which has no upper limit",
            "rate>=100/s; for the share that failed, errors<1%",
        ),
        ("errors<0%", "'errors<0%' can never hold", "a limit above 0, or <= for none at all"),
        ("errors<100%", "'100%' is not a share of failures", "below 100%, such as 0.1%, or 0.001"),
        ("errors<1", "'1' is not a share of failures", "below 100%, such as 0.1%, or 0.001"),
        ("p(0)<1s", "'p(0)' is not a percentile", "a number between 0 and 100, such as p(95) or p(99.9)"),
        ("p(100)<1s", "'p(100)' is not a percentile", "a number between 0 and 100, such as p(95) or p(99.9)"),
        ("p<1s", "'p' is not a percentile", "a number between 0 and 100, such as p(95) or p(99.9)"),
        (
            "p(1.2.3)<1s",
            "'p(1.2.3)' is not a percentile",
            "a number between 0 and 100, such as p(95) or p(99.9)",
        ),
        ("avg<10 bananas", "'10 bananas' is not a latency", "a duration above 0, such as 500ms or 2s"),
        ("p(95)<0ms", "'0ms' is not a latency", "a duration above 0, such as 500ms or 2s"),
        ("rate>=100/m", "'100/m' is not a rate", "requests per second above 0, such as 100/s"),
        ("rate>=0/s", "'0/s' is not a rate", "requests per second above 0, such as 100/s"),
        (
            "p(95)<1s and errors<1%",
            "'1s and errors<1%' is not a latency",
            "a duration above 0, such as 500ms or 2s",
        ),
        ({"threshold": "p95<1s", "abort": True}, "unknown key 'abort'", "threshold and abortOnFail"),
        ({"threshold": "p95<1s", "abortOnFail": "yes"}, "abort_on_fail is 'yes'", "true or false"),
        ({"threshold": {}}, "a threshold within a threshold", f"threshold: {SUCH}"),
        (
            {"threshold": "p95<1s", "delayAbortEval": "10s"},
            "delayAbortEval is not needed: the test that aborts is valid however early one looks",
            "threshold and abortOnFail",
        ),
    ],
)
def test_what_is_not_judged_is_a_mistake(value: object, message: str, expected: str) -> None:
    with pytest.raises(ThresholdError) as caught:
        parse(value)

    assert (str(caught.value), caught.value.expected) == (message, expected)
