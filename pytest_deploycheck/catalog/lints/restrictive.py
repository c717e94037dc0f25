"""Restrictive policies: those that must hold beside all others."""

from pytest_deploycheck.catalog.lints.callers import using
from pytest_deploycheck.catalog.lints.case import COMMANDS, Case, of
from pytest_deploycheck.catalog.lints.lint import Finding, Found, Level, Lint
from pytest_deploycheck.catalog.lints.names import qualified, quoted


def _alone(case: Case) -> Found:
    for table in case.tables:
        if not table.row_security or not any(not policy.permissive for policy in table.policies):
            continue
        for role, held in sorted(case.access(table).items()):
            mine = [policy for policy in table.policies if role in case.concerned(policy)]
            guards = {policy.command for policy in mine if not policy.permissive}
            opens = {COMMANDS[policy.command] for policy in mine if policy.permissive}
            if guards and not opens:
                what = f"{role} has {', '.join(sorted(held))}, and only restrictive policies: it sees nothing"
                mend = f"CREATE POLICY ... ON {qualified(table.name)} TO {quoted(role)} USING (...);"
                yield Finding(str(table.name), what, mend)


def _lost(case: Case) -> Found:
    there = {of(table, policy.name): policy for table in case.catalog.relations for policy in table.policies}
    for name in case.declared.restrictive:
        if name not in there:
            yield Finding(
                name, "is declared restrictive, and is not there", "CREATE POLICY ... AS RESTRICTIVE ...;"
            )
        elif there[name].permissive:
            what = "is declared restrictive, and is permissive: it opens rows instead of guarding them"
            yield Finding(name, what, "DROP POLICY ...; CREATE POLICY ... AS RESTRICTIVE ...;")


def _idle(case: Case) -> Found:
    for table in case.tables:
        for policy in table.policies:
            clause = None if policy.permissive or not case.concerned(policy) else using(case, table, policy)
            if clause is not None and policy.using is not None and clause.is_true():
                what = f"is restrictive, and {clause.shown} is always true: it guards nothing"
                mend = f"ALTER POLICY {quoted(policy.name)} ON {qualified(table.name)} USING (...);"
                yield Finding(of(table, policy.name), what, mend)


LINTS = (
    Lint(
        id="restrictive_alone",
        level=Level.WARNING,
        finds="restrictive policies for a role that no permissive policy lets in",
        why="restrictive policies only take away: without a permissive one the role sees nothing",
        mend="add the permissive policy that was lost, or revoke the privileges",
        look=_alone,
    ),
    Lint(
        id="restrictive_lost",
        level=Level.ERROR,
        finds="a policy declared under `restrictive` that is gone, or permissive",
        why="what it guarded (a second factor, a suspended account) is guarded no more",
        mend="CREATE POLICY p ON t AS RESTRICTIVE ...",
        look=_lost,
    ),
    Lint(
        id="restrictive_idle",
        level=Level.WARNING,
        finds="a restrictive policy that is always true",
        why="it guards nothing",
        mend="ALTER POLICY p ON t USING (...)",
        look=_idle,
    ),
)
