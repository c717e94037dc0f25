"""The SQL that brings an object back to what is expected, where the facts say enough; else whose it is."""

from collections.abc import Callable, Mapping

from pytest_deploycheck.catalog.drift.at import At
from pytest_deploycheck.catalog.drift.diff import Difference, What
from pytest_deploycheck.catalog.drift.grammar import (
    COLUMN,
    CONSTRAINT,
    FUNCTION,
    GRANT,
    INDEX,
    POLICY,
    RELATIONS,
    ROLE,
    SCHEMA,
    SEQUENCE,
    TABLE,
    TRIGGER,
    VIEW,
    Entry,
)
from pytest_deploycheck.catalog.drift.naming import EVERYBODY
from pytest_deploycheck.catalog.quoting import quote

_GRANTABLE = " with grant option"
_ON: Mapping[str, str] = {
    FUNCTION.name: "FUNCTION ",
    SCHEMA.name: "SCHEMA ",
    SEQUENCE.name: "SEQUENCE ",
}


def qualified(name: str) -> str:
    """A name with its schema as SQL has it; a signature keeps its arguments."""
    head, paren, arguments = name.partition("(")
    return ".".join(map(quote, head.split(".", 1))) + paren + arguments


def mend(difference: Difference) -> str:
    """Return a statement, or nothing where the release's migration must be looked up."""
    at = difference.at
    if at.kind is GRANT:
        return _grant(difference)
    if difference.what is What.EXTRA:
        return ""  # to drop what nobody released is for people to decide
    if difference.what is What.MISSING:
        made = _MADE.get(at.kind.name)
        return made(at, difference.entry) if made else ""
    changed = _CHANGED.get((at.kind.name, difference.property)) or _CHANGED.get((at.kind.name, ""))
    return changed(at, difference) if changed else ""


def _grant(difference: Difference) -> str:
    given = difference.expected if difference.what is What.MISSING else difference.found
    privileges = given if isinstance(given, tuple) else ()
    if not privileges or difference.at.holder.kind.name not in _GRANTED_ON:
        return ""
    names = ", ".join(each.removesuffix(_GRANTABLE) for each in privileges)
    holder = difference.at.holder
    column = ""
    if holder.kind is COLUMN:
        column, holder = f" ({quote(holder.name)})", holder.holder
    on = f"{_ON.get(holder.kind.name, '')}{_target(holder)}"
    who = difference.at.name if difference.at.name == EVERYBODY else quote(difference.at.name)
    if difference.what is What.MISSING:
        option = " WITH GRANT OPTION" if all(each.endswith(_GRANTABLE) for each in privileges) else ""
        return f"GRANT {names}{column} ON {on} TO {who}{option};"
    return f"REVOKE {names}{column} ON {on} FROM {who};"


def _target(at: At) -> str:
    return quote(at.name) if at.kind is SCHEMA else qualified(at.name)


_GRANTED_ON = frozenset(
    {*(kind.name for kind in RELATIONS.values()), COLUMN.name, FUNCTION.name, SCHEMA.name, SEQUENCE.name}
)


def _table(at: At) -> str:
    return qualified(at.holder.name)


def _constraint(at: At, entry: Entry) -> str:
    return f"ALTER TABLE {_table(at)} ADD CONSTRAINT {quote(at.name)} {entry.value('definition')};"


def _definition(_: At, entry: Entry) -> str:
    return f"{entry.value('definition')};"


def _column(at: At, entry: Entry) -> str:
    default = f" DEFAULT {entry.value('default')}" if entry.value("default") else ""
    not_null = " NOT NULL" if entry.value("not_null") else ""
    if entry.value("generated") or entry.value("identity"):
        return ""
    return f"ALTER TABLE {_table(at)} ADD COLUMN {quote(at.name)} {entry.value('type')}{not_null}{default};"


def _policy(at: At, entry: Entry) -> str:
    roles = entry.value("roles")
    names = roles if isinstance(roles, tuple) else ()
    parts = [
        f"CREATE POLICY {quote(at.name)} ON {_table(at)}",
        "AS RESTRICTIVE" if entry.value("restrictive") else "",
        f"FOR {str(entry.value('command')).upper()}",
        f"TO {', '.join(name if name == EVERYBODY else quote(name) for name in names)}",
        f"USING ({entry.value('using')})" if entry.value("using") else "",
        f"WITH CHECK ({entry.value('check')})" if entry.value("check") else "",
    ]
    return " ".join(part for part in parts if part) + ";"


