"""Policies that let more through than they say."""

from collections.abc import Iterator
from itertools import groupby

from pytest_deploycheck.catalog.lints.callers import Clause, checking, using
from pytest_deploycheck.catalog.lints.case import COMMANDS, Case, of
from pytest_deploycheck.catalog.lints.expressions import compared_with_itself, parts
from pytest_deploycheck.catalog.lints.lint import Finding, Found, Level, Lint
from pytest_deploycheck.catalog.lints.names import listed, qualified, quoted


def _alter(clause: Clause, wanted: str) -> str:
    name, table = quoted(clause.policy.name), qualified(clause.table.name)
    return f"ALTER POLICY {name} ON {table} {clause.word} ({wanted});"


def _finding(clause: Clause, what: str, wanted: str) -> Finding:
    return Finding(of(clause.table, clause.policy.name), what, _alter(clause, wanted))


def _tie(clause: Clause) -> str:
    """The condition that is missing, as far as it can be known."""
    columns = sorted(clause.case.tenant_columns(clause.table))
    return f"{quoted(columns[0])} = <the caller's tenant>" if columns else "<whose rows these are>"


def _who(clause: Clause) -> str:
    verb = COMMANDS[clause.policy.command]
    return f"{', '.join(clause.case.concerned(clause.policy))} ({verb})"


def _reading(case: Case) -> Iterator[Clause]:
    """USING of permissive policies, but for reading what everybody may read, and what others guard."""
    for table, policy in case.policies():
        clause = using(case, table, policy)
        meant = policy.command == "r" and case.is_public(table.name)
        if clause is not None and not meant and not clause.guarded:
            yield clause


def _writing(case: Case) -> Iterator[Clause]:
    """What permissive policies ask of new rows, where no other guards them."""
    for table, policy in case.policies():
        clause = checking(case, table, policy)
        if clause is not None and not clause.guarded:
            yield clause


def _always_true(case: Case) -> Found:
    for clause in _reading(case):
        if clause.is_true():
            yield _finding(clause, f"{clause.shown} is true for every row: {_who(clause)}", _tie(clause))


def _check_true(case: Case) -> Found:
    for clause in _writing(case):
        if clause.policy.check is not None and clause.is_true():
            yield _finding(clause, f"{clause.shown} takes any row: {_who(clause)}", _tie(clause))


def _check_missing(case: Case) -> Found:
    for clause in _writing(case):
        columns = case.tenant_columns(clause.table)
        if clause.policy.check is not None or clause.is_true():
            continue
        if clause.policy.command == "a":
            yield _finding(clause, "has no WITH CHECK: it refuses every row", _tie(clause))
        elif columns and not clause.binds(columns):
            what = (
                f"has no WITH CHECK, and USING, which stands in for it, says nothing of "
                f"{listed(sorted(columns))}: a row can be moved to another tenant"
            )
            yield _finding(clause, what, _tie(clause))


def _ignores_tenant(case: Case) -> Found:
    for clause in _reading(case):
        columns = case.tenant_columns(clause.table)
        if columns and clause.used and _is_wide(clause):
            what = (
                f"{clause.shown} ties no row to who asks, as {listed(sorted(columns))} would: rows of every "
                f"tenant are open to {_who(clause)}"
            )
            yield _finding(clause, what, _tie(clause))


def _check_ignores_tenant(case: Case) -> Found:
    for clause in _writing(case):
        columns = case.tenant_columns(clause.table)
        if not columns or clause.policy.check is None or clause.is_true():
            continue
        if not clause.binds(columns):
            tenant = listed(sorted(columns))
            what = f"{clause.shown} says nothing of {tenant}: rows can be put into another tenant"
            yield _finding(clause, what, f"{clause.text} AND {_tie(clause)}")


def _no_own_column(case: Case) -> Found:
    for clause in _reading(case):
        if clause.used or clause.is_true():
            continue
        captured = next(
            (name for part in parts(clause.expression) if (name := compared_with_itself(part))), ""
        )
        told = f"; {captured} is compared with itself, and meant the table's own" if captured else ""
        if (
            captured
            or clause.is_true_when_signed_in()
            or (case.tenant_columns(clause.table) and _is_wide(clause))
        ):
            what = f"{clause.shown} uses no column of its table: all rows or none for {_who(clause)}{told}"
            yield _finding(clause, what, _tie(clause))


def _is_wide(clause: Clause) -> bool:
    """Whether nothing ties rows to who asks, in a table of tenants; what is simply true is another lint's."""
    return not clause.is_true() and not clause.binds()


