"""What the application's roles may do with the server itself."""

from pytest_deploycheck.catalog.lints.case import Case
from pytest_deploycheck.catalog.lints.lint import Finding, Found, Level, Lint
from pytest_deploycheck.catalog.lints.names import grantee, listed, quoted, shown
from pytest_deploycheck.model.relation import PUBLIC

_DATABASE = "database"
_SYSTEM = "system "
_KINDS = ("foreign data wrapper ", "foreign server ", "parameter ")
_HARMLESS = {_DATABASE: frozenset({"CONNECT", "TEMPORARY"})}
"""What PUBLIC has of every database."""


def _open(case: Case) -> Found:
    roles = (PUBLIC, *case.declared.api_roles, *case.declared.login_roles)
    for held in case.catalog.privileges:
        given = {
            (grant.grantee, grant.privilege)
            for grant in held.grants
            if grant.grantee in roles
            and grant.grantee != held.owner
            and grant.privilege not in _HARMLESS.get(held.object, ())
        }
        if given:
            who, privileges = sorted({who for who, _ in given}), sorted({what for _, what in given})
            what = f"{listed([shown(role) for role in who])} may {', '.join(privileges)}"
            yield Finding(held.object, what, _revoke(case, held.object, privileges, who))


def _revoke(case: Case, thing: str, privileges: list[str], roles: list[str]) -> str:
    on, column = _target(thing, case.catalog.server.database)
    what = ", ".join(f"{privilege}{column}" for privilege in privileges)
    return f"REVOKE {what} ON {on} FROM {', '.join(map(grantee, roles))};"


def _target(thing: str, database: str) -> tuple[str, str]:
    """What a privilege is on, as REVOKE has it, and the column in brackets if it is on one."""
    if thing == _DATABASE:
        return f"DATABASE {quoted(database)}", ""
    name = thing.removeprefix(_SYSTEM)
    if name == thing:
        kind = next((kind for kind in _KINDS if thing.startswith(kind)), "")
        return f"{kind.upper()}{quoted(thing.removeprefix(kind))}", ""
    if "(" in name:
        return f"FUNCTION pg_catalog.{name}", ""
    table, _, column = name.partition(".")
    return f"pg_catalog.{table}", f" ({quoted(column)})" if column else ""


LINTS = (
    Lint(
        id="system_granted",
        level=Level.ERROR,
        finds="what PUBLIC, an API role or the application's login may do with the database (CREATE),"
        " parameters, foreign servers, or the system's own functions and tables",
        why="PostgreSQL keeps it from them: the server's files, hashes of passwords, switching triggers off",
        mend="REVOKE ALL ON ... FROM PUBLIC, anon, authenticated",
        look=_open,
    ),
)
