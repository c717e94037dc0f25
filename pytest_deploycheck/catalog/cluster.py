"""Rows → the server, its settings and its roles."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from operator import attrgetter, itemgetter

from pytest_deploycheck.catalog.told import Row, Told, moment
from pytest_deploycheck.model.catalog import Membership, Privileges, Role, Server, Subscription
from pytest_deploycheck.model.relation import Grant

STARS = "***"

_CONFIDENTIAL = re.compile(
    r"(^|[._])(key|keys|apikey|secret|secrets|token|tokens|password|passwords|passwd|passphrase|pass|"
    r"credentials?|jwt|dsn|conninfo)([._]|$)",
    re.IGNORECASE,
)
"""Words in the name of a setting whose value may let someone in, such as app.settings.jwt_secret."""

_HARMLESS = re.compile(r"_file$|^password_encryption$")


def server(told: Told) -> Server:
    """Who was asked, and as whom."""
    ((version, database, user, superuser, bypass, recovering, size, now),) = told["server"]
    return Server(
        version=version,
        database=database,
        user=user,
        superuser=superuser,
        bypass_rls=bypass,
        in_recovery=recovering,
        size=size,
        at=moment(now),
    )


def settings(told: Told) -> tuple[tuple[str, str], ...]:
    """Server settings by name; what may be a secret is starred."""
    return tuple(sorted((name, shown(name, value)) for name, value, _ in told["settings"]))


def units(told: Told) -> tuple[tuple[str, str], ...]:
    """The unit of each setting that has one: ms, s, kB, 8kB ..."""
    return tuple(sorted((name, unit) for name, _, unit in told["settings"] if unit))


def roles(told: Told) -> tuple[Role, ...]:
    """Roles but the server's predefined ones, sorted by name."""
    own = own_settings(told)
    groups: dict[str, list[Row]] = defaultdict(list)
    for member, *grant in told["memberships"]:
        groups[member].append(grant)
    found = (_role(row, _memberships(groups.get(row[0], ())), own.get(row[0], ())) for row in told["roles"])
    return tuple(sorted(found, key=attrgetter("name")))


def _role(row: Row, member_of: tuple[Membership, ...], own: tuple[str, ...]) -> Role:
    name, superuser, bypass, inherits, creates, databases, login, replicates, limit, until = row
    return Role(
        name=name,
        superuser=superuser,
        bypass_rls=bypass,
        inherits=inherits,
        create_role=creates,
        create_database=databases,
        can_login=login,
        replication=replicates,
        connection_limit=limit,
        valid_until=moment(until),
        member_of=member_of,
        settings=own,
    )


def _memberships(grants: Iterable[Row]) -> tuple[Membership, ...]:
    """One for each role: what any of its grantors allowed is allowed."""
    merged: dict[str, list[bool]] = {}
    for role, *options in grants:
        before = merged.get(role, [False] * len(options))
        merged[role] = [a or b for a, b in zip(before, options, strict=True)]
    return tuple(
        Membership(role=role, inherits=inherits, may_set=may_set, admin=admin)
        for role, (inherits, may_set, admin) in sorted(merged.items())
    )


def privileges(told: Told) -> tuple[Privileges, ...]:
    """What is granted on the database, parameters, foreign servers and the system's own, sorted by object."""
    held: dict[tuple[str, str], set[Grant]] = defaultdict(set)
    for thing, owner, *grant in told["privileges"]:
        held[thing, owner or ""].add(Grant(*grant))
    return tuple(
        Privileges(object=thing, owner=owner, grants=tuple(sorted(grants)))
        for (thing, owner), grants in sorted(held.items())
    )


def subscriptions(told: Told) -> tuple[Subscription, ...]:
    """Sorted by name."""
    return tuple(
        Subscription(name=name, owner=owner, enabled=enabled, publications=tuple(sorted(publications)))
        for name, owner, enabled, publications in sorted(told["subscriptions"], key=itemgetter(0))
    )


def own_settings(told: Told) -> Mapping[str, tuple[str, ...]]:
    """Settings by role ('' is every role): what is set for this database goes over what is set everywhere."""
    merged: dict[str, dict[str, str]] = defaultdict(dict)
    for role, _, pairs in sorted(told["own_settings"], key=lambda row: (row[0], row[1])):
        for pair in pairs:
            name, _, value = pair.partition("=")
            merged[role][name] = shown(name, value)
    return {
        role: tuple(f"{name}={value}" for name, value in sorted(pairs.items()))
        for role, pairs in merged.items()
    }


def shown(name: str, value: str) -> str:
    """The value of a setting, or stars if its name says that it lets someone in."""
    return STARS if value and _CONFIDENTIAL.search(name) and not _HARMLESS.search(name) else value
