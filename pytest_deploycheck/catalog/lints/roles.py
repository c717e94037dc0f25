"""Roles for whom no policy holds, and roles that may do more than run requests."""

from pytest_deploycheck.catalog.lints.case import Case, signature
from pytest_deploycheck.catalog.lints.lint import Finding, Found, Level, Lint
from pytest_deploycheck.catalog.lints.names import listed, quoted, shown
from pytest_deploycheck.model.catalog import Role

_PREDEFINED = frozenset(
    """pg_read_all_data pg_write_all_data pg_execute_server_program pg_read_server_files pg_write_server_files
    pg_maintain pg_create_subscription pg_signal_backend pg_database_owner""".split()  # noqa: SIM905 - words
)
"""Roles that PostgreSQL brings, whose rights reach beyond an application's own tables."""


def _bypass(role: Role) -> str:
    if role.superuser:
        return "superuser"
    return "BYPASSRLS" if role.bypass_rls else ""


def _bypasses(case: Case) -> Found:
    """By its own attributes or by a role that it inherits or may become.

    Who logs in may become the service role; that is how a platform's API switches, and is no finding.
    """
    for name in dict.fromkeys((*case.declared.login_roles, *case.declared.api_roles)):
        meant = set(case.declared.service_roles) if name in case.declared.login_roles else set[str]()
        meant -= case.inherited(name)
        for reached in sorted(case.reachable(name) - meant):
            role = case.roles.get(reached)
            if role is not None and (attribute := _bypass(role)):
                own = reached == name
                what = f"is {attribute}" if own else f"is a member of {reached}, which is {attribute}"
                off = "NOSUPERUSER NOBYPASSRLS"
                mend = (
                    f"ALTER ROLE {quoted(name)} {off};"
                    if own
                    else f"REVOKE {quoted(reached)} FROM {quoted(name)};"
                )
                yield Finding(name, f"{what}: no policy holds for it", mend)


def _privileged(case: Case) -> Found:
    for name in dict.fromkeys((*case.declared.login_roles, *case.declared.api_roles)):
        role = case.roles.get(name)
        if role is None:
            continue
        attributes = {
            "CREATEROLE": role.create_role,
            "CREATEDB": role.create_database,
            "REPLICATION": role.replication,
        }
        for attribute in (attribute for attribute, on in attributes.items() if on):
            yield Finding(name, f"has {attribute}", f"ALTER ROLE {quoted(name)} NO{attribute};")
        for reached in sorted(case.reachable(name) & _PREDEFINED):
            yield Finding(name, f"is a member of {reached}", f"REVOKE {reached} FROM {quoted(name)};")


def _logs_in(case: Case) -> Found:
    for name in case.declared.api_roles:
        role = case.roles.get(name)
        if role is not None and role.can_login and name not in case.declared.login_roles:
            what = "may log in: who has its password asks the database without the API"
            yield Finding(name, what, f"ALTER ROLE {quoted(name)} NOLOGIN;")


def _owns(case: Case) -> Found:
    for name in case.declared.api_roles:
        owned = [str(relation.name) for relation in case.catalog.relations if relation.owner == name]
        owned += [signature(function) for function in case.catalog.functions if function.owner == name]
        owned += [f"schema {schema.name}" for schema in case.catalog.schemas if schema.owner == name]
        for thing in owned:
            what = f"belongs to {name}, which runs requests: it may change it, and switch its policies off"
            yield Finding(thing, what, "ALTER ... OWNER TO <who deploys>;")


def _settings(case: Case) -> Found:
    creators = {
        schema.name: [
            g.grantee for g in schema.grants if g.privilege == "CREATE" and g.grantee != schema.owner
        ]
        for schema in case.catalog.schemas
    }
    for name in dict.fromkeys((*case.declared.login_roles, *case.declared.api_roles)):
        role = case.roles.get(name)
        for setting in role.settings if role else ():
            key, _, value = setting.partition("=")
            first = value.split(",")[0].strip().strip('"')
            if key == "row_security" and value.strip() in ("off", "false", "0"):
                what = "has row_security off: a query that a policy would filter is an error"
                yield Finding(name, what, f"ALTER ROLE {quoted(name)} RESET row_security;")
            if key == "search_path" and creators.get(first):
                who = listed([shown(role) for role in creators[first]])
                what = f"looks first in {first}, where {who} may create"
                yield Finding(name, what, f"ALTER ROLE {quoted(name)} SET search_path = ...;")


LINTS = (
    Lint(
        id="role_bypasses_rls",
        level=Level.ERROR,
        finds="a role of the API or the application's login that is, or may become, superuser or BYPASSRLS",
        why="no policy holds for it",
        mend="ALTER ROLE r NOSUPERUSER NOBYPASSRLS, or revoke the membership",
        look=_bypasses,
    ),
    Lint(
        id="role_privileged",
        level=Level.WARNING,
        finds="a role of the API or of the application's login that may make roles, databases or copies",
        why="who gets into the application gets further",
        mend="ALTER ROLE r NOCREATEROLE NOCREATEDB NOREPLICATION, or revoke the membership",
        look=_privileged,
    ),
    Lint(
        id="api_role_logs_in",
        level=Level.WARNING,
        finds="an API role that may log in",
        why="its password opens the database past the API, its limits and its log",
        mend="ALTER ROLE r NOLOGIN",
        look=_logs_in,
    ),
    Lint(
        id="api_role_owns",
        level=Level.ERROR,
        finds="something that belongs to an API role",
        why="its owner may alter it, and no policy holds for the owner of a table",
        mend="ALTER ... OWNER TO the role that deploys",
        look=_owns,
    ),
    Lint(
        id="role_settings",
        level=Level.WARNING,
        finds="a role's own setting that looks first where others create, or switches row_security off",
        why="names mean what somebody else put there; or queries fail where they should filter",
        mend="ALTER ROLE r RESET ...",
        look=_settings,
    ),
)
