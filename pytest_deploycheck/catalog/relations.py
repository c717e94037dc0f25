"""Rows → relations with all that belongs to them."""

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter, itemgetter

from pytest_deploycheck.catalog.told import Known, Row, Told, by_oid, moment, some
from pytest_deploycheck.model.relation import (
    Column,
    Constraint,
    Index,
    Name,
    Policy,
    Relation,
    Rule,
    Trigger,
)

_SWITCHES = frozenset({"security_barrier", "security_invoker", "autovacuum_enabled", "user_catalog_table"})
"""Options of relations that are true or false, however someone spelled that."""

_TRUE = frozenset({"on", "true", "tru", "tr", "t", "yes", "ye", "y", "1"})
"""What parse_bool of PostgreSQL takes for true."""

_NAME = attrgetter("name")


def relations(told: Told, known: Known) -> tuple[Relation, ...]:
    """All relations, sorted by schema and name."""
    parts = _Parts(told, known)
    return tuple(_relation(row, parts) for row in sorted(told["relations"], key=itemgetter(1, 2)))


class _Parts:
    """The rows of what belongs to relations, by their oids."""

    def __init__(self, told: Told, known: Known) -> None:
        self.known = known
        self.reads = by_oid(told["reads"])
        self.columns = by_oid(told["columns"])
        self.constraints = by_oid(told["constraints"])
        self.indexes = by_oid(told["indexes"])
        self.triggers = by_oid(told["triggers"])
        self.policies = by_oid(told["policies"])
        self.rules = by_oid(told["rules"])


def _relation(row: Row, parts: _Parts) -> Relation:
    (oid, schema, name, kind, owner, secured, forced, persistence, populated, identity, is_partition, key,
     bound, parents, definition, options, extension, acl, estimate, size, analysed) = row  # fmt: skip
    known = parts.known
    ancestors = tuple(known.relations[parent] for parent in parents or () if parent in known.relations)
    switches = dict(_options(options))
    indexes = tuple(sorted((_index(index, oid, known) for index in parts.indexes.get(oid, ())), key=_NAME))
    return Relation(
        name=Name(schema, name),
        kind=kind,
        oid=oid,
        owner=owner,
        row_security=secured,
        forced=forced,
        persistence=persistence,
        populated=populated,
        replica_identity=identity,
        partition_of=ancestors[0] if is_partition and ancestors else None,
        partition_key=key or "",
        partition_bound=bound or "",
        inherits=() if is_partition else ancestors,
        security_invoker=switches.pop("security_invoker", "") == "true",
        security_barrier=switches.pop("security_barrier", "") == "true",
        definition=definition or "",
        reads=tuple(sorted(Name(*read) for read in parts.reads.get(oid, ()))),
        options=tuple(f"{option}={value}" for option, value in sorted(switches.items())),
        extension=extension or "",
        columns=tuple(_column(column, known) for column in parts.columns.get(oid, ())),
        constraints=_constraints(parts.constraints.get(oid, ()), oid, known),
        indexes=indexes,
        triggers=tuple(sorted((_trigger(each) for each in parts.triggers.get(oid, ())), key=_NAME)),
        policies=tuple(
            sorted((_policy(each, oid, known) for each in parts.policies.get(oid, ())), key=_NAME)
        ),
        rules=tuple(sorted((_rule(each) for each in parts.rules.get(oid, ())), key=_NAME)),
        grants=known.granted(acl),
        rows=estimate,
        size=size + sum(index.size for index in indexes),
        analysed=moment(analysed),
    )


def _options(options: Sequence[str] | None) -> Iterator[tuple[str, str]]:
    for option in options or ():
        name, _, value = option.partition("=")
        if name in _SWITCHES:
            value = "true" if value.lower() in _TRUE else "false"
        yield name, value


def _column(row: Row, known: Known) -> Column:
    _, name, type_, not_null, default, identity, generated, collation, acl = row
    return Column(
        name=name,
        type=type_,
        not_null=not_null,
        default=default,
        identity=identity,
        generated=generated,
        collation=collation or "",
        grants=known.granted(acl),
    )


def _constraints(rows: Sequence[Row], oid: int, known: Known) -> tuple[Constraint, ...]:
    return tuple(sorted((_constraint(row, oid, known) for row in rows), key=_NAME))


def _constraint(row: Row, oid: int, known: Known) -> Constraint:
    (
        name,
        kind,
        definition,
        columns,
        validated,
        enforced,
        deferrable,
        target,
        there,
        on_delete,
        on_update,
    ) = row
    return Constraint(
        name=name,
        kind=kind,
        definition=definition,
        columns=known.names(oid, columns),
        validated=validated,
        enforced=enforced,
        deferrable=deferrable,
        references=known.relations.get(target),
        referenced=known.names(target, there),
        on_delete=on_delete.strip(),
        on_update=on_update.strip(),
    )


def _index(row: Row, oid: int, known: Known) -> Index:
    (name, definition, method, numbers, keys, expressions, predicate, unique, primary, valid, ready, backs,
     size) = row  # fmt: skip
    columns = known.columns.get(oid, {})
    parts = [int(number) for number in numbers.split()]
    return Index(
        name=name,
        definition=definition,
        method=method,
        keys=tuple(_keys(parts[:keys], expressions, columns)),
        included=tuple(columns.get(number, "") for number in parts[keys:]),
        predicate=predicate,
        unique=unique,
        primary=primary,
        valid=valid,
        ready=ready,
        backs=backs or "",
        size=size,
    )


def _keys(
    numbers: Sequence[int], expressions: Sequence[str] | None, columns: Mapping[int, str]
) -> Iterator[str]:
    """A key is a column's name, or an expression where its number is 0."""
    for position, number in enumerate(numbers):
        yield expressions[position] if number == 0 and expressions else columns.get(number, "")


def _trigger(row: Row) -> Trigger:
    name, definition, schema, function, enabled = row
    return Trigger(name=name, definition=definition, function=Name(schema, function), enabled=enabled)


def _rule(row: Row) -> Rule:
    name, definition, enabled = row
    return Rule(name=name, definition=definition, enabled=enabled)


def _policy(row: Row, oid: int, known: Known) -> Policy:
    name, command, permissive, roles, using, check, columns, others, functions = row
    return Policy(
        name=name,
        command=command,
        permissive=permissive,
        roles=tuple(sorted(roles)),
        using=using,
        check=check,
        columns=tuple(sorted(known.names(oid, columns))),
        functions=some(known.functions, functions),
        relations=some(known.relations, others),
    )
