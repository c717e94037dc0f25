"""A catalog as comparable facts: no OIDs, no sizes; owners by role; what means the same is the same."""

from collections.abc import Iterable, Mapping

from pytest_deploycheck.catalog.drift.grammar import Entry, Value
from pytest_deploycheck.catalog.drift.naming import Naming
from pytest_deploycheck.catalog.drift.norms import concealed, digest, is_parsed, setting
from pytest_deploycheck.catalog.drift.tables import ENABLED, relations
from pytest_deploycheck.model.catalog import (
    Bucket,
    Catalog,
    DefaultPrivileges,
    EventTrigger,
    Function,
    Membership,
    Publication,
    Role,
    Sequence,
    Subscription,
)
from pytest_deploycheck.model.relation import Unknown

FORMAT = 1
"""Of the lock file."""

_VOLATILITY = {"i": "immutable", "s": "stable", "v": "volatile"}
_PARALLEL = {"u": "", "r": "restricted", "s": "safe"}
_FUNCTIONS = {"f": "", "p": "procedure", "a": "aggregate", "w": "window"}
_TYPES = {"e": "enum", "d": "domain", "c": "composite", "r": "range"}
_ON = {"r": "tables", "S": "sequences", "f": "functions", "T": "types", "n": "schemas", "L": "large objects"}


def facts(catalog: Catalog, roles: Mapping[str, str] | None = None) -> Entry:
    """Return all that can be compared. `roles` gives roles of this deployment the names they have elsewhere.

    Of a platform's schemas only what the application added is told: policies, triggers, row-level security.
    """
    naming = Naming.of(catalog, roles or {})
    return Entry.of(
        {
            "format": FORMAT,
            "postgresql": catalog.server.major,
            "platform": tuple(sorted(naming.platform)),
        },
        **_server_wide(catalog, naming),
        **_in_schemas(catalog, naming),
        **relations(catalog.relations, naming),
    )


def _in_schemas(catalog: Catalog, naming: Naming) -> dict[str, dict[str, Entry]]:
    own = naming.is_own
    return {
        "schemas": {
            each.name: Entry.of(
                {"owner": naming.role(each.owner)}, grants=naming.grants(each.grants, each.owner)
            )
            for each in sorted(catalog.schemas, key=lambda each: each.name)
            if own(each.name)
        },
        "functions": _sorted(
            (signature(each), _function(each, naming))
            for each in catalog.functions
            if own(each.name.schema, each.extension)
        ),
        "sequences": _sorted(
            (str(each.name), _sequence(each, naming))
            for each in catalog.sequences
            if own(each.name.schema, each.extension)
        ),
        "types": _sorted(
            (
                str(each.name),
                Entry.of({"kind": _TYPES.get(each.kind, each.kind), "definition": each.definition}),
            )
            for each in catalog.types
            if own(each.name.schema, each.extension)
        ),
    }


def _server_wide(catalog: Catalog, naming: Naming) -> dict[str, dict[str, Entry]]:
    buckets = catalog.buckets
    known = () if isinstance(buckets, Unknown) else buckets
    unknown = [("buckets", Entry.of({"reason": buckets.reason}))] if isinstance(buckets, Unknown) else []
    return {
        "unknown": _sorted(unknown),
        "extensions": _sorted(
            (each.name, Entry.of({"version": each.version, "schema": each.schema}))
            for each in catalog.extensions
        ),
        "roles": _sorted(
            (naming.role(each.name), _role(each, naming))
            for each in catalog.roles
            if naming.is_own_role(each.name)
        ),
        "default_privileges": _sorted(
            (_default_name(each, naming), Entry.of({}, grants=naming.grants(each.grants, each.owner)))
            for each in catalog.default_privileges
            if naming.is_own(each.schema) and naming.is_own_role(each.owner)
        ),
        "privileges": _sorted(
            (
                each.object,
                Entry.of({"owner": naming.role(each.owner)}, grants=naming.grants(each.grants, each.owner)),
            )
            for each in catalog.privileges
        ),
        "settings": _settings(catalog.database_settings),
        "publications": _sorted((each.name, _publication(each)) for each in catalog.publications),
        "subscriptions": _sorted((each.name, _subscription(each, naming)) for each in catalog.subscriptions),
        "event_triggers": _sorted(
            (each.name, _event_trigger(each))
            for each in catalog.event_triggers
            if naming.is_own(each.function.schema)
        ),
        "buckets": _sorted((each.id, _bucket(each)) for each in known),
    }


