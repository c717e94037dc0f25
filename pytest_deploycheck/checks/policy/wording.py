"""Names, values and lists as SQL and as people read them."""

from collections.abc import Iterable

from pytest_deploycheck.checks.database.reader import quoted
from pytest_deploycheck.model.relation import Name

SHOWN = 12
"""Things that a sentence lists."""


def name_of(name: Name) -> str:
    """Return a relation's name for SQL."""
    return quoted(name.schema, name.name)


def literal(text: str) -> str:
    r"""Return a text constant, whatever standard_conforming_strings says (libpq does the same)."""
    doubled = text.replace("'", "''")
    if "\\" not in doubled:
        return f"'{doubled}'"
    escaped = doubled.replace("\\", "\\\\")
    return f" E'{escaped}'"


def array(values: Iterable[str], type_: str) -> str:
    """Return an array of text constants, cast to an array of `type_`."""
    return f"ARRAY[{', '.join(map(literal, values))}]::{type_}[]"


def listed(names: Iterable[str], last: str = "and") -> str:
    """Return names as a sentence lists them, those that are too many as a number."""
    known = list(names)
    if len(known) > SHOWN:
        known = [*known[:SHOWN], f"{len(known) - SHOWN} more"]
    *first, end = known or [""]
    return f"{', '.join(first)} {last} {end}" if first else end
