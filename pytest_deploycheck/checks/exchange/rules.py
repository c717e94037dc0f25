"""What an HTTP check must say before it may be sent: an expectation, a control, what it writes."""

from collections.abc import Collection
from dataclasses import replace
from difflib import get_close_matches

from pytest_deploycheck.checks.exchange.act import Act, names_of, sent_names
from pytest_deploycheck.checks.exchange.section import Creates
from pytest_deploycheck.checks.language.template import MARK
from pytest_deploycheck.model.kind import Context, Loc, Misuse

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
"""The usual ones (RFC 9110, 9.3; RFC 5789): another that looks like one of them is taken for a slip."""


def hold_rules(act: Act, known: Collection[str], at: Loc, *, control: bool = False) -> None:
    """Refuse a request that could pass without proof, or change the deployment without saying so.

    `known` are the names that earlier steps captured. A control needs no expectation: it must succeed.

    Raises:
        Misuse: at the part that is wrong.
    """
    if not control and not act.step.expects:
        raise Misuse("no expectation", at=at, expected="status, json, headers, body or duration")
    if len(act.step.send.contents) > 1:
        given = " and ".join(sorted(act.step.send.contents))
        raise Misuse(f"{given} at once", at=(*at, "send"), expected="one of json, form and body")
    _hold_write_rules(act, at)
    hold_creation_rules(act, at)
    _hold_name_rules(act, known, at)


def require_identity(name: str, context: Context, at: Loc) -> None:
    """Refuse an identity that the contract does not hold.

    Raises:
        Misuse: naming the nearest.
    """
    if name in context.identities:
        return
    near = get_close_matches(name, context.identities, n=1)
    known = (
        f"one of {', '.join(sorted(context.identities))}" if context.identities else "an entry in identities"
    )
    raise Misuse(f"unknown identity '{name}'", at=at, expected=f"'{near[0]}'?" if near else known)


def _hold_write_rules(act: Act, at: Loc) -> None:
    if act.line.method not in METHODS and (near := get_close_matches(act.line.method, METHODS, n=1)):
        raise Misuse(f"unknown method '{act.line.method}'", at=at, expected=f"'{near[0]}'?")
    if act.step.read_only and act.writes:
        declared = "creates" if act.step.creates else "writes"
        raise Misuse(f"read_only and {declared} contradict each other", at=at, expected="one of the two")
    if not (act.line.safe or act.writes or act.step.read_only):
        raise Misuse(
            f"{act.line.method} may change the deployment, and nothing says how it is undone",
            at=at,
            expected="creates: {id, delete, find}, or writes: true, or read_only: true",
        )


def hold_creation_rules(act: Act, at: Loc) -> None:
    """Refuse a creation that could not be found again, or not be removed.

    Raises:
        Misuse: at the part that is wrong.
    """
    creates = act.step.creates
    if creates is None:
        return
    at = (*at, "creates")
    if "{id}" not in creates.delete.target:
        raise Misuse(
            f"'{creates.delete}' removes no particular resource", at=(*at, "delete"), expected="{id} in it"
        )
    _hold_search_rules(creates, at)
    bare = replace(act, step=act.step.model_copy(update={"creates": None}))
    if MARK not in sent_names(bare):
        raise Misuse(
            "what it creates carries no mark, so nobody could find it again",
            at=at,
            expected="{mark} in the path or in send",
        )


def _hold_search_rules(creates: Creates, at: Loc) -> None:
    if not creates.id.startswith("$") and "{mark}" not in creates.id:
        raise Misuse(
            f"'{creates.id}' names no new resource", at=(*at, "id"), expected="a JSONPath, or {mark} in it"
        )
    if creates.id.startswith("$") and creates.find is None:
        raise Misuse(
            "if the reply is lost, nobody knows what was created",
            at=at,
            expected='find: {"GET /path?reference={mark}": "$.items[*].id"}',
        )
    for line in creates.find or {}:
        if "{mark}" not in line.target:
            raise Misuse(
                f"'{line}' finds more than this run created", at=(*at, "find"), expected="{mark} in it"
            )


def _hold_name_rules(act: Act, known: Collection[str], at: Loc) -> None:
    unknown = names_of(act) - {*known, MARK}
    if unknown:
        name = min(unknown)
        names = ", ".join([*known, MARK])
        raise Misuse(
            f"unknown name '{{{name}}}'",
            at=at,
            expected=f"one of {names}; or {{{{{name}}}}} for the text itself",
        )
    if MARK in act.step.capture:
        raise Misuse("'mark' is the run's unique mark", at=(*at, "capture", MARK), expected="another name")
