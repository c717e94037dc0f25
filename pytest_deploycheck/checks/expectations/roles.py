"""Roles: what they are, what they are members of, and what their sessions begin with."""

from collections.abc import Iterator

from pydantic import Field

from pytest_deploycheck.catalog.quoting import quote
from pytest_deploycheck.checks.expectations.known import Known
from pytest_deploycheck.checks.expectations.named import Spec
from pytest_deploycheck.checks.expectations.wrong import Wrong, other
from pytest_deploycheck.checks.language.part import Text
from pytest_deploycheck.model.catalog import Role


class RoleSpec(Spec):
    """The attributes of a role, and all the roles that it is a member of."""

    superuser: bool | None = None
    bypass_rls: bool | None = None
    login: bool | None = None
    inherit: bool | None = None
    create_role: bool | None = None
    create_database: bool | None = None
    replication: bool | None = None
    connection_limit: int | None = None
    member_of: tuple[Text, ...] | None = None
    settings: dict[Text, Text] = Field(default={}, min_length=1)


def wrong_role(name: str, spec: RoleSpec, known: Known) -> Iterator[Wrong]:
    """Yield what is wrong with a role."""
    role = known.roles.get(name)
    if role is None:
        yield Wrong(f"there is no role {name}")
        return
    for word, found, wanted in (
        ("SUPERUSER", role.superuser, spec.superuser),
        ("BYPASSRLS", role.bypass_rls, spec.bypass_rls),
        ("LOGIN", role.can_login, spec.login),
        ("INHERIT", role.inherits, spec.inherit),
        ("CREATEROLE", role.create_role, spec.create_role),
        ("CREATEDB", role.create_database, spec.create_database),
        ("REPLICATION", role.replication, spec.replication),
    ):
        if wanted is not None and found is not wanted:
            has, not_ = ("has", "NO") if found else ("lacks", "")
            yield Wrong(f"role {name} {has} {word}", f"ALTER ROLE {quote(name)} {not_}{word};")
    if spec.connection_limit is not None and role.connection_limit != spec.connection_limit:
        yield other(f"role {name}", "connection limit", role.connection_limit, spec.connection_limit)
    yield from _memberships(role, spec)
    settings = dict(each.split("=", 1) for each in role.settings)
    for setting, wanted_value in spec.settings.items():
        if settings.get(setting) != wanted_value:
            yield other(f"role {name}", setting, settings.get(setting), wanted_value)


def _memberships(role: Role, spec: RoleSpec) -> Iterator[Wrong]:
    if spec.member_of is None:
        return
    found = {each.role for each in role.member_of}
    for name in sorted(found - set(spec.member_of)):
        yield Wrong(
            f"role {role.name} is a member of {name}", f"REVOKE {quote(name)} FROM {quote(role.name)};"
        )
    for name in sorted(set(spec.member_of) - found):
        yield Wrong(f"role {role.name} is no member of {name}", f"GRANT {quote(name)} TO {quote(role.name)};")
