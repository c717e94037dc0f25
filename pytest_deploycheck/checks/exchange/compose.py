"""From an entry of the contract to its requests, each with its controls."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pytest_deploycheck.checks.exchange.act import Act
from pytest_deploycheck.checks.exchange.line import EXPECTED, Line, read_line
from pytest_deploycheck.checks.exchange.rules import hold_rules, require_identity
from pytest_deploycheck.checks.exchange.section import Entry, Step
from pytest_deploycheck.model.identity import Forgery
from pytest_deploycheck.model.kind import Context, Loc, Misuse
from pytest_deploycheck.model.names import ANONYMOUS

RENEWED = "~renewed"
"""Ends the name of a forgery's twin: the same token, signed anew and valid."""

_OF_A_CHECK = frozenset({"steps", "name", "runbook", "hint", "identity"})
"""Fields of an entry that stand beside `steps`."""


def compose(key: str, entry: Entry, context: Context, at: Loc) -> tuple[Act, ...]:
    """Return the requests of a check.

    Raises:
        Misuse: for what could not be decided, or must not be sent.
    """
    if not entry.steps:
        return (_single(key, entry, context, at),)
    beside = sorted(entry.model_fields_set - _OF_A_CHECK)
    if beside:
        name = Entry.model_fields[beside[0]].alias or beside[0]
        raise Misuse(f"'{name}' beside steps", at=(*at, name), expected="it in one of the steps")
    return tuple(_journey(entry, context, at))


def _single(key: str, entry: Entry, context: Context, at: Loc) -> Act:
    line = read_line(key)
    if line is None:
        raise Misuse(f"'{key}' is not a request line", at=at, expected=f"{EXPECTED}; or steps")
    return _proven(Act(line, entry, entry.identity or ANONYMOUS), context, at)


def _journey(entry: Entry, context: Context, at: Loc) -> Iterator[Act]:
    known: list[str] = []
    for number, item in enumerate(entry.steps):
        for key, step in item.items():
            where = (*at, "steps", number, key)
            act = Act(_line(key, where), step, step.identity or entry.identity or ANONYMOUS)
            yield replace(_proven(act, context, where, known), label=f"step {number + 1}, {act}: ")
            known.extend(step.capture)


def _line(key: str, at: Loc) -> Line:
    if line := read_line(key):
        return line
    raise Misuse(f"'{key}' is not a request line", at=at, expected=EXPECTED)


def _proven(act: Act, context: Context, at: Loc, known: Sequence[str] = ()) -> Act:
    """Return the request with its controls, once it says all that it must."""
    _require(act.identity, context, (*at, "as"))
    if act.step.creates and act.step.creates.by:
        _require(act.step.creates.by, context, (*at, "creates", "by"))
    hold_rules(act, known, at)
    controls = tuple(_controls(act, context, at))
    for control in controls:
        hold_rules(control, known, (*at, "control"), control=True)
    if act.statuses.refusal and not controls:
        raise Misuse(
            "a refusal proves nothing without its control",
            at=at,
            expected="control: an identity as which the same request succeeds, or {METHOD /path: {as: ...}}",
        )
    return replace(act, controls=controls)


def _require(identity: str, context: Context, at: Loc) -> None:
    if identity != ANONYMOUS:
        require_identity(identity, context, at)


def _controls(act: Act, context: Context, at: Loc) -> Iterator[Act]:
    """The declared control, and a forgery's twin, which sends the same where that is harmless."""
    declared = _declared(act, context, at)
    if declared:
        yield declared
    if _forged(act.identity, context):
        model = _harmless(act, declared, at)
        yield Act(model.line, model.step, act.identity + RENEWED)


def _declared(act: Act, context: Context, at: Loc) -> Act | None:
    control = act.step.control
    at = (*at, "control")
    if control is None:
        return None
    if isinstance(control, str):
        _require(control, context, at)
        return Act(_harmless(act, None, at).line, _bare(act.step), control)
    ((key, step),) = control.items()
    at = (*at, key)
    identity = step.identity or ANONYMOUS
    _require(identity, context, (*at, "as"))
    if step.control is not None or step.capture:
        raise Misuse("a control has no control and captures nothing", at=at, expected="neither of them")
    return Act(_line(key, at), step, identity)


def _harmless(act: Act, declared: Act | None, at: Loc) -> Act:
    """The request that a control may send: what only a refusal makes read-only is sent by nobody trusted."""
    if not (act.step.read_only and not act.line.safe):
        return Act(act.line, _bare(act.step), act.identity)
    if declared and (declared.line.safe or declared.step.read_only):
        return declared
    raise Misuse(
        f"the control would really send {act.line}, which only a refusal makes read-only",
        at=at,
        expected="control: {GET /path: {as: ...}}, a request that changes nothing",
    )


def _bare(step: Step) -> Step:
    """The same request, of which no more is asked than that it succeeds."""
    kept = {"send", "creates", "writes", "read_only"} & step.model_fields_set
    return Step.model_construct(_fields_set=set(kept), **{name: getattr(step, name) for name in kept})


def _forged(name: str, context: Context) -> bool:
    identity = context.identities.get(name)
    return identity is not None and identity.forgery not in (None, Forgery.RENEWED)
