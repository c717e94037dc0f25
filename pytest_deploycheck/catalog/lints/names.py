"""Names as SQL has them, for the statements that mend."""

import re

from pytest_deploycheck.model.relation import PUBLIC, Name

_SIMPLE = re.compile(r"[a-z_][a-z0-9_]*")

_RESERVED = frozenset(
    """all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate
    collation column concurrently constraint create cross current_catalog current_date current_role
    current_schema current_time current_timestamp current_user default deferrable desc distinct do else end
    except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into
    is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on
    only or order outer overlaps placing primary references returning right select session_user similar some
    symmetric system_user table tablesample then to trailing true union unique user using variadic verbose
    when where window with""".split()  # noqa: SIM905 - words
)
"""Key words that can't be names unquoted (PostgreSQL 18, appendix C)."""


def quoted(name: str) -> str:
    """A name as SQL reads it: in quotes where it needs them."""
    if _SIMPLE.fullmatch(name) and name not in _RESERVED:
        return name
    return '"{}"'.format(name.replace('"', '""'))


def qualified(name: Name) -> str:
    """A schema-qualified name as SQL reads it."""
    return f"{quoted(name.schema)}.{quoted(name.name)}"


def grantee(role: str) -> str:
    """A role, or PUBLIC, as GRANT and REVOKE read it."""
    return "PUBLIC" if role == PUBLIC else quoted(role)


def shown(role: str) -> str:
    """A role as people read it."""
    return role or "PUBLIC"


def listed(names: "list[str] | tuple[str, ...]") -> str:
    """Names in a sentence: `a, b and c`."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
