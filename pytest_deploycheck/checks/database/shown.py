"""Values of rows as a report may show them: ids in full, of what may be private only the beginning."""

PLAIN = frozenset(
    {"uuid", "smallint", "integer", "bigint", "date", "boolean", "oid", "numeric", "real", "double precision"}
)
"""Types, as format_type names them, whose values are ids, numbers or days."""

_BEGINNING = 2


def shown(value: str | None, type_: str) -> str:
    """Return the text of a value of that type."""
    if value is None or type_.partition("(")[0] in PLAIN:
        return "null" if value is None else value
    return f"{value[:_BEGINNING]}… ({len(value)} characters)"
