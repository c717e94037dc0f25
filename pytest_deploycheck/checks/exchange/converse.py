"""The conversation of an HTTP check: step by step, each request together with its controls."""

from typing import Any

from pytest_deploycheck.checks.exchange.act import Act
from pytest_deploycheck.checks.exchange.judge import captured, judge
from pytest_deploycheck.checks.exchange.request import request_of
from pytest_deploycheck.checks.language.template import MARK
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.evidence import Mark, Reply
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest, NewMark


def converse(acts: tuple[Act, ...]) -> Steps:
    """Send each step, judge it, and hand what it captured to the next; stop at the first that is broken."""
    known: dict[str, Any] = {}
    if any(act.uses_mark or act.step.creates for act in acts):
        (mark,) = yield (NewMark(),)
        if not isinstance(mark, Mark):
            return Inconclusive("no mark was given, so nothing was sent")
        known[MARK] = mark.text
    for number, act in enumerate(acts, 1):
        evidence = yield _round(act, known, f"step {number}" if len(acts) > 1 else "request")
        if verdict := judge(act, evidence, known):
            return verdict
        (reply, *_) = evidence
        values = captured(act, reply) if isinstance(reply, Reply) else {}
        if isinstance(values, Failed):
            return values
        known |= values
    return Passed()


def _round(act: Act, known: dict[str, Any], purpose: str) -> tuple[HttpRequest, ...]:
    controls = (request_of(control, known, "control") for control in act.controls)
    return (request_of(act, known, purpose), *controls)
