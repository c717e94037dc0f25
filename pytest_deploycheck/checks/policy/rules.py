"""The policies that hold a role on a relation, one by one, and what they let through together."""

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.relation import PUBLIC, Policy, Relation

COMMANDS = {"select": "r", "insert": "a", "update": "w", "delete": "d"}
"""polcmd of each command; * is all of them."""

USING, CHECK = "USING", "WITH CHECK"


@dataclass(frozen=True, slots=True)
class Rule:
    """One expression of one policy, as it applies to a command."""

    policy: Policy
    clause: str
    text: str

    def __str__(self) -> str:
        return f"policy {self.policy.name} ({self.clause})"


def privileges_of(role: str, catalog: Catalog) -> frozenset[str]:
    """The roles whose privileges `role` has: itself, PUBLIC, and what it inherits (has_privs_of_role)."""
    found: set[str] = set()
    left = [role]
    while left:
        name = left.pop()
        if name in found:
            continue
        found.add(name)
        if known := catalog.role(name):
            left += [membership.role for membership in known.member_of if membership.inherits]
    return frozenset({*found, PUBLIC})


def policies(relation: Relation, command: str, roles: frozenset[str]) -> tuple[Policy, ...]:
    """The policies that hold a role that has the privileges of `roles`."""
    codes = {"*", COMMANDS[command]}
    return tuple(
        policy
        for policy in relation.policies
        if policy.command in codes and not roles.isdisjoint(policy.roles)
    )


def rules(relation: Relation, command: str, clause: str, roles: frozenset[str]) -> tuple[Rule, ...]:
    """The expressions that decide about old rows (USING) or new ones (WITH CHECK).

    A policy without WITH CHECK checks new rows by its USING (CREATE POLICY); one for INSERT has no USING.
    """
    return tuple(_rules(relation, command, clause, roles))


def texts(relation: Relation, roles: frozenset[str]) -> tuple[str, ...]:
    """Every expression of a policy that holds a role, for whatever command."""
    holding = (policy for policy in relation.policies if not roles.isdisjoint(policy.roles))
    found = (text for policy in holding for text in (policy.using, policy.check))
    return tuple(dict.fromkeys(text for text in found if text is not None))


def _rules(relation: Relation, command: str, clause: str, roles: frozenset[str]) -> Iterator[Rule]:
    for policy in policies(relation, command, roles):
        if clause == CHECK and policy.check is not None:
            yield Rule(policy, CHECK, policy.check)
        elif policy.using is not None:
            yield Rule(policy, USING, policy.using)
