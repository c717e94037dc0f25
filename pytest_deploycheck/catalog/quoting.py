"""Names as SQL writes them."""

from pytest_deploycheck.model.relation import Name


def quoted(name: Name) -> str:
    """A name as SQL writes it."""
    return f"{quote(name.schema)}.{quote(name.name)}"


def quote(name: str) -> str:
    """An identifier as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'
