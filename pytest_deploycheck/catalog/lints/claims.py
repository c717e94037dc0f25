"""Policies that trust what the caller can write, or let in who brings nothing."""

import re
from collections.abc import Iterator

from pytest_deploycheck.catalog.lints.callers import Clause, checking, using
from pytest_deploycheck.catalog.lints.case import Case, of, signature
from pytest_deploycheck.catalog.lints.expressions import Both, Either, Expression, Words, words
from pytest_deploycheck.catalog.lints.lint import Finding, Found, Level, Lint
from pytest_deploycheck.catalog.lints.names import qualified, quoted
from pytest_deploycheck.model.catalog import Function
from pytest_deploycheck.model.relation import Name, Policy, Relation

_EDITABLE = ("raw_user_meta_data", "user_metadata")
"""What Supabase lets every user write about himself."""
_SESSION = re.compile(
    r"\b(current_setting|current_user|session_user|auth\.(uid|jwt|role|email))\b", re.IGNORECASE
)


def _all(case: Case) -> Iterator[tuple[Relation, Policy]]:
    """All policies for API roles, the restrictive too."""
    for table in case.tables:
        yield from ((table, policy) for policy in table.policies if case.concerned(policy))


def _clauses(case: Case, table: Relation, policy: Policy) -> Iterator[Clause]:
    for clause in (using(case, table, policy), checking(case, table, policy)):
        if clause is not None and clause.text is not None:
            yield clause


def _alter(table: Relation, policy: Policy) -> str:
    return f"ALTER POLICY {quoted(policy.name)} ON {qualified(table.name)}"


def _user_metadata(case: Case) -> Found:
    for table, policy in _all(case):
        for where, text in _sources(case, policy):
            if any(claim in text for claim in _EDITABLE):
                what = f"decides by user_metadata{where}, which every user can write"
                mend = f"{_alter(table, policy)} USING (... app_metadata ...);"
                yield Finding(of(table, policy.name), what, mend)
                break


def _sources(case: Case, policy: Policy) -> Iterator[tuple[str, str]]:
    """The texts that decide: the policy's own, the functions it calls, the views it reads."""
    yield "", f"{policy.using} {policy.check}"
    for function in _called(case, policy):
        yield f" (in {signature(function)})", function.body
    for name in policy.relations:
        relation = case.relations.get(name)
        yield f" (in {name})", relation.definition if relation else ""


def _called(case: Case, policy: Policy) -> Iterator[Function]:
    """The functions that a policy calls, and those that they name."""
    new, seen = set(policy.functions), set[Name]()
    while new:
        seen |= new
        functions = [function for name in new for function in case.functions.get(name, ())]
        yield from functions
        new = {name for function in functions for name in _named(case, function)} - seen


def _named(case: Case, function: Function) -> Iterator[Name]:
    inside = set(words(function.body))
    yield from (name for name in case.functions if name.name in inside and name != function.name)


def _absent_claim(case: Case) -> Found:
    for table, policy in case.policies():
        for clause in _clauses(case, table, policy):
            if not clause.guarded and _opens(clause, clause.expression):
                what = f"{clause.shown} is true when the claim is missing"
                mend = f"{_alter(table, policy)} {clause.word} (... = ...);"
                yield Finding(of(table, policy.name), what, mend)
                break


def _opens(clause: Clause, expression: Expression) -> bool:
    """Whether nothing asked for is a way through."""
    match expression:
        case Either(parts=parts):
            return any(_opens(clause, part) for part in parts)
        case Both(parts=parts):
            return any(_opens(clause, part) for part in parts) and not clause.ties(expression)
        case _:
            return _part_opens(clause, expression)


def _part_opens(clause: Clause, part: Words) -> bool:
    if not clause.asks_caller(part):
        return False
    columns = clause.columns(part)
    if part[-2:] == ("IS", "NULL") or (part[:1] == ("NOT",) and part[-3:-1] == ("NOT", "NULL")):
        return not columns
    if "DISTINCT" in part and part[:1] == ("NOT",):
        return any(not _not_null(clause, name) for name in columns)
    if "''" in part and not columns:
        return "=" in part and "NULLIF" not in part
    return any(_gives_way(clause, inner) for inner in _coalesced(part))


def _not_null(clause: Clause, name: str) -> bool:
    column = clause.table.column(name)
    return column is not None and column.not_null


def _gives_way(clause: Clause, last: Words) -> bool:
    """Whether what stands in for a missing claim is the row's own value, or simply true."""
    return last == ("TRUE",) or bool(clause.columns(last) and not clause.asks_caller(last))


def _coalesced(part: Words) -> Iterator[Words]:
    """The last argument of every COALESCE, and what CASE gives after IS NULL."""
    for place, word in enumerate(part):
        if word == "COALESCE":
            yield _last_argument(part[place + 1 :])
        if word == "THEN" and part[place - 2 : place] == ("IS", "NULL"):
            yield part[place + 1 : place + 2]
        if word == "THEN" and part[place - 3 : place] == ("IS", "NULL", ")"):
            yield part[place + 1 : place + 2]


def _last_argument(given: Words) -> Words:
    depth, begins = 0, 1
    for place, word in enumerate(given):
        depth += (word == "(") - (word == ")")
        if word == "," and depth == 1:
            begins = place + 1
        if depth == 0:
            return given[begins:place]
    return ()


def _frozen(case: Case) -> Found:
    found = {function for _, policy in _all(case) for function in _called(case, policy)}
    for function in found:
        if function.volatility == "i" and _SESSION.search(function.body):
            what = "is IMMUTABLE and reads who asks: its answer to a policy may be kept for the next caller"
            yield Finding(signature(function), what, f"ALTER FUNCTION {_function(function)} STABLE;")


def _function(function: Function) -> str:
    return f"{qualified(function.name)}({function.arguments})"


LINTS = (
    Lint(
        id="policy_user_metadata",
        level=Level.ERROR,
        finds="a policy that decides by user_metadata, itself or in a function or view that it uses",
        why="every user can write it, and so choose a tenant or a role",
        mend="decide by app_metadata, or by a table that only the service writes",
        look=_user_metadata,
    ),
    Lint(
        id="policy_absent_claim",
        level=Level.ERROR,
        finds="a policy that is true without a claim: IS NULL, or coalesce to the row's own value",
        why="who brings no claim at all gets every row",
        mend="compare with = and nothing else: a missing claim is NULL, and NULL lets nobody in",
        look=_absent_claim,
    ),
    Lint(
        id="session_function_immutable",
        level=Level.ERROR,
        finds="a function that is IMMUTABLE, reads the session and decides in a policy",
        why="PostgreSQL may work it out once and use the answer for the next caller",
        mend="ALTER FUNCTION f() STABLE",
        look=_frozen,
    ),
)
