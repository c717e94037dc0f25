"""Constraints and triggers that are there and don't hold."""

from pytest_deploycheck.catalog.lints.case import Case, of
from pytest_deploycheck.catalog.lints.lint import Finding, Found, Level, Lint
from pytest_deploycheck.catalog.lints.names import listed, qualified, quoted
from pytest_deploycheck.model.relation import Constraint, Relation


def _kind(constraint: Constraint) -> str:
    return {"f": "foreign key", "c": "check", "n": "NOT NULL"}.get(constraint.kind, "constraint")


def _not_validated(case: Case) -> Found:
    for table in case.own_tables:
        for constraint in table.constraints:
            if constraint.enforced and not constraint.validated:
                what = f"is a {_kind(constraint)} that was never validated: older rows may break it"
                mend = f"ALTER TABLE {qualified(table.name)} VALIDATE CONSTRAINT {quoted(constraint.name)};"
                yield Finding(of(table, constraint.name), what, mend)


def _not_enforced(case: Case) -> Found:
    for table in case.own_tables:
        for constraint in table.constraints:
            if not constraint.enforced:
                what = f"is a {_kind(constraint)} that no row is held to: {_off(constraint)}"
                yield Finding(of(table, constraint.name), what, _hold(table, constraint))


def _off(constraint: Constraint) -> str:
    declared = "NOT ENFORCED" in constraint.definition
    return "it is NOT ENFORCED" if declared else "a trigger of its own is disabled"


def _hold(table: Relation, constraint: Constraint) -> str:
    if "NOT ENFORCED" in constraint.definition:
        return f"ALTER TABLE {qualified(table.name)} ALTER CONSTRAINT {quoted(constraint.name)} ENFORCED;"
    tables = [table.name, *([constraint.references] if constraint.references else [])]
    return " ".join(f"ALTER TABLE {qualified(name)} ENABLE TRIGGER ALL;" for name in dict.fromkeys(tables))


def _disabled(case: Case) -> Found:
    for table in case.own_tables:
        for trigger in table.triggers:
            if trigger.enabled == "D":
                what = f"is disabled: {trigger.function} is not called"
                mend = f"ALTER TABLE {qualified(table.name)} ENABLE TRIGGER {quoted(trigger.name)};"
                yield Finding(of(table, trigger.name), what, mend)
    for event in case.catalog.event_triggers:
        if event.enabled == "D":
            mend = f"ALTER EVENT TRIGGER {quoted(event.name)} ENABLE;"
            yield Finding(f"event trigger {event.name}", "is disabled", mend)


def _rules(case: Case) -> Found:
    for table in case.own_tables:
        for rule in table.rules:
            if rule.enabled != "D":
                what = f"is a rule: {' '.join(rule.definition.split())}"
                yield Finding(
                    of(table, rule.name), what, f"DROP RULE {quoted(rule.name)} ON {qualified(table.name)};"
                )


def _crosses_tenants(case: Case) -> Found:
    for table in case.own_tables:
        for key in table.constraints:
            other = case.relations.get(key.references) if key.kind == "f" and key.references else None
            if (
                other is None
                or not (here := case.tenant_columns(table))
                or not (there := case.tenant_columns(other))
            ):
                continue
            if not here & set(key.columns) and not there & set(key.referenced):
                columns = listed(sorted(here))
                what = f"references {other.name} without {columns}: a row can point into another tenant"
                yield Finding(
                    of(table, key.name), what, _with_tenant(table, other, sorted(here), sorted(there))
                )


def _with_tenant(table: Relation, other: Relation, here: list[str], there: list[str]) -> str:
    return (
        f"ALTER TABLE {qualified(table.name)} ADD FOREIGN KEY ({', '.join(map(quoted, here))}, ...) "
        f"REFERENCES {qualified(other.name)} ({', '.join(map(quoted, there))}, ...);"
    )


LINTS = (
    Lint(
        id="constraint_not_validated",
        level=Level.ERROR,
        finds="a constraint that was added NOT VALID and never validated",
        why="rows from before may break it, and the planner can't rely on it",
        mend="ALTER TABLE t VALIDATE CONSTRAINT c",
        look=_not_validated,
    ),
    Lint(
        id="constraint_not_enforced",
        level=Level.WARNING,
        finds="a constraint that is NOT ENFORCED, or a foreign key whose triggers are disabled",
        why="it says what should be, and no row is held to it: DISABLE TRIGGER ALL means foreign keys too",
        mend="ALTER TABLE t ENABLE TRIGGER ALL on both tables; ALTER TABLE t ALTER CONSTRAINT c ENFORCED",
        look=_not_enforced,
    ),
    Lint(
        id="trigger_disabled",
        level=Level.ERROR,
        finds="a trigger that is disabled",
        why="somebody switched it off for an import and forgot it: what it kept is kept no more",
        mend="ALTER TABLE t ENABLE TRIGGER g",
        look=_disabled,
    ),
    Lint(
        id="rule_on_table",
        level=Level.WARNING,
        finds="a rule that turns statements on a table into others",
        why="a write does something else, or nothing, and says that it went well; and it does it with the"
        " rights of the table's owner",
        mend="DROP RULE r ON t; a trigger can say no, or write elsewhere",
        look=_rules,
    ),
    Lint(
        id="foreign_key_crosses_tenants",
        level=Level.INFO,
        finds="a foreign key between two tables of tenants that doesn't hold the tenant",
        why="a row can point into another tenant's, and by trying one learns which ids exist there",
        mend="a key over (tenant, id) on both sides",
        look=_crosses_tenants,
    ),
)
