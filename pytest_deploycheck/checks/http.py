"""Requests and what their replies must show: one, or several in a row that hand values on."""

from collections.abc import Iterable
from functools import partial

from pytest_deploycheck.checks.exchange.act import Act
from pytest_deploycheck.checks.exchange.compose import RENEWED, compose
from pytest_deploycheck.checks.exchange.converse import converse
from pytest_deploycheck.checks.exchange.section import Entry, HttpSection
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.kind import Context, Loc, Misuse, Misuses
from pytest_deploycheck.model.names import ANONYMOUS

Section = HttpSection


def checks(section: list[dict[str, Entry]], context: Context) -> Iterable[Check]:
    """Return a check for each entry.

    Raises:
        Misuse: for what could not be decided, or must not be sent; Misuses, if it is more than one thing.
    """
    made: dict[str, Check] = {}
    found: list[Misuse] = []
    for index, item in enumerate(section):
        for key, entry in item.items():
            try:
                check = _check(key, entry, context, (index, key))
            except Misuse as misuse:
                found.append(misuse)
                continue
            if made.setdefault(check.title, check) is not check:
                told = "a [note] or a name to tell them apart"
                found.append(Misuse(f"'{check.title}' twice", at=(index, key), expected=told))
    if found:
        raise found[0] if len(found) == 1 else Misuses(found)
    return made.values()


def _check(key: str, entry: Entry, context: Context, at: Loc) -> Check:
    acts = compose(key, entry, context, at)
    every = [each for act in acts for each in act.all]
    writing = [act for act in every if act.writes]
    return Check(
        marker=context.marker,
        title=entry.name or key,
        place=context.place(at),
        steps=partial(converse, acts),
        phase=Phase.WRITE if writing else Phase.READ,
        spend=sum((act.spend for act in acts), Spend()),
        identities=frozenset(name.removesuffix(RENEWED) for act in every for name in act.names) - {ANONYMOUS},
        tenant=_tenant(writing, context),
        runbook=entry.runbook,
        hint=entry.hint,
        routes=frozenset(f"{act.line.method} {act.line.target.partition('?')[0]}" for act in acts),
    )


def _tenant(writing: list[Act], context: Context) -> str | None:
    """The tenant whose data the first write changes."""
    if not writing:
        return None
    identity = context.identities.get(writing[0].identity.removesuffix(RENEWED))
    return identity.tenant if identity else None
