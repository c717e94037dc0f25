"""Which objects of a kind a catalog holds, and what is the matter with the state of each."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pytest_deploycheck.catalog.quoting import quote, quoted
from pytest_deploycheck.checks.expectations.known import Known
from pytest_deploycheck.model.relation import Constraint, Index, Name, Trigger, Unknown

ENABLED = frozenset({"O", "A"})
"""Triggers that fire on ordinary writes (pg_trigger.tgenabled)."""


@dataclass(frozen=True, slots=True)
class Member:
    """One object of a set. It may be called by any of its `names`, the first is the whole one.

    `wrong` says what is the matter with its state. What does not count is neither unexpected nor one of at
    least so many: an extension's, a partition.
    """

    names: tuple[str, ...]
    wrong: str = ""
    mend: str = ""
    counts: bool = True


Members = Callable[[Known, str], Iterable[Member] | Unknown]


def _relations(kinds: str) -> Members:
    def members(known: Known, schema: str) -> Iterator[Member]:
        for each in known.by_schema.get(schema, ()):
            if each.kind in kinds:
                unfilled = each.kind == "m" and not each.populated
                wrong = "was never filled: reading it fails" if unfilled else ""
                mend = f"REFRESH MATERIALIZED VIEW {quoted(each.name)};" if unfilled else ""
                counts = not each.extension and each.partition_of is None
                yield Member((each.name.name,), wrong, mend, counts)

    return members


def _indexes(known: Known, schema: str) -> Iterator[Member]:
    for relation in known.by_schema.get(schema, ()):
        for index in relation.indexes:
            mend = f"REINDEX INDEX CONCURRENTLY {quote(schema)}.{quote(index.name)};"
            wrong = state_of_index(index)
            names = (index.name, f"{relation.name.name}.{index.name}")
            yield Member(names, wrong, mend if wrong else "", not relation.extension)


def state_of_index(index: Index) -> str:
    """What is the matter with an index; a failed CREATE INDEX CONCURRENTLY leaves an invalid one."""
    if not index.valid:
        return "is not valid: queries do not use it, and a unique one does not hold"
    return "" if index.ready else "is not ready: it is not kept up with writes"


def _constraints(kinds: str) -> Members:
    def members(known: Known, schema: str) -> Iterator[Member]:
        for relation in known.by_schema.get(schema, ()):
            for each in relation.constraints:
                wrong = state_of_constraint(each)
                if each.kind in kinds or (wrong and kinds == _ALL):
                    names = (f"{relation.name.name}.{each.name}", each.name)
                    mend = mend_constraint(relation.name, each) if wrong else ""
                    yield Member(names, wrong, mend, not relation.extension)

    return members


_ALL = "pfucx"
"""Kinds of constraints (pg_constraint.contype) but NOT NULL, which only PostgreSQL 18 keeps as one."""


def state_of_constraint(constraint: Constraint) -> str:
    """What is the matter with a constraint."""
    if not constraint.enforced:
        return "is not enforced, or its triggers are off: rows may break it"
    return "" if constraint.validated else "is not validated: rows that were there before may break it"


def mend_constraint(table: Name, constraint: Constraint) -> str:
    """The statement after which it holds."""
    alter = f"ALTER TABLE {quoted(table)}"
    if constraint.enforced:
        return f"{alter} VALIDATE CONSTRAINT {quote(constraint.name)};"
    if "NOT ENFORCED" in constraint.definition:
        return f"{alter} ALTER CONSTRAINT {quote(constraint.name)} ENFORCED;"
    return f"{alter} ENABLE TRIGGER ALL;"


def _triggers(known: Known, schema: str) -> Iterator[Member]:
    for relation in known.by_schema.get(schema, ()):
        for each in relation.triggers:
            wrong = state_of_trigger(each)
            mend = f"ALTER TABLE {quoted(relation.name)} ENABLE TRIGGER {quote(each.name)};"
            names = (f"{relation.name.name}.{each.name}", each.name)
            yield Member(names, wrong, mend if wrong else "", not relation.extension)


def state_of_trigger(trigger: Trigger) -> str:
    """What is the matter with a trigger."""
    if trigger.enabled in ENABLED:
        return ""
    return "is disabled" if trigger.enabled == "D" else "fires on replicas only"


def _policies(known: Known, schema: str) -> Iterator[Member]:
    for relation in known.by_schema.get(schema, ()):
        for each in relation.policies:
            off = "" if relation.row_security else "has no effect: row-level security is off"
            mend = f"ALTER TABLE {quoted(relation.name)} ENABLE ROW LEVEL SECURITY;"
            yield Member((f"{relation.name.name}.{each.name}", each.name), off, mend if off else "")


def _functions(known: Known, schema: str) -> Iterator[Member]:
    for each in known.catalog.functions:
        if each.name.schema == schema:
            whole = f"{each.name.name}({each.arguments})"
            yield Member((whole, each.name.name), counts=not each.extension)


def _sequences(known: Known, schema: str) -> Iterator[Member]:
    for each in known.catalog.sequences:
        if each.name.schema == schema:
            yield Member((each.name.name,), counts=not each.extension)


def _types(kinds: str) -> Members:
    def members(known: Known, schema: str) -> Iterator[Member]:
        for each in known.catalog.types:
            if each.name.schema == schema and each.kind in kinds:
                yield Member((each.name.name,), counts=not each.extension)

    return members


def _names(found: Callable[[Known], Iterable[str]]) -> Members:
    return lambda known, _: (Member((name,)) for name in found(known))


def _event_triggers(known: Known, _: str) -> Iterator[Member]:
    for each in known.catalog.event_triggers:
        off = "" if each.enabled in ENABLED else "is disabled"
        yield Member((each.name,), off, f"ALTER EVENT TRIGGER {quote(each.name)} ENABLE;" if off else "")


def _buckets(known: Known, _: str) -> Iterable[Member] | Unknown:
    buckets = known.catalog.buckets
    return buckets if isinstance(buckets, Unknown) else [Member((each.id,)) for each in buckets]


SETS: Mapping[str, Members] = {
    "tables": _relations("rp"),
    "views": _relations("v"),
    "materialized_views": _relations("m"),
    "foreign_tables": _relations("f"),
    "indexes": _indexes,
    "constraints": _constraints(_ALL),
    "primary_keys": _constraints("p"),
    "foreign_keys": _constraints("f"),
    "unique_constraints": _constraints("u"),
    "check_constraints": _constraints("c"),
    "triggers": _triggers,
    "policies": _policies,
    "functions": _functions,
    "sequences": _sequences,
    "enums": _types("e"),
    "types": _types("edcr"),
    "schemas": _names(lambda known: (each.name for each in known.catalog.schemas)),
    "roles": _names(lambda known: known.roles),
    "extensions": _names(lambda known: (each.name for each in known.catalog.extensions)),
    "publications": _names(lambda known: (each.name for each in known.catalog.publications)),
    "event_triggers": _event_triggers,
    "buckets": _buckets,
}
"""By the key of the contract."""

SERVER_WIDE = frozenset({"schemas", "roles", "extensions", "publications", "event_triggers", "buckets"})
"""What is in no schema."""

STATES: Mapping[str, str] = {
    "indexes": ", all valid and ready",
    "constraints": ", all validated",
    "primary_keys": ", all validated",
    "foreign_keys": ", all validated",
    "unique_constraints": ", all validated",
    "check_constraints": ", all validated",
    "triggers": ", all enabled",
    "event_triggers": ", all enabled",
    "policies": ", all in force",
    "materialized_views": ", all filled",
}
"""What is expected of the state of each, in words."""
