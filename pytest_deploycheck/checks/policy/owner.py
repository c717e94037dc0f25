"""How a row tells whose it is: by a column, through foreign keys, or by an expression of the contract."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pytest_deploycheck.checks.database.reader import quoted
from pytest_deploycheck.checks.policy.columns import lacking
from pytest_deploycheck.checks.policy.section import PoliciesSection, Table
from pytest_deploycheck.checks.policy.wording import array, literal, name_of
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.relation import Constraint, Relation

ROW = "t"
"""The alias of the relation in every query."""

_DEEPEST = 5
"""Foreign keys that may lie between a row and its tenant."""


class UnownedError(Exception):
    """Nothing tells whose the rows of a relation are; the message says why.

    `key` is the one of the contract's `tables` that says so.
    """

    def __init__(self, message: str, key: str) -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True, slots=True)
class Owner:
    """The tenant of a row, as an SQL expression over `ROW`; `type` is the SQL type to compare as.

    `column` carries it in the row itself, the tenant's own or a foreign key; empty for an expression.
    `indirect`: whose a row is stands in another relation, which an actor may not see. `always`: no row is
    without.
    """

    value: str
    type: str
    column: str = ""
    indirect: bool = False
    always: bool = False

    @property
    def text(self) -> str:
        """The tenant's id as text."""
        return f"({self.value})::text"

    def of(self, id_: str) -> str:
        """Whether a row belongs to a tenant."""
        return f"{self.value} = {literal(id_)}::{self.type}"

    def beside(self, ids: Iterable[str]) -> str:
        """Whether a row belongs to a tenant, and to none of these."""
        return f"{self.value} <> ALL ({array(ids, self.type)})"

    @property
    def none(self) -> str:
        """Whether a row belongs to no tenant."""
        if self.always:
            return "false"
        return f"{ROW}.{quoted(self.column)} IS NULL" if self.column else f"{self.value} IS NULL"

    @property
    def hidden(self) -> str:
        """Whether a row belongs to a tenant that nobody tells the one who asks."""
        return f"({self.value} IS NULL AND NOT {self.none})"


def owner_of(
    relation: Relation, section: PoliciesSection, tables: Mapping[str, Table], catalog: Catalog
) -> Owner | None:
    """Return how rows of `relation` tell whose they are, or None if nothing does.

    `tables` are the contract's, by the relation's qualified name.

    Raises:
        UnownedError: if what the contract says does not hold in this database.
    """
    return _Finder(section, tables, catalog).owner(relation, ROW, 0)


@dataclass(frozen=True, slots=True)
class _Finder:
    section: PoliciesSection
    tables: Mapping[str, Table]
    catalog: Catalog

    def owner(self, relation: Relation, alias: str, depth: int) -> Owner | None:
        table = self.tables.get(str(relation.name), Table())
        if table.sql:
            return Owner(f"({table.sql})::text", "text")
        if table.through:
            return self._through(relation, table.through, alias, depth)
        name = table.tenant or self.section.tenant
        column = relation.column(name) if name else None
        if column is None and table.tenant:
            raise UnownedError(lacking(relation, table.tenant), "tenant")
        if column is None or name is None:
            return None
        return Owner(f"{alias}.{quoted(name)}", column.type, name, always=column.not_null)

    def _through(self, relation: Relation, name: str, alias: str, depth: int) -> Owner:
        key = _key(relation, name)
        parent = self.catalog.relation(str(key.references))
        if parent is None or depth == _DEEPEST:
            raise UnownedError(f"its foreign key {key.name} leads nowhere", "through")
        above = f"p{depth + 1}"
        found = self.owner(parent, above, depth + 1)
        if found is None:
            usual = self.section.tenant
            told = f"which has no column '{usual}'" if usual else "of which nothing tells the tenant"
            raise UnownedError(f"it points to {parent.name}, {told}", "through")
        pairs = zip(key.referenced, key.columns, strict=True)
        met = " AND ".join(f"{above}.{quoted(there)} = {alias}.{quoted(here)}" for there, here in pairs)
        read = f"(SELECT {found.value} FROM {name_of(parent.name)} AS {above} WHERE {met})"
        column = relation.column(name)
        return Owner(read, found.type, name, indirect=True, always=column is not None and column.not_null)


def _key(relation: Relation, column: str) -> Constraint:
    """The foreign key of a column, the one with the fewest columns."""
    if relation.column(column) is None:
        raise UnownedError(lacking(relation, column), "through")
    keys = [each for each in relation.constraints if each.kind == "f" and column in each.columns]
    if not keys:
        raise UnownedError(f"its column {column} has no foreign key", "through")
    return min(keys, key=lambda each: len(each.columns))
