"""References that rows must keep: those that constraints declare, and those that the contract expects."""

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.relation import Constraint, Relation

FOREIGN = "f"
"""contype of a foreign key."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Columns as the contract writes them: schema.table.column, or schema.table(column, column)."""

    table: str
    columns: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Reference | None":
        """Return what `text` means, or None."""
        table, opened, inner = text.partition("(")
        if opened and inner.endswith(")"):
            columns = tuple(column.strip() for column in inner[:-1].split(","))
        else:
            table, _, column = text.rpartition(".")
            columns = (column.strip(),)
        table = table.strip()
        return cls(table, columns) if "." in table and all(columns) else None

    def __str__(self) -> str:
        return f"{self.table} ({', '.join(self.columns)})"


@dataclass(frozen=True, slots=True)
class Key:
    """Rows of `child` whose `columns` must be found in the `referenced` columns of `parent`.

    `constraint` is the name of the one that declares it, or ''. `full` is MATCH FULL: a key that is null in
    part is an orphan too. `temporal`: the last columns are periods, and those of `parent` together must cover
    that of `child`. `unique` says that no two rows of `parent` have the same referenced columns.
    """

    child: Relation
    columns: tuple[str, ...]
    parent: Relation
    referenced: tuple[str, ...]
    constraint: str = ""
    full: bool = False
    temporal: bool = False
    unique: bool = True

    @property
    def name(self) -> str:
        """What an exception calls it: schema.table.constraint, or the columns."""
        return f"{self.child.name}.{self.constraint or ', '.join(self.columns)}"

    def __str__(self) -> str:
        reference = f"{self.child.name} ({', '.join(self.columns)})"
        return f"{reference} → {self.parent.name} ({', '.join(self.referenced)})"


def declared(catalog: Catalog, schemas: tuple[str, ...]) -> Iterator[Key | str]:
    """Yield the foreign keys of the tables in `schemas` (in all if empty), or why one can't be looked at."""
    by_name = {relation.name: relation for relation in catalog.relations}
    for relation in catalog.relations:
        if schemas and relation.name.schema not in schemas:
            continue
        for constraint in relation.constraints:
            if constraint.kind != FOREIGN or _is_a_partitions(constraint, relation, catalog):
                continue
            parent = by_name.get(constraint.references) if constraint.references else None
            if parent is None:
                yield f"{relation.name}.{constraint.name}: the table it references is not in the catalog"
            else:
                yield Key(
                    relation,
                    constraint.columns,
                    parent,
                    constraint.referenced,
                    constraint.name,
                    full="MATCH FULL" in constraint.definition,
                    temporal=" PERIOD " in constraint.definition,
                )


def _is_a_partitions(constraint: Constraint, relation: Relation, catalog: Catalog) -> bool:
    """Whether PostgreSQL made it of a key between partitioned tables, so that the whole key says it too."""
    if relation.partition_of is not None:
        above = catalog.relation(str(relation.partition_of))
        if above is not None and any(_same(constraint, other) for other in above.constraints):
            return True
    return any(
        other is not constraint
        and other.kind == FOREIGN
        and other.columns == constraint.columns
        and _is_part_of(constraint, other, catalog)
        for other in relation.constraints
    )


def _same(one: Constraint, other: Constraint) -> bool:
    return (other.kind, other.columns, other.references) == (FOREIGN, one.columns, one.references)


def _is_part_of(constraint: Constraint, other: Constraint, catalog: Catalog) -> bool:
    """Whether what `constraint` references is a partition, at any depth, of what `other` references."""
    name = constraint.references
    while name is not None and (relation := catalog.relation(str(name))):
        name = relation.partition_of
        if name is not None and name == other.references:
            return True
    return False


def expected(catalog: Catalog, source: Reference, target: Reference) -> Key | str:
    """Return the key between two references of the contract, or what of it is not there."""
    sides = []
    for reference in (source, target):
        relation = catalog.relation(reference.table)
        if relation is None:
            return f"{reference.table} is not there"
        known = {column.name for column in relation.columns}
        if missing := [column for column in reference.columns if column not in known]:
            return f"{reference.table} has no column {', '.join(missing)}"
        sides.append(relation)
    child, parent = sides
    return Key(
        child, source.columns, parent, target.columns, unique=_unique(parent, frozenset(target.columns))
    )


def _unique(relation: Relation, columns: frozenset[str]) -> bool:
    return any(
        index.unique and index.valid and index.predicate is None and frozenset(index.keys) == columns
        for index in relation.indexes
    )
