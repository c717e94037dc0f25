"""What can be compared of tables and views, and of what they hold."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from pytest_deploycheck.catalog.drift.grammar import RELATIONS, Entry, Value
from pytest_deploycheck.catalog.drift.naming import Naming
from pytest_deploycheck.catalog.drift.norms import concealed, lines, option
from pytest_deploycheck.model.relation import Column, Constraint, Index, Policy, Relation, Rule, Trigger

COMMANDS = {"r": "select", "a": "insert", "w": "update", "d": "delete", "*": "all"}
"""By pg_policy.polcmd."""
ENABLED = {"O": "", "D": "disabled", "R": "replica", "A": "always"}
"""By pg_trigger.tgenabled; nothing is the usual."""
IDENTITY = {"": "", "a": "always", "d": "by default"}
"""By pg_attribute.attidentity."""
_GENERATED = {"": "", "s": "stored", "v": "virtual"}
_PERSISTENCE = {"p": "", "u": "unlogged", "t": "temporary"}
_REPLICA_IDENTITY = {"d": "", "n": "nothing", "f": "full", "i": "index"}
_OWN_OPTIONS = ("security_invoker=", "security_barrier=")
_NOT_NULL = "n"
_UNCHECKED = (" NOT VALID", " NOT ENFORCED")


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_Thing = TypeVar("_Thing", bound=_Named)


def relations(found: Iterable[Relation], naming: Naming) -> dict[str, dict[str, Entry]]:
    """Return tables, views and their like, by section and name. Extensions' own are left out."""
    sections: dict[str, dict[str, Entry]] = {}
    for relation in sorted(found, key=lambda each: each.name):
        kind = RELATIONS.get(relation.kind)
        if kind is None or relation.extension:
            continue
        own = naming.is_own(relation.name.schema)
        entry = _whole(relation, naming) if own else _added(relation, naming)
        if entry is not None:
            sections.setdefault(kind.section, {})[str(relation.name)] = entry
    return sections


def _whole(relation: Relation, naming: Naming) -> Entry:
    return Entry.of(
        {**_properties(relation), "owner": naming.role(relation.owner)},
        columns={each.name: _column(each, relation, naming) for each in relation.columns},
        constraints={
            each.name: _constraint(each) for each in _by_name(relation.constraints) if _is_told(each)
        },
        indexes={each.name: _index(each) for each in _by_name(relation.indexes) if not _is_implied(each)},
        triggers={each.name: _trigger(each) for each in _by_name(relation.triggers)},
        policies={each.name: _policy(each, naming) for each in _by_name(relation.policies)},
        rules={each.name: _rule(each) for each in _by_name(relation.rules)},
        grants=naming.grants(relation.grants, relation.owner),
    )


def _added(relation: Relation, naming: Naming) -> Entry | None:
    """What the application added to a table of the platform: policies, and triggers that call it."""
    calls = [each for each in _by_name(relation.triggers) if naming.is_own(each.function.schema)]
    if not calls and not relation.policies:
        return None
    return Entry.of(
        {"row_security": relation.row_security, "forced": relation.forced},
        triggers={each.name: _trigger(each) for each in calls},
        policies={each.name: _policy(each, naming) for each in _by_name(relation.policies)},
    )


def _properties(relation: Relation) -> dict[str, Value]:
    options = (option(each) for each in relation.options if not each.startswith(_OWN_OPTIONS))
    return {
        "row_security": relation.row_security,
        "forced": relation.forced,
        "security_invoker": relation.security_invoker,
        "security_barrier": relation.security_barrier,
        "persistence": _PERSISTENCE.get(relation.persistence, relation.persistence),
        "not_populated": relation.kind == "m" and not relation.populated,
        "replica_identity": _REPLICA_IDENTITY.get(relation.replica_identity, relation.replica_identity),
        "partition_key": relation.partition_key,
        "partition_of": str(relation.partition_of or ""),
        "partition_bound": relation.partition_bound,
        "inherits": tuple(str(name) for name in relation.inherits),
        "options": tuple(sorted(options)),
        "definition": lines(concealed(relation.definition)),
    }


def _column(column: Column, relation: Relation, naming: Naming) -> Entry:
    properties: dict[str, Value] = {
        "type": column.type,
        "not_null": column.not_null,
        "default": concealed(column.default or ""),
        "identity": IDENTITY.get(column.identity, column.identity),
        "generated": _GENERATED.get(column.generated, column.generated),
        "collation": column.collation,
    }
    return Entry.of(properties, grants=naming.grants(column.grants, relation.owner))


def _is_told(constraint: Constraint) -> bool:
    """PostgreSQL 18 keeps NOT NULL as a constraint too: the column says it, unless it is not validated."""
    return constraint.kind != _NOT_NULL or not constraint.validated


def _constraint(constraint: Constraint) -> Entry:
    definition = constraint.definition
    for suffix in _UNCHECKED:  # facts of their own
        definition = definition.replace(suffix, "")
    return Entry.of(
        {
            "definition": concealed(definition),
            "not_validated": not constraint.validated,
            "not_enforced": not constraint.enforced,
        }
    )


def _is_implied(index: Index) -> bool:
    """A constraint's index is told by the constraint, unless something is the matter with it."""
    return bool(index.backs) and index.valid and index.ready


def _index(index: Index) -> Entry:
    return Entry.of(
        {
            "definition": concealed(index.definition),
            "invalid": not index.valid,
            "not_ready": not index.ready,
        }
    )


def _trigger(trigger: Trigger) -> Entry:
    enabled = ENABLED.get(trigger.enabled, trigger.enabled)
    return Entry.of({"definition": concealed(trigger.definition), "enabled": enabled})


def _rule(rule: Rule) -> Entry:
    enabled = ENABLED.get(rule.enabled, rule.enabled)
    return Entry.of({"definition": lines(concealed(rule.definition)), "enabled": enabled})


def _policy(policy: Policy, naming: Naming) -> Entry:
    return Entry.of(
        {
            "command": COMMANDS.get(policy.command, policy.command),
            "restrictive": not policy.permissive,
            "roles": tuple(sorted(naming.grantee(role) for role in policy.roles)),
            "using": lines(concealed(policy.using or "")),
            "check": lines(concealed(policy.check or "")),
        }
    )


def _by_name(things: Iterable[_Thing]) -> list[_Thing]:
    return sorted(things, key=lambda each: each.name)
