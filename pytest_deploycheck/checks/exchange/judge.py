"""Holds a reply against what the contract expects of it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_deploycheck.checks.exchange.act import Act
from pytest_deploycheck.checks.exchange.section import HeaderCapture, Step
from pytest_deploycheck.checks.exchange.silence import unanswered
from pytest_deploycheck.checks.exchange.status import SUCCESS
from pytest_deploycheck.checks.language.jsonpath import JsonPath
from pytest_deploycheck.checks.language.matcher import Found, broken
from pytest_deploycheck.checks.language.shown import short
from pytest_deploycheck.model.evidence import Evidence, Reply
from pytest_deploycheck.model.outcome import Failed, Inconclusive

_NO_JSON = object()


def judge(act: Act, evidence: tuple[Evidence, ...], known: Mapping[str, Any]) -> Failed | Inconclusive | None:
    """Decide about a request and its controls; None where all is as it should be.

    Being served where a refusal is expected is a fault whatever the control says. Any other answer says
    something only if the controls succeeded.
    """
    for each, seen in zip(act.all, evidence, strict=True):
        if undecided := unanswered(seen, each.statuses):
            who = (act.label or f"{act}: ") if each is act else f"{act.label}the control {each}: "
            return Inconclusive(who + undecided)
    reply, *controls = [seen for seen in evidence if isinstance(seen, Reply)]
    faults = tuple(broken_expectations(act, reply, known))
    served = act.statuses.refusal and reply.ok and bool(faults)
    for control, answer in zip(act.controls, controls, strict=True):
        wrong = tuple(broken_expectations(control, answer, known))
        if wrong and not served:
            return Inconclusive(
                f"{act.label}the control {control}: {'; '.join(wrong)}: without it {_no_proof(act)}"
            )
    return Failed(act.label + "\n".join(faults)) if faults else None


def _no_proof(act: Act) -> str:
    return f"{'a refusal' if act.statuses.refusal else 'the answer'} proves nothing"


def broken_expectations(act: Act, reply: Reply, known: Mapping[str, Any]) -> Iterator[str]:
    """What the reply should have shown and did not, one text each."""
    if reply.status not in act.statuses:
        yield f"status: expected {act.statuses}, got {reply.status}{_said(reply)}"
    yield from _broken_json(act.step, reply, known)
    for name, matcher in act.step.headers.items():
        value = reply.header(name)
        if fault := broken(matcher, Found(() if value is None else (value,)), known):
            yield f"header {name}: {fault}"
    if act.step.body and (fault := broken(act.step.body, Found((reply.text,)), known)):
        yield f"body: {fault}"
    limit = act.step.duration
    if limit and reply.elapsed >= limit.seconds:
        yield f"duration: expected under {limit.text}, got {reply.elapsed:.3g} s"


def _said(reply: Reply) -> str:
    """What an unexpected reply says in its body; one that was expected to fail and did not, says enough."""
    return f" ({short(reply.text)})" if reply.body and reply.status not in SUCCESS else ""


def _broken_json(step: Step, reply: Reply, known: Mapping[str, Any]) -> Iterator[str]:
    if not step.json_:
        return
    document = _document(reply)
    if document is _NO_JSON:
        yield f"body: expected JSON, got {short(reply.text) or 'nothing'}"
        return
    for path, matcher in step.json_.items():
        if fault := broken(matcher, Found(path.find(document), single=path.singular), known):
            yield f"{path}: {fault}"


def _document(reply: Reply) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(reply.body)
    except ValueError:
        return _NO_JSON


def captured(act: Act, reply: Reply) -> dict[str, Any] | Failed:
    """Return the values that later steps use, or say which one is not there."""
    values: dict[str, Any] = {}
    for name, source in act.step.capture.items():
        found = _captured(source, reply)
        if not found:
            return Failed(f"{act.label}capture {name}: nothing there at {_named(source)}")
        values[name] = found[0]
    return values


def _captured(source: JsonPath | HeaderCapture, reply: Reply) -> tuple[Any, ...]:
    if isinstance(source, HeaderCapture):
        value = reply.header(source.header)
        return () if value is None else (value,)
    document = _document(reply)
    return () if document is _NO_JSON else source.find(document)


def _named(source: JsonPath | HeaderCapture) -> str:
    return f"header {source.header}" if isinstance(source, HeaderCapture) else str(source)
