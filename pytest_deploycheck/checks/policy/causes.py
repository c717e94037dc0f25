"""Why a relation is open, and the SQL that mends it."""

from collections.abc import Iterable

from pytest_deploycheck.checks.database.reader import quoted
from pytest_deploycheck.checks.language.shown import short
from pytest_deploycheck.checks.policy.findings import Open
from pytest_deploycheck.checks.policy.looking import Seen
from pytest_deploycheck.checks.policy.rules import Rule
from pytest_deploycheck.checks.policy.scene import Scene
from pytest_deploycheck.checks.policy.subjects import Subject
from pytest_deploycheck.checks.policy.wording import listed, name_of

_NEVER = {"m": "materialised views", "f": "foreign tables"}
"""Kinds of relations to which row-level security never applies."""


def unprotected(scene: Scene, subject: Subject) -> tuple[str, str]:
    """Why row-level security does not hold the actor here, and what would mend it; nothing if it does."""
    relation, name, role = subject.relation, name_of(subject.relation.name), scene.acting.role
    if relation.kind in _NEVER:
        privileges = ", ".join(sorted(scene.rights[subject.key].held))
        return (
            f"row-level security never applies to {_NEVER[relation.kind]}",
            f"REVOKE {privileges} ON {name} FROM {_grantee(scene, subject)};",
        )
    if not subject.is_table or scene.applies.get(subject.key, False):
        return "", ""
    if not relation.row_security:
        return "row-level security is off", f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;"
    return (
        f"{role} counts as its owner, and row-level security is not forced",
        f"ALTER TABLE {name} OWNER TO ...; or ALTER TABLE {name} FORCE ROW LEVEL SECURITY;",
    )


def exempt(scene: Scene) -> Open:
    """Say what it means that row-level security does not hold a role."""
    strange = [
        f"{subject.name} ({scene.named(seen.other)})"
        for subject in scene.survey.subjects
        if isinstance(seen := scene.seen.get(subject.key), Seen) and seen.other is not None
    ]
    seeing = f"; it sees rows of others in {listed(strange)}" if strange else ""
    what = f"the role {scene.exempt}: no policy holds anybody who acts as it{seeing}"
    return Open(scene.acting.role, what, _demotion(scene))


def _demotion(scene: Scene) -> str:
    flag = "NOSUPERUSER" if scene.exempt.endswith("superuser") else "NOBYPASSRLS"
    return f"ALTER ROLE {quoted(scene.acting.role)} {flag};"


def _grantee(scene: Scene, subject: Subject) -> str:
    """Through whom the actor's role holds its privileges."""
    grants = (*subject.relation.grants, *(g for column in subject.relation.columns for g in column.grants))
    named = sorted({each.grantee for each in grants if each.grantee in scene.roles})
    return ", ".join(quoted(each) if each else "PUBLIC" for each in named) or quoted(scene.acting.role)


def blamed(subject: Subject, rules: Iterable[Rule]) -> tuple[str, str]:
    """Which policies let it through, and where to mend; nothing where no policy can be named."""
    found = tuple(rules)
    if not found:
        return "", ""
    told = listed(f"{rule}: {short(rule.text)}" for rule in found)
    tenant = subject.owner.column if subject.owner and subject.owner.column else "its tenant"
    mends = (
        f"ALTER POLICY {quoted(rule.policy.name)} ON {name_of(subject.relation.name)} "
        f"{rule.clause} ({tenant} = ...);"
        for rule in found
    )
    return told, "\n".join(mends)


def of_a_view(scene: Scene, subject: Subject) -> tuple[str, str]:
    """Why a view shows what its tables would not, and what mends it."""
    relation = subject.relation
    if relation.kind != "v":
        return "", ""
    if relation.security_invoker:
        behind = listed(map(str, relation.reads)) or "a function"
        return f"it reads as whoever asks, so look at what is behind it: {behind}", ""
    return f"it is a view that reads as its owner, {relation.owner}", _as_whoever_asks(scene, subject)


def _as_whoever_asks(scene: Scene, subject: Subject) -> str:
    name, server = name_of(subject.relation.name), scene.catalog.server
    if server.has_security_invoker:
        return f"ALTER VIEW {name} SET (security_invoker = true);"
    why = f"-- a view of PostgreSQL {server.major} always reads as its owner"
    return f"REVOKE ALL ON {name} FROM {_grantee(scene, subject)}; {why}"
