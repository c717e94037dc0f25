"""Whose privileges a role has without asking."""

from pytest_deploycheck.model.catalog import Catalog


def with_inherited(name: str, catalog: Catalog) -> frozenset[str]:
    """The role, and every role whose privileges it inherits, however far."""
    found: set[str] = set()
    left = [name]
    while left:
        each = left.pop()
        role = catalog.role(each) if each not in found else None
        found.add(each)
        left += [membership.role for membership in role.member_of if membership.inherits] if role else []
    return frozenset(found)
