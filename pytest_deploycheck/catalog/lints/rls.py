"""Row-level security is on where an API role may look, and holds for who connects."""

from collections.abc import Iterator

from pytest_deploycheck.catalog.lints.case import ROWS, Access, Case, allowed, of
from pytest_deploycheck.catalog.lints.lint import Finding, Found, Level, Lint
from pytest_deploycheck.catalog.lints.names import qualified, quoted
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.relation import Relation

_PLATFORM = frozenset({"storage.objects", "storage.buckets", "realtime.messages"})
"""Tables of the platform whose policies are the application's."""


def _open(case: Case, table: Relation) -> Access:
    """What API roles may do with rows, but reading what is public."""
    meant = frozenset({"SELECT"}) if case.is_public(table.name) else frozenset()
    found = {role: held & ROWS - meant for role, held in case.access(table).items()}
    return {role: held for role, held in found.items() if held}


def _off(case: Case) -> Iterator[tuple[Relation, Access, Relation | None]]:
    """Tables without row-level security that API roles reach, with a parent that has it."""
    for table in (*case.tables, *(r for r in case.catalog.relations if str(r.name) in _PLATFORM)):
        if not table.row_security and (access := _open(case, table)):
            parents = (case.relations.get(name) for name in (table.partition_of, *table.inherits) if name)
            yield table, access, next((parent for parent in parents if parent and parent.row_security), None)


def _disabled(case: Case) -> Found:
    for table, access, parent in _off(case):
        if parent is None:
            what = f"row-level security is off, and {allowed(access)}"
            yield Finding(str(table.name), what, _enable(table))


def _partition(case: Case) -> Found:
    for table, access, parent in _off(case):
        if parent is not None:
            what = f"row-level security is off, and on for {parent.name}: by its own name {allowed(access)}"
            yield Finding(str(table.name), what, _enable(table))


def _enable(table: Relation) -> str:
    return f"ALTER TABLE {qualified(table.name)} ENABLE ROW LEVEL SECURITY;"


def _no_policy(case: Case) -> Found:
    for table in case.tables:
        meant = str(table.name) in case.declared.service_only
        if table.row_security and not table.policies and not meant and (access := case.access(table)):
            roles = ", ".join(map(quoted, sorted(access)))
            yield Finding(
                str(table.name),
                f"row-level security is on without a policy: nobody sees a row, though {allowed(access)}",
                f"REVOKE ALL ON {qualified(table.name)} FROM {roles}; -- or CREATE POLICY",
            )


def _select_closed(case: Case) -> Found:
    """Of roles with a login: what an anonymous one has without need, another lint tells."""
    for table in case.tables:
        if not table.row_security or str(table.name) in case.declared.service_only:
            continue
        opened = [policy for policy in table.policies if policy.permissive]
        for role in (role for role in case.access(table) if role not in case.declared.anonymous):
            reads = any(policy.command in "r*" and role in case.concerned(policy) for policy in opened)
            if opened and not reads and "SELECT" in case.access(table)[role]:
                what = f"{role} may SELECT, and no policy lets it: it sees nothing, not even its own"
                mend = (
                    f"CREATE POLICY ... ON {qualified(table.name)} FOR SELECT TO {quoted(role)} USING (...);"
                )
                yield Finding(str(table.name), what, mend)


def _idle(case: Case) -> Found:
    for table in case.tables:
        if table.policies and not table.row_security:
            policies = many(len(table.policies), "policy", "policies")
            what = f"has {policies}, and row-level security is off: none of them holds"
            yield Finding(str(table.name), what, _enable(table))


def _service_only(case: Case) -> Found:
    for table in case.tables:
        if str(table.name) in case.declared.service_only:
            if not table.row_security and case.access(table):
                yield Finding(
                    str(table.name), "is for the service alone, and row-level security is off", _enable(table)
                )
            for policy in table.policies:
                if policy.permissive and (roles := case.concerned(policy)):
                    yield Finding(
                        of(table, policy.name),
                        f"lets {', '.join(roles)} in, and the table is for the service alone",
                        f"DROP POLICY {quoted(policy.name)} ON {qualified(table.name)};",
                    )


def _not_forced(case: Case) -> Found:
    for table in case.tables:
        if not table.row_security or table.forced:
            continue
        for role in (*case.declared.login_roles, *case.declared.api_roles):
            if table.owner in case.inherited(role):
                owner = "owns it" if role == table.owner else f"has the rights of {table.owner}, who owns it"
                yield Finding(
                    str(table.name),
                    f"{role} {owner}: no policy holds for it",
                    f"ALTER TABLE {qualified(table.name)} FORCE ROW LEVEL SECURITY;",
                )
                break


LINTS = (
    Lint(
        id="rls_disabled",
        level=Level.ERROR,
        finds="a table without row-level security that an API role may read or change",
        why="whoever calls the API as that role has every tenant's rows",
        mend="ALTER TABLE t ENABLE ROW LEVEL SECURITY, and a policy; or revoke the privileges",
        look=_disabled,
    ),
    Lint(
        id="partition_without_rls",
        level=Level.ERROR,
        finds="a partition or inherited table without row-level security below a table that has it",
        why="the parent's policies don't hold when the child is asked by its own name",
        mend="ALTER TABLE child ENABLE ROW LEVEL SECURITY; or revoke the privileges on it",
        look=_partition,
    ),
    Lint(
        id="policies_without_rls",
        level=Level.ERROR,
        finds="policies on a table whose row-level security is off",
        why="policies hold only while row-level security is on; somebody switched it off, or forgot it",
        mend="ALTER TABLE t ENABLE ROW LEVEL SECURITY",
        look=_idle,
    ),
    Lint(
        id="rls_without_policy",
        level=Level.WARNING,
        finds="row-level security without a policy, where an API role has privileges",
        why="every row is hidden: a policy was forgotten or lost, or the privileges are not needed",
        mend="CREATE POLICY; or revoke the privileges; or declare the table under `service_only`",
        look=_no_policy,
    ),
    Lint(
        id="select_without_policy",
        level=Level.WARNING,
        finds="a role that may read a table whose policies let it do everything but that",
        why="the policy for reading was lost, or is for another role: users don't find their own rows",
        mend="CREATE POLICY p ON t FOR SELECT; or revoke SELECT",
        look=_select_closed,
    ),
    Lint(
        id="service_only_open",
        level=Level.ERROR,
        finds="a table declared `service_only` that an API role gets into",
        why="it holds what no client is to see",
        mend="drop the policy, switch row-level security on",
        look=_service_only,
    ),
    Lint(
        id="rls_not_forced",
        level=Level.ERROR,
        finds="row-level security not forced on a table whose owner the application connects as",
        why="policies don't hold for a table's owner, nor for who has the owner's rights",
        mend="ALTER TABLE t FORCE ROW LEVEL SECURITY; better, connect as a role that owns nothing",
        look=_not_forced,
    ),
)  # fmt: skip
