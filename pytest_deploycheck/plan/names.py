"""Names of checks that may be printed and kept in files: pytest's cache and reports hold them."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.contract import Contract


def printable(contract: Contract, clean: Callable[[str], str]) -> Contract:
    """Return the contract with the titles of its checks cleaned of secrets, and still different."""
    return replace(contract, checks=tuple(_cleaned(contract.checks, clean)))


def as_planned(contract: Contract, planned: Contract) -> Contract:
    """Return the contract with the titles that its checks had before the deployment was started."""
    pairs = zip(contract.checks, planned.checks, strict=True)
    return replace(contract, checks=tuple(replace(check, title=before.title) for check, before in pairs))


def _cleaned(checks: tuple[Check, ...], clean: Callable[[str], str]) -> Iterator[Check]:
    taken = {check.id for check in checks}
    for check in checks:
        title = clean(check.title)
        if title != check.title:
            check = _apart(replace(check, title=title), taken)
            taken.add(check.id)
        yield check


def _apart(check: Check, taken: set[str]) -> Check:
    number, named = 1, check
    while named.id in taken:
        number += 1
        named = replace(check, title=f"{check.title} ({number})")
    return named
