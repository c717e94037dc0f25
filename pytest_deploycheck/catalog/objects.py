"""Rows → schemas, functions, sequences, types, publications."""

from collections import defaultdict
from operator import attrgetter, itemgetter

from pytest_deploycheck.catalog.quoting import quote, quoted
from pytest_deploycheck.catalog.told import Known, Row, Told
from pytest_deploycheck.model.catalog import (
    DefaultPrivileges,
    EventTrigger,
    Extension,
    Function,
    Publication,
    Published,
    Schema,
    Sequence,
    Type,
)
from pytest_deploycheck.model.relation import Name, Unknown

_NAME = attrgetter("name")


def schemas(told: Told, known: Known) -> tuple[Schema, ...]:
    """All schemas that are not the system's."""
    found = (
        Schema(name=name, owner=owner, grants=known.granted(acl)) for name, owner, acl in told["schemas"]
    )
    return tuple(sorted(found, key=_NAME))


def functions(told: Told, known: Known) -> tuple[Function, ...]:
    """All functions, sorted by name and arguments."""
    return tuple(_function(row, known) for row in sorted(told["functions"], key=itemgetter(1, 2, 3)))


def _function(row: Row, known: Known) -> Function:
    (oid, schema, name, arguments, returns, kind, language, volatility, parallel, definer, strict, leakproof,
     settings, owner, body, defaults, acl, extension) = row  # fmt: skip
    return Function(
        name=Name(schema, name),
        arguments=arguments or "",
        returns=returns or "",
        oid=oid,
        kind=kind,
        language=language,
        volatility=volatility,
        parallel=parallel,
        security_definer=definer,
        strict=strict,
        leakproof=leakproof,
        settings=tuple(sorted(settings or ())),
        owner=owner,
        body=body or "",
        defaults=defaults or "",
        grants=known.granted(acl),
        extension=extension or "",
    )


def sequences(told: Told, known: Known) -> tuple[Sequence, ...]:
    """All sequences, sorted by name."""
    user = told["server"][0][2]
    return tuple(_sequence(row, user, known) for row in sorted(told["sequences"], key=itemgetter(0, 1)))


def _sequence(row: Row, user: str, known: Known) -> Sequence:
    (schema, name, type_, start, increment, minimum, maximum, cycle, may_see, last, table, number, owner, acl,
     extension) = row  # fmt: skip
    title = Name(schema, name)
    return Sequence(
        name=title,
        type=type_,
        start=start,
        increment=increment,
        minimum=minimum,
        maximum=maximum,
        cycle=cycle,
        last=last if may_see else Unknown(f"GRANT SELECT ON SEQUENCE {quoted(title)} TO {quote(user)}"),
        table=known.relations.get(table),
        column="".join(known.names(table, (number,))) if table else "",
        owner=owner,
        grants=known.granted(acl),
        extension=extension or "",
    )


def types(told: Told) -> tuple[Type, ...]:
    """Enums, domains, composite types and ranges, sorted by name."""
    found = (
        Type(name=Name(schema, name), kind=kind, definition=definition or "", extension=extension or "")
        for schema, name, kind, definition, extension in told["types"]
    )
    return tuple(sorted(found, key=_NAME))


def default_privileges(told: Told, known: Known) -> tuple[DefaultPrivileges, ...]:
    """Sorted by owner, schema and kind."""
    found = (
        DefaultPrivileges(owner=owner, schema=schema, kind=kind, grants=known.granted(acl))
        for owner, schema, kind, acl in told["default_privileges"]
    )
    return tuple(sorted(found, key=attrgetter("owner", "schema", "kind")))


def extensions(told: Told) -> tuple[Extension, ...]:
    """Sorted by name."""
    found = (
        Extension(name=name, version=version, schema=schema) for name, version, schema in told["extensions"]
    )
    return tuple(sorted(found, key=_NAME))


def event_triggers(told: Told) -> tuple[EventTrigger, ...]:
    """Sorted by name."""
    found = (
        EventTrigger(name=name, event=event, function=Name(schema, function), enabled=enabled)
        for name, event, schema, function, enabled in told["event_triggers"]
    )
    return tuple(sorted(found, key=_NAME))


def publications(told: Told, known: Known) -> tuple[Publication, ...]:
    """Sorted by name, each with its tables and schemas."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for name, *rest in told["publications"]:
        rows[name].append(rest)
    return tuple(_publication(name, members, known) for name, members in sorted(rows.items()))


_OPERATIONS = "insert", "update", "delete", "truncate"


def _publication(name: str, members: list[Row], known: Known) -> Publication:
    all_tables, *operations = members[0][:5]
    return Publication(
        name=name,
        all_tables=all_tables,
        operations=tuple(each for each, on in zip(_OPERATIONS, operations, strict=True) if on),
        tables=tuple(
            sorted((_published(row[5:], known) for row in members if row[6]), key=attrgetter("table"))
        ),
        schemas=tuple(sorted(row[5] for row in members if row[5] and not row[6])),
    )


def _published(member: Row, known: Known) -> Published:
    schema, name, oid, numbers, rows = member
    columns = known.names(oid, [int(number) for number in (numbers or "").split()])
    return Published(table=Name(schema, name), columns=tuple(sorted(columns)), rows=rows or "")
