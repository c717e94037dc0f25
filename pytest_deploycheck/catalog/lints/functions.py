"""Functions that run with more rights than their caller, or look names up where the caller says."""

import re
from collections.abc import Iterator

from pytest_deploycheck.catalog.lints.case import Case, signature
from pytest_deploycheck.catalog.lints.declared import PLATFORM
from pytest_deploycheck.catalog.lints.lint import Finding, Found, Level, Lint
from pytest_deploycheck.catalog.lints.names import listed, qualified, quoted, shown
from pytest_deploycheck.model.catalog import Function
from pytest_deploycheck.model.relation import PUBLIC

_NOT_CALLED = frozenset({"trigger", "event_trigger"})
"""What a function returns that nobody can call (PostgreSQL 18, 37.1)."""
_COMPILED = frozenset({"c", "internal"})
_ATOMIC = re.compile(r"\s*(BEGIN ATOMIC|RETURN)\b|.*\bBEGIN ATOMIC\b", re.IGNORECASE | re.DOTALL)
"""A body of the SQL standard's form: its names were looked up when it was created."""


def _name(function: Function) -> str:
    kind = "PROCEDURE" if function.kind == "p" else "FUNCTION"
    return f"{kind} {qualified(function.name)}({function.arguments})"


def _of_application(case: Case) -> Iterator[Function]:
    for function in case.catalog.functions:
        if function.name.schema not in PLATFORM and not function.extension and function.kind in "fp":
            yield function


def _is_public(case: Case, function: Function) -> bool:
    return case.is_public(function.name) or case.is_public(signature(function))


def _path(function: Function) -> tuple[str, ...] | None:
    """The schemas of its own search_path, or None if it has none."""
    for setting in function.settings:
        name, _, value = setting.partition("=")
        if name == "search_path":
            parts = (part.strip().strip('"') for part in value.split(","))
            return tuple(part for part in parts if part)
    return None


def _looks_up(function: Function) -> bool:
    """Whether it looks names up when it runs."""
    return function.language not in _COMPILED and not (
        function.language == "sql" and _ATOMIC.match(function.body)
    )


def _definer_path(case: Case) -> Found:
    for function in _of_application(case):
        if function.security_definer and _looks_up(function) and (what := _unsafe(case, function)):
            yield Finding(signature(function), what, f"ALTER {_name(function)} SET search_path = '';")


def _unsafe(case: Case, function: Function) -> str:
    path = _path(function)
    if path is None:
        return (
            f"runs as {function.owner}, and has no search_path of its own: its names are looked up where the "
            "caller says, in pg_temp first"
        )
    writable = [
        schema.name
        for schema in case.catalog.schemas
        if schema.name in path
        and any("CREATE" in case.has(role, schema.grants) for role in (PUBLIC, *case.declared.api_roles))
    ]
    if "$user" in path:
        writable.append('"$user"')
    return (
        f"runs as {function.owner}, and looks in {listed(writable)}, where its callers may create"
        if writable
        else ""
    )


def _mutable_path(case: Case) -> Found:
    for function in _of_application(case):
        if (
            function.name.schema in case.declared.own
            and not function.security_definer
            and _looks_up(function)
        ):
            path = _path(function)
            if path is None or "$user" in path:
                what = "has no fixed search_path: what its names mean depends on the session"
                yield Finding(signature(function), what, f"ALTER {_name(function)} SET search_path = '';")


def _callers(case: Case, function: Function, roles: tuple[str, ...]) -> list[str]:
    """Which of these roles may call a function that the API serves."""
    served = function.name.schema in case.declared.schemas and function.returns not in _NOT_CALLED
    if not served or _is_public(case, function):
        return []
    return [
        role
        for role in roles
        if case.may_use(role, function.name.schema) and "EXECUTE" in case.has(role, function.grants)
    ]


def _definer_exposed(case: Case) -> Found:
    for function in _of_application(case):
        if function.security_definer and (roles := _callers(case, function, case.declared.api_roles)):
            what = f"runs as {function.owner}{_rights(case, function)}, and {listed(roles)} may call it"
            yield Finding(signature(function), what, _revoke(function, roles))


def _rights(case: Case, function: Function) -> str:
    owner = case.roles.get(function.owner)
    return ", for whom no policy holds" if owner and (owner.superuser or owner.bypass_rls) else ""


def _revoke(function: Function, roles: list[str]) -> str:
    through = sorted({grant.grantee for grant in function.grants if grant.grantee in ("", *roles)})
    names = ", ".join(quoted(role) if role else shown(role) for role in through)
    return (
        f"REVOKE EXECUTE ON {_name(function)} FROM {names or 'PUBLIC'}; -- or move it to a schema not served"
    )


def _anonymous(case: Case) -> Found:
    for function in _of_application(case):
        roles = _callers(case, function, case.declared.anonymous)
        if function.volatility == "v" and not function.security_definer and roles:
            what = f"may change data (it is VOLATILE), and {listed(roles)} may call it"
            yield Finding(signature(function), what, _revoke(function, roles))


def _leakproof(case: Case) -> Found:
    for function in _of_application(case):
        if function.leakproof and function.language not in _COMPILED:
            what = "is LEAKPROOF: it may be called with rows before a policy or a barrier has hidden them"
            yield Finding(signature(function), what, f"ALTER {_name(function)} NOT LEAKPROOF;")


LINTS = (
    Lint(
        id="definer_search_path",
        level=Level.ERROR,
        finds="a SECURITY DEFINER function with no search_path of its own, or one its callers may write to",
        why="the caller decides which table or function a name means, and it runs with the owner's rights",
        mend="ALTER FUNCTION f() SET search_path = '', and qualify every name in it",
        look=_definer_path,
    ),
    Lint(
        id="definer_exposed",
        level=Level.ERROR,
        finds="a SECURITY DEFINER function in a served schema that an API role may call",
        why="it runs with its owner's rights: row-level security doesn't hold in it, whoever calls",
        mend="move it to a schema that is not served, revoke EXECUTE, or declare it under `public`",
        look=_definer_exposed,
    ),
    Lint(
        id="search_path_mutable",
        level=Level.WARNING,
        finds="a function without a fixed search_path",
        why="what its names mean depends on who calls; in a policy or a trigger that is a way in",
        mend="ALTER FUNCTION f() SET search_path = '', or a body of the form RETURN / BEGIN ATOMIC",
        look=_mutable_path,
    ),
    Lint(
        id="function_anonymous",
        level=Level.WARNING,
        finds="a VOLATILE function in a served schema that needs no login",
        why="functions are executable by PUBLIC unless that is revoked: anybody may call it through the API",
        mend="REVOKE EXECUTE ON FUNCTION f() FROM PUBLIC, anon; or declare it under `public`, or STABLE",
        look=_anonymous,
    ),
    Lint(
        id="function_leakproof",
        level=Level.WARNING,
        finds="a function of the application's that says it is LEAKPROOF",
        why="PostgreSQL may call it with rows that policies hide, and what it tells then leaks",
        mend="ALTER FUNCTION f() NOT LEAKPROOF",
        look=_leakproof,
    ),
)