def _by_or(case: Case) -> Found:
    for _, group in groupby(_reading(case), key=lambda clause: clause.table.name):
        found = tuple(group)
        narrow = [clause for clause in found if clause.binds()]
        for clause in found:
            beside = sorted(other.policy.name for other in narrow if _overlap(clause, other))
            if beside and clause.is_true_when_signed_in():
                what = (
                    f"is permissive beside {listed(beside)}: they are joined by OR, and the wider one decides"
                )
                name, table = quoted(clause.policy.name), qualified(clause.table.name)
                mend = f"DROP POLICY {name} ON {table}; -- or make it RESTRICTIVE"
                yield Finding(of(clause.table, clause.policy.name), what, mend)


def _overlap(one: Clause, other: Clause) -> bool:
    same = one.policy.command == other.policy.command or "*" in (one.policy.command, other.policy.command)
    return same and bool(set(one.case.concerned(one.policy)) & set(other.case.concerned(other.policy)))


def _for_public(case: Case) -> Found:
    for table, policy in case.policies():
        anonymous = [role for role in case.declared.anonymous if role in case.access(table)]
        if "" in policy.roles and anonymous and not case.is_public(table.name):
            what = f"is for every role, {', '.join(anonymous)} included"
            mend = f"ALTER POLICY {quoted(policy.name)} ON {qualified(table.name)} TO authenticated;"
            yield Finding(of(table, policy.name), what, mend)


def _by_pattern(case: Case) -> Found:
    for clause in (*_reading(case), *_writing(case)):
        for part in parts(clause.expression):
            if clause.columns(part) and clause.asks_caller(part) and {"~~", "~~*", "~", "~*"} & set(part):
                what = f"{clause.shown} compares by a pattern: a caller named % matches everything"
                yield _finding(clause, what, "<the same with = instead of LIKE>")
                break


LINTS = (
    Lint(
        id="policy_always_true",
        level=Level.ERROR,
        finds="a permissive policy whose USING is true, or a comparison of something with itself",
        why="every row of every tenant passes; what else the table's policies say doesn't matter",
        mend="ALTER POLICY p ON t USING (tenant = ...); or declare the table, or the policy, under `public`",
        look=_always_true,
    ),
    Lint(
        id="policy_check_true",
        level=Level.ERROR,
        finds="a permissive policy whose WITH CHECK is true",
        why="rows can be put into any tenant, in anybody's name",
        mend="ALTER POLICY p ON t WITH CHECK (tenant = ...); or declare the policy under `public`",
        look=_check_true,
    ),
    Lint(
        id="policy_check_missing",
        level=Level.ERROR,
        finds="a policy for writing without WITH CHECK, where USING doesn't tie the tenant either",
        why="USING stands in for it, and rows can be moved to another tenant; for INSERT nothing does",
        mend="ALTER POLICY p ON t WITH CHECK (tenant = ...)",
        look=_check_missing,
    ),
    Lint(
        id="policy_ignores_tenant",
        level=Level.ERROR,
        finds="a permissive policy on a table of tenants that ties no column to who asks",
        why="it opens the rows of every tenant that fit, whoever asks",
        mend="ALTER POLICY p ON t USING (tenant = ...); or declare the policy under `public`",
        look=_ignores_tenant,
    ),
    Lint(
        id="policy_check_ignores_tenant",
        level=Level.ERROR,
        finds="a WITH CHECK on a table of tenants that doesn't tie the tenant to who asks",
        why="rows can be put into another tenant",
        mend="ALTER POLICY p ON t WITH CHECK (tenant = ... AND ...)",
        look=_check_ignores_tenant,
    ),
    Lint(
        id="policy_no_own_column",
        level=Level.ERROR,
        finds="a permissive policy that uses no column of its own table",
        why="it is true for all rows or for none: signed in is enough, or a sub-select captured a name",
        mend="name the table's own column, with the table before it: USING (... = orders.client_id)",
        look=_no_own_column,
    ),
    Lint(
        id="policy_wide_beside_narrow",
        level=Level.ERROR,
        finds="a wide permissive policy beside a narrow one for the same command and role",
        why="permissive policies are joined by OR: the narrow one protects nothing",
        mend="drop the wide one, or make it RESTRICTIVE",
        look=_by_or,
    ),
    Lint(
        id="policy_for_public",
        level=Level.INFO,
        finds="a policy for PUBLIC where an anonymous role has privileges on the table",
        why="policies without TO are for every role, also for one that comes later",
        mend="ALTER POLICY p ON t TO authenticated",
        look=_for_public,
    ),
    Lint(
        id="policy_by_pattern",
        level=Level.WARNING,
        finds="a policy that compares a column with the caller by LIKE or a regular expression",
        why="what the caller brings is the pattern, or matches more than one value",
        mend="compare with =",
        look=_by_pattern,
    ),
)
