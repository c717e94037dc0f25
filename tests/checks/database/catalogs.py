"""Catalogs made by hand."""

from pytest_deploycheck.model.catalog import Catalog, Extension, Server
from pytest_deploycheck.model.relation import Column, Constraint, Index, Name, Relation

SERVER = Server(version=150018, database="shop", user="gate")


def name(text: str) -> Name:
    schema, _, relation = text.rpartition(".")
    return Name(schema or "public", relation)


def table(text: str, *columns: str, rows: float = 10, kind: str = "r", **more: object) -> Relation:
    """A table of "name type" columns; the type is uuid where none is given."""
    made = []
    for column in columns:
        column_name, _, type_ = column.partition(" ")
        made.append(Column(name=column_name, type=type_ or "uuid"))
    return Relation(name=name(text), kind=kind, columns=tuple(made), rows=rows, **more)  # type: ignore[arg-type]  # fields by name


def foreign(
    text: str, columns: tuple[str, ...], to: str, referenced: tuple[str, ...], definition: str = "FOREIGN KEY"
) -> Constraint:
    return Constraint(
        name=text,
        kind="f",
        definition=definition,
        columns=columns,
        references=name(to),
        referenced=referenced,
    )


def unique(*columns: str) -> Index:
    return Index(name="_".join(columns), definition="", keys=columns, unique=True)


def catalog(*relations: Relation, extensions: tuple[Extension, ...] = ()) -> Catalog:
    return Catalog(server=SERVER, relations=relations, extensions=extensions)