def signature(function: Function) -> str:
    """The name that tells one function from its namesakes."""
    return f"{function.name}({function.arguments})"


def _sorted(pairs: Iterable[tuple[str, Entry]]) -> dict[str, Entry]:
    return dict(sorted(pairs, key=lambda pair: pair[0]))


def _function(function: Function, naming: Naming) -> Entry:
    body = "parsed_body" if is_parsed(function.body, function.language) else "body"
    properties: dict[str, Value] = {
        "kind": _FUNCTIONS.get(function.kind, function.kind),
        "returns": function.returns,
        "defaults": concealed(function.defaults),
        "language": function.language,
        "volatility": _VOLATILITY.get(function.volatility, function.volatility),
        "security_definer": function.security_definer,
        "parallel": _PARALLEL.get(function.parallel, function.parallel),
        "strict": function.strict,
        "leakproof": function.leakproof,
        "settings": tuple("=".join(setting(each)) for each in sorted(function.settings)),
        "owner": naming.role(function.owner),
        body: digest(function.body),
    }
    return Entry.of(properties, grants=naming.grants(function.grants, function.owner))


def _sequence(sequence: Sequence, naming: Naming) -> Entry:
    properties: dict[str, Value] = {
        "type": sequence.type,
        "start": sequence.start,
        "increment": sequence.increment,
        "minimum": sequence.minimum,
        "maximum": sequence.maximum,
        "cycle": sequence.cycle,
        "owned_by": f"{sequence.table}.{sequence.column}" if sequence.table else "",
        "owner": naming.role(sequence.owner),
    }
    return Entry.of(properties, grants=naming.grants(sequence.grants, sequence.owner))


def _role(role: Role, naming: Naming) -> Entry:
    limit = role.connection_limit
    return Entry.of(
        {
            "superuser": role.superuser,
            "bypass_rls": role.bypass_rls,
            "login": role.can_login,
            "no_inherit": not role.inherits,
            "create_role": role.create_role,
            "create_database": role.create_database,
            "replication": role.replication,
            "connection_limit": "" if limit < 0 else str(limit),
            "valid_until": role.valid_until.isoformat() if role.valid_until else "",
        },
        member_of=_sorted((naming.role(each.role), _membership(each)) for each in role.member_of),
        settings=_settings(role.settings),
    )


def _membership(membership: Membership) -> Entry:
    options = (
        ("admin", membership.admin),
        ("inherit", membership.inherits),
        ("set", membership.may_set),
    )
    return Entry.of({"options": tuple(name for name, given in options if given)})


def _default_name(each: DefaultPrivileges, naming: Naming) -> str:
    where = f" in {each.schema}" if each.schema else ""
    return f"{naming.role(each.owner)}{where} on {_ON.get(each.kind, each.kind)}"


def _settings(settings: Iterable[str]) -> dict[str, Entry]:
    pairs = (setting(each) for each in settings)
    return _sorted((name, Entry.of({"value": value})) for name, value in pairs)


def _publication(publication: Publication) -> Entry:
    return Entry.of(
        {
            "all_tables": publication.all_tables,
            "operations": tuple(sorted(publication.operations)),
            "schemas": tuple(sorted(publication.schemas)),
        },
        published=_sorted(
            (str(each.table), Entry.of({"columns": each.columns, "rows": each.rows}))
            for each in publication.tables
        ),
    )


def _subscription(subscription: Subscription, naming: Naming) -> Entry:
    return Entry.of(
        {
            "owner": naming.role(subscription.owner),
            "disabled": not subscription.enabled,
            "publications": subscription.publications,
        }
    )


def _event_trigger(trigger: EventTrigger) -> Entry:
    return Entry.of(
        {
            "event": trigger.event,
            "function": str(trigger.function),
            "enabled": ENABLED.get(trigger.enabled, trigger.enabled),
        }
    )


def _bucket(bucket: Bucket) -> Entry:
    return Entry.of(
        {
            "public": bucket.public,
            "size_limit": bucket.size_limit or 0,
            "types": tuple(sorted(bucket.types)),
        }
    )