def _recreated(at: At, difference: Difference) -> str:
    return f"DROP POLICY {quote(at.name)} ON {_table(at)}; {_policy(at, difference.entry)}"


def _row_security(at: At, difference: Difference) -> str:
    word = "ENABLE" if difference.expected else "DISABLE"
    return f"ALTER TABLE {qualified(at.name)} {word} ROW LEVEL SECURITY;"


def _forced(at: At, difference: Difference) -> str:
    word = "FORCE" if difference.expected else "NO FORCE"
    return f"ALTER TABLE {qualified(at.name)} {word} ROW LEVEL SECURITY;"


def _invoker(at: At, difference: Difference) -> str:
    return (
        f"ALTER VIEW {qualified(at.name)} SET (security_invoker = {str(bool(difference.expected)).lower()});"
    )


def _definer(at: At, difference: Difference) -> str:
    word = "DEFINER" if difference.expected else "INVOKER"
    return f"ALTER FUNCTION {qualified(at.name)} SECURITY {word};"


def _settings(at: At, difference: Difference) -> str:
    wanted = difference.expected if isinstance(difference.expected, tuple) else ()
    paths = [each.partition("=")[2] for each in wanted if each.startswith("search_path=")]
    return (
        f"ALTER FUNCTION {qualified(at.name)} SET search_path = {paths[0] or chr(39) * 2};" if paths else ""
    )


def _default(at: At, difference: Difference) -> str:
    change = f"SET DEFAULT {difference.expected}" if difference.expected else "DROP DEFAULT"
    return f"ALTER TABLE {_table(at)} ALTER COLUMN {quote(at.name)} {change};"


def _not_null(at: At, difference: Difference) -> str:
    word = "SET" if difference.expected else "DROP"
    return f"ALTER TABLE {_table(at)} ALTER COLUMN {quote(at.name)} {word} NOT NULL;"


def _type(at: At, difference: Difference) -> str:
    return f"ALTER TABLE {_table(at)} ALTER COLUMN {quote(at.name)} TYPE {difference.expected};"


def _validated(at: At, _: Difference) -> str:
    return f"ALTER TABLE {_table(at)} VALIDATE CONSTRAINT {quote(at.name)};"


def _enforced(at: At, _: Difference) -> str:
    return f"ALTER TABLE {_table(at)} ENABLE TRIGGER ALL;"


def _reindexed(at: At, _: Difference) -> str:
    schema = at.holder.name.partition(".")[0]
    return f"REINDEX INDEX CONCURRENTLY {quote(schema)}.{quote(at.name)};"


def _enabled(at: At, difference: Difference) -> str:
    word = {"": "ENABLE", "disabled": "DISABLE"}.get(
        str(difference.expected or ""), f"ENABLE {difference.expected}".upper()
    )
    return f"ALTER TABLE {_table(at)} {word} TRIGGER {quote(at.name)};"


def _attribute(at: At, difference: Difference) -> str:
    word = {"superuser": "SUPERUSER", "bypass_rls": "BYPASSRLS", "login": "LOGIN"}.get(difference.property)
    return f"ALTER ROLE {quote(at.name)} {'' if difference.expected else 'NO'}{word};" if word else ""


_Made = Callable[[At, Entry], str]
_Changed = Callable[[At, Difference], str]

_MADE: Mapping[str, _Made] = {
    CONSTRAINT.name: _constraint,
    INDEX.name: _definition,
    TRIGGER.name: _definition,
    COLUMN.name: _column,
    POLICY.name: _policy,
}
_CHANGED: Mapping[tuple[str, str], _Changed] = {
    (TABLE.name, "row_security"): _row_security,
    (TABLE.name, "forced"): _forced,
    (VIEW.name, "security_invoker"): _invoker,
    (FUNCTION.name, "security_definer"): _definer,
    (FUNCTION.name, "settings"): _settings,
    (COLUMN.name, "default"): _default,
    (COLUMN.name, "not_null"): _not_null,
    (COLUMN.name, "type"): _type,
    (CONSTRAINT.name, "not_validated"): _validated,
    (CONSTRAINT.name, "not_enforced"): _enforced,
    (INDEX.name, "invalid"): _reindexed,
    (INDEX.name, "not_ready"): _reindexed,
    (TRIGGER.name, "enabled"): _enabled,
    (POLICY.name, ""): _recreated,
    (ROLE.name, ""): _attribute,
}
