"""What roles may do with an object: by a grant of their own, through PUBLIC, or through roles they are in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator

from pytest_deploycheck.catalog.quoting import quote
from pytest_deploycheck.checks.expectations.known import EVERYBODY, Known
from pytest_deploycheck.checks.expectations.wrong import Wrong
from pytest_deploycheck.checks.language.part import MistakeError, Text
from pytest_deploycheck.model.relation import Grant, Relation

_WORDS = (
    "CREATE",
    "DELETE",
    "EXECUTE",
    "INSERT",
    "MAINTAIN",
    "REFERENCES",
    "SELECT",
    "TRIGGER",
    "TRUNCATE",
    "UPDATE",
    "USAGE",
)
_PRIVILEGE = re.compile(rf"({'|'.join(_WORDS)})(?: ?\((\w+)\))?", re.IGNORECASE)


def _privilege(text: str) -> str:
    found = _PRIVILEGE.fullmatch(text.strip())
    if found is None:
        raise MistakeError(f"'{text}' is no privilege", f"one of {', '.join(_WORDS)}, or SELECT (column)")
    return f"{found[1].upper()} ({found[2]})" if found[2] else found[1].upper()


Privilege = Annotated[Text, AfterValidator(_privilege)]
Privileges = dict[Text, tuple[Privilege, ...]]
"""By role, or PUBLIC: all that it may do; an empty list is nothing."""


@dataclass(frozen=True, slots=True)
class Object:
    """What is granted on: its name for people and for SQL, its grants, and its owner."""

    name: str
    sql: str
    owner: str
    grants: tuple[Grant, ...]


def granted_on(relation: Relation) -> tuple[Grant, ...]:
    """The grants of a relation, those of its columns as SELECT (column)."""
    columns = (
        Grant(grant.grantee, f"{grant.privilege} ({column.name})")
        for column in relation.columns
        for grant in column.grants
    )
    return (*relation.grants, *columns)


def wrong_privileges(thing: Object, wanted: Mapping[str, tuple[str, ...]], known: Known) -> Iterator[Wrong]:
    """Yield what roles may do and should not, and what they may not."""
    for name, privileges in wanted.items():
        role = known.roles.get(name)
        if role is None and name != EVERYBODY:
            yield Wrong(f"there is no role {name}")
        elif role is not None and (role.superuser or _owns(name, thing, known)):
            why = "is a superuser" if role.superuser else f"is or becomes {thing.owner}, who owns it"
            yield Wrong(f"{name} may do anything with {thing.name}: it {why}")
        else:
            yield from _of_role(name, privileges, thing, known)


def _owns(role: str, thing: Object, known: Known) -> bool:
    return bool(thing.owner) and thing.owner in known.grantees_of(role)


def _of_role(name: str, wanted: tuple[str, ...], thing: Object, known: Known) -> Iterator[Wrong]:
    has = known.privileges(name, thing.grants)
    who = name if name == EVERYBODY else quote(name)
    for privilege in sorted(has.keys() - set(wanted)):
        if _whole(privilege) in has and privilege != _whole(privilege):
            continue  # told already by the privilege on all columns
        by = has[privilege] or name
        through = f" (granted to {by})" if by != name else ""
        source = by if by == EVERYBODY else quote(by)
        yield Wrong(
            f"{name} may {privilege} on {thing.name}{through}",
            f"REVOKE {_in_sql(privilege)} ON {thing.sql} FROM {source};",
        )
    for privilege in wanted:
        if not {privilege, _whole(privilege)} & has.keys():
            yield Wrong(
                f"{name} may not {privilege} on {thing.name}",
                f"GRANT {_in_sql(privilege)} ON {thing.sql} TO {who};",
            )


def _whole(privilege: str) -> str:
    return privilege.partition(" (")[0]


def _in_sql(privilege: str) -> str:
    word, bracket, column = privilege.partition(" (")
    return f"{word} ({quote(column.rstrip(')'))})" if bracket else word
