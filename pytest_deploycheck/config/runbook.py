"""The runbook beside a contract; what it says of checks and what checks say of it must agree."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, TypeAdapter, model_validator

from pytest_deploycheck.config.errors import Mistakes, nearest, show
from pytest_deploycheck.config.fields import Absent, Day, Part, Text, UnfitError
from pytest_deploycheck.config.ids import covers, is_test_below
from pytest_deploycheck.config.places import Mapping, compose
from pytest_deploycheck.config.reading import Reading, entries
from pytest_deploycheck.config.spot import Spot
from pytest_deploycheck.config.validate import validated
from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.runbook import Item, Runbook, SignOff

_WAYS = ("checks", "attest", "open")


CITED = "cited"
"""Stands for all checks that cite an item: where a kind makes hundreds, nobody lists them."""


def _cited(value: object) -> object:
    return [CITED] if value == CITED else value


class SignOffPart(Part):
    """Somebody's word for what no probe can see."""

    by: Text
    on: Day
    evidence: Text
    until: Day
    """The last day that the word counts."""


class ItemPart(Part):
    """A line of the runbook: decided by checks, by a sign-off, by both together, or open."""

    what: Text
    where: Text = ""
    """The section of the runbook's document."""
    checks: Annotated[list[Text], BeforeValidator(_cited), Field(min_length=1)] = Field(default_factory=list)
    """Ids of checks (with * for many), or of Python tests below the contract's folder; or "cited": all checks
    that cite the item."""
    attest: Literal[True] | Absent = None
    """No probe can see it: a sign-off decides; beside `checks`, of what they don't see."""
    signed: SignOffPart | Absent = None
    open: Text = ""
    """Why nothing decides it yet."""
    hints: Annotated[list[Text], Field(min_length=1)] = Field(default_factory=list)
    """Where to look when one of its checks fails."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = [key for key in _WAYS if key in self.model_fields_set]
        if not given or given not in (["checks", "attest"], given[:1]):
            message = f"has {' and '.join(given)}" if given else "has no checks, attest or open"
            raise UnfitError("checks, attest, both, or open alone", message=message)
        if self.signed and not self.attest:
            raise UnfitError("attest: true beside it", message="is signed, and not attested")
        return self


_ITEM: TypeAdapter[ItemPart] = TypeAdapter(ItemPart)


def runbook(spot: Spot, name: str, reading: Reading) -> Runbook | None:
    """Return the runbook in the file of that name, or None after a mistake. Variables are not filled in."""
    path = reading.folder / name
    if not path.is_file():
        reading.mistakes.add(
            spot.place, f"'runbook' is '{name}': there is no such file", "a file beside the contract"
        )
        return None
    root = compose(path, reading.mistakes)
    return _read(Spot(root), reading.mistakes) if root else None


def _read(root: Spot, mistakes: Mistakes) -> Runbook | None:
    before = len(mistakes.found)
    if isinstance(root.node, Mapping):
        for one in entries(root, mistakes):
            if one.name != "items":
                mistakes.add(one.key.place if one.key else one.place, f"unknown key '{one.name}'", "'items'")
    items = root.below("items")
    if items is None:
        mistakes.add(root.node.place, "missing key 'items'", "items: with a mapping of ids to items")
        return None
    found = {one.name: _item(one, part) for one in entries(items, mistakes) if (part := _part(one, mistakes))}
    return Runbook(found) if len(mistakes.found) == before else None


def _part(spot: Spot, mistakes: Mistakes) -> ItemPart | None:
    return validated(_ITEM, spot, mistakes, set())


def _item(spot: Spot, part: ItemPart) -> Item:
    signed = part.signed
    return Item(
        id=spot.name,
        place=spot.place,
        what=part.what,
        where=part.where,
        checks=tuple(part.checks),
        attest=bool(part.attest),
        signed=SignOff(signed.by, signed.on, signed.evidence, signed.until) if signed else None,
        open=part.open,
        hints=tuple(part.hints),
    )


def reconciled(
    runbook: Runbook, checks: Iterable[Check], logins: Collection[str], reading: Reading
) -> Runbook:
    """Return the runbook with its patterns resolved; tell every mismatch between it and the checks.

    `logins` are the ids of the identities' logins, which an item may list and which cite none.
    """
    known = {check.id: check for check in checks}
    items = {
        name: replace(item, checks=tuple(_resolved(item, known, logins, reading)))
        for name, item in runbook.items.items()
    }
    for check in known.values():
        for cited in check.runbook:
            _tell_uncited(check, cited, items, reading.mistakes)
    return Runbook(items)


def _resolved(
    item: Item, known: dict[str, Check], logins: Collection[str], reading: Reading
) -> Iterator[str]:
    """Return the ids that an item's names and patterns mean."""
    if item.checks == (CITED,):
        citing = [check.id for check in known.values() if item.id in check.runbook]
        if not citing:
            reading.mistakes.add(item.place, f"no check cites {item.id}", f"runbook: {item.id} at a check")
        yield from citing
        return
    for name in item.checks:
        meant = [known[one] for one in known if covers(name, one)]
        if not (meant or name in logins or is_test_below(name, reading.folder)):
            message = f"{item.id} lists '{name}', which is no check"
            reading.mistakes.add(item.place, message, nearest(name, {*known, *logins}))
        for check in meant:
            if item.id not in check.runbook:
                where = show(check.place)
                message = f"{item.id} lists '{check.id}' ({where}), which does not cite it"
                reading.mistakes.add(item.place, message, f"runbook: {item.id} at that check")
        yield from (check.id for check in meant) if meant else (name,)


def _tell_uncited(check: Check, cited: str, items: dict[str, Item], mistakes: Mistakes) -> None:
    item = items.get(cited)
    if item is None:
        message = f"'{check.id}' cites {cited}, which the runbook does not have"
        mistakes.add(check.place, message, nearest(cited, items))
    elif check.id not in item.checks:
        state = "does not list it" if item.checks else "is open" if item.open else "is decided by a sign-off"
        message = f"'{check.id}' cites {cited}, which {state} ({show(item.place)})"
        mistakes.add(check.place, message, f"checks: ['{check.id}'] at {cited}")
