"""Privileges that nobody meant to give."""

import re
from collections.abc import Iterator

from pytest_deploycheck.catalog.lints.case import Case, of
from pytest_deploycheck.catalog.lints.declared import PLATFORM
from pytest_deploycheck.catalog.lints.lint import Finding, Found, Level, Lint
from pytest_deploycheck.catalog.lints.names import grantee, listed, qualified, quoted, shown
from pytest_deploycheck.model.relation import PUBLIC, Column, Grant, Relation

_BEYOND_ROWS = frozenset({"TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"})
"""What is about the table and not its rows; MAINTAIN, since PostgreSQL 17, may lock it."""
_NEEDS = {"SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d"}
"""The command of a policy that makes a privilege worth something."""
_OBJECTS = {"r": "TABLES", "S": "SEQUENCES", "f": "FUNCTIONS", "n": "SCHEMAS"}
"""pg_default_acl.defaclobjtype, but types, which hold no data."""
_SECRET = re.compile(
    r"(^|_)(pass(word|wd|phrase)?|pwd|secret|token|api_?key|private_key|secret_key|access_key|encryption_key"
    r"|credentials?|salt|otp|totp|mfa|pin|ssn|social_security(_number)?|tax_id|passport(_number)?|iban"
    r"|credit_card(_number)?|card_number|cvv|cvc|session_id|refresh_token)s?(_hash|_digest|_encrypted|_secret)?$",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LARGE = "rpvmf"


def _given(grants: tuple[Grant, ...], roles: tuple[str, ...], owner: str) -> dict[str, set[str]]:
    """What is granted to these roles by their own name, by role."""
    found: dict[str, set[str]] = {}
    for grant in grants:
        if grant.grantee in roles and grant.grantee != owner:
            found.setdefault(grant.grantee, set()).add(grant.privilege)
    return found


def _told(given: dict[str, set[str]]) -> str:
    return "; ".join(f"{shown(role)} has {', '.join(sorted(held))}" for role, held in sorted(given.items()))


def _revoke(relation: Relation, given: dict[str, set[str]]) -> str:
    held = ", ".join(sorted(set().union(*given.values())))
    return f"REVOKE {held} ON {qualified(relation.name)} FROM {', '.join(map(grantee, sorted(given)))};"


def _to_public(case: Case) -> Found:
    for relation in case.of_kind(_LARGE):
        grants = (*relation.grants, *(grant for column in relation.columns for grant in column.grants))
        given = _given(grants, (PUBLIC,), relation.owner)
        if case.is_public(relation.name):
            given = {role: rest for role, held in given.items() if (rest := held - {"SELECT"})}
        if given:
            yield Finding(
                str(relation.name),
                f"{_told(given)}: every role, also one made later",
                _revoke(relation, given),
            )


def _to_anonymous(case: Case) -> Found:
    """Of tables whose row-level security is on: where it is off, another lint tells."""
    for table in (table for table in case.tables if table.row_security):
        given = {
            role: idle
            for role, held in _given(table.grants, case.declared.anonymous, table.owner).items()
            if (idle := {one for one in held if _NEEDS.get(one) in _unmet(case, table, role)})
        }
        if given and str(table.name) not in case.declared.service_only:
            what = (
                f"{_told(given)}, which no policy needs: one policy too many, and it is open without a login"
            )
            yield Finding(str(table.name), what, _revoke(table, given))


def _unmet(case: Case, table: Relation, role: str) -> set[str]:
    """The commands for which no permissive policy lets a role in."""
    met = {p.command for p in table.policies if p.permissive and role in case.concerned(p)}
    return set() if "*" in met else set("rawd") - met


def _beyond_rows(case: Case) -> Found:
    for table in case.of_kind("rpf"):
        given = {
            role: rest
            for role, held in _given(table.grants, (PUBLIC, *case.declared.api_roles), table.owner).items()
            if (rest := held & _BEYOND_ROWS)
        }
        if given:
            truncates = any("TRUNCATE" in held for held in given.values())
            what = f"{_told(given)}{': TRUNCATE asks no policy' if truncates else ''}"
            yield Finding(str(table.name), what, _revoke(table, given))


def _create(case: Case) -> Found:
    for schema in case.catalog.schemas:
        roles = [
            role
            for role in (PUBLIC, *case.declared.api_roles, *case.declared.login_roles)
            if schema.name not in PLATFORM
            and any(grant.grantee == role and grant.privilege == "CREATE" for grant in schema.grants)
            and role != schema.owner
        ]
        if roles:
            what = f"{listed([shown(role) for role in roles])} may create in it"
            mend = f"REVOKE CREATE ON SCHEMA {quoted(schema.name)} FROM {', '.join(map(grantee, roles))};"
            yield Finding(f"schema {schema.name}", what, mend)


def _defaults(case: Case) -> Found:
    for given in case.catalog.default_privileges:
        roles = sorted({g.grantee for g in given.grants} & {PUBLIC, *case.declared.api_roles})
        implied = given.kind == "f" and not given.schema and roles == [PUBLIC]  # what PostgreSQL does anyway
        if given.kind in _OBJECTS and given.schema not in PLATFORM and roles and not implied:
            objects = _OBJECTS[given.kind]
            where = f" in {given.schema}" if given.schema else ""
            held = sorted({grant.privilege for grant in given.grants if grant.grantee in roles})
            what = f"{listed([shown(role) for role in roles])} will have {', '.join(held)} on all that come"
            within = f" IN SCHEMA {quoted(given.schema)}" if given.schema else ""
            mend = (
                f"ALTER DEFAULT PRIVILEGES FOR ROLE {quoted(given.owner)}{within} "
                f"REVOKE ALL ON {objects} FROM {', '.join(map(grantee, roles))};"
            )
            yield Finding(f"default privileges of {given.owner}{where} on {objects.lower()}", what, mend)


def _secrets(case: Case) -> Found:
    for relation in case.of_kind(_LARGE):
        for role in case.declared.anonymous:
            if not case.may_use(role, relation.name.schema):
                continue
            for column in _columns(case, relation, role):
                what = f"looks like a secret, and {role} may read it without a login"
                mend = f"REVOKE SELECT ON {qualified(relation.name)} FROM {quoted(role)};"  # noqa: S608 - shown
                yield Finding(of(relation, column.name), what, f"{mend} -- and grant the other columns")


def _columns(case: Case, relation: Relation, role: str) -> Iterator[Column]:
    """The columns with a telling name that a role may read."""
    whole = "SELECT" in case.has(role, relation.grants)
    for column in relation.columns:
        public = case.is_public(of(relation, column.name))
        if is_secret(column.name) and not public and (whole or "SELECT" in case.has(role, column.grants)):
            yield column


def is_secret(name: str) -> bool:
    """Whether a column's name tells of a secret: `api_key`, `resetToken`, but not `token_count`."""
    return _SECRET.search(_CAMEL.sub("_", name)) is not None


def _grantable(case: Case) -> Found:
    for relation in case.of_kind(_LARGE):
        given = tuple(grant for grant in relation.grants if grant.grantable)
        if found := _given(given, case.declared.api_roles, relation.owner):
            what = f"{_told(found)} with the right to pass it on"
            yield Finding(
                str(relation.name),
                what,
                _revoke(relation, found).replace("REVOKE ", "REVOKE GRANT OPTION FOR "),
            )


LINTS = (
    Lint(
        id="grant_to_public",
        level=Level.WARNING,
        finds="a table or view on which PUBLIC has privileges",
        why="every role has them, and every role that will ever be made",
        mend="REVOKE ALL ON t FROM PUBLIC; or declare it under `public`, for reading",
        look=_to_public,
    ),
    Lint(
        id="grant_to_anonymous",
        level=Level.WARNING,
        finds="privileges of an anonymous role that no policy needs",
        why="row-level security alone keeps everybody out: one policy for PUBLIC, and it is open",
        mend="REVOKE INSERT, UPDATE, DELETE ON t FROM anon",
        look=_to_anonymous,
    ),
    Lint(
        id="grant_beyond_rows",
        level=Level.ERROR,
        finds="TRUNCATE, REFERENCES, TRIGGER or MAINTAIN of an API role or PUBLIC",
        why="no policy holds for TRUNCATE; the others learn of rows by keys, or run code when others write",
        mend="REVOKE TRUNCATE, REFERENCES, TRIGGER, MAINTAIN ON t FROM anon, authenticated",
        look=_beyond_rows,
    ),
    Lint(
        id="grant_create",
        level=Level.ERROR,
        finds="CREATE on a schema for PUBLIC, an API role or the role that the application connects as",
        why="who may create there can put a table or function where others look a name up",
        mend="REVOKE CREATE ON SCHEMA s FROM PUBLIC",
        look=_create,
    ),
    Lint(
        id="default_privileges_open",
        level=Level.WARNING,
        finds="default privileges for PUBLIC or an API role",
        why="what the next migration creates is open at once, before anybody thinks of a policy",
        mend="ALTER DEFAULT PRIVILEGES FOR ROLE r REVOKE ALL ON TABLES FROM anon, authenticated",
        look=_defaults,
    ),
    Lint(
        id="secret_readable",
        level=Level.ERROR,
        finds="a column whose name tells of a secret, readable without a login",
        why="passwords, tokens and keys are for nobody",
        mend="REVOKE SELECT ON t FROM anon, and GRANT SELECT (the other columns)",
        look=_secrets,
    ),
    Lint(
        id="grant_option",
        level=Level.WARNING,
        finds="privileges that an API role may pass on",
        why="whoever runs as that role may give them to everybody",
        mend="REVOKE GRANT OPTION FOR ALL ON t FROM authenticated",
        look=_grantable,
    ),
)
