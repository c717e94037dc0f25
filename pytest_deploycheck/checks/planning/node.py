"""Nodes of a plan, as the contract writes them: Seq Scan, or Seq Scan on public.orders."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from pytest_deploycheck.checks.language.part import MistakeError

METHODS = {
    "Bitmap Heap Scan": "enable_bitmapscan",
    "Hash Join": "enable_hashjoin",
    "Index Only Scan": "enable_indexonlyscan",
    "Index Scan": "enable_indexscan",
    "Materialize": "enable_material",
    "Memoize": "enable_memoize",
    "Merge Join": "enable_mergejoin",
    "Nested Loop": "enable_nestloop",
    "Seq Scan": "enable_seqscan",
    "Sort": "enable_sort",
}
"""Nodes that the planner avoids, where it can, once a setting is off (PostgreSQL manual, 19.7.1)."""

OTHERS = (
    "Aggregate",
    "Append",
    "CTE Scan",
    "Foreign Scan",
    "Function Scan",
    "Gather",
    "Gather Merge",
    "Hash",
    "Incremental Sort",
    "Limit",
    "LockRows",
    "Merge Append",
    "ProjectSet",
    "Recursive Union",
    "Subquery Scan",
    "Tid Scan",
    "Unique",
    "Values Scan",
    "WindowAgg",
)

SEQUENTIAL = "Seq Scan"


@dataclass(frozen=True, slots=True)
class Node:
    """A type of node, on one relation or on any (None)."""

    type: str
    relation: str | None = None

    def fits(self, type_: str, relation: str | None) -> bool:
        """Whether a node of a plan is such a one; a relation is named with its schema or without."""
        if type_ != self.type:
            return False
        names = {relation, (relation or "").rpartition(".")[2]}
        return self.relation is None or self.relation in names

    def __str__(self) -> str:
        return f"{self.type} on {self.relation}" if self.relation else self.type


def parse_node(value: object) -> Node:
    """Return the node that a text names."""
    type_, _, relation = value.partition(" on ") if isinstance(value, str) else ("", "", "")
    known = (*METHODS, *OTHERS)
    if type_ in known:
        return Node(type_, relation.strip() or None)
    near = get_close_matches(type_, known, n=1)
    raise MistakeError(
        f"{value!r} is no node of a plan", f"'{near[0]}'?" if near else f"one of {', '.join(known)}"
    )


def parse_avoidable(value: object) -> Node:
    """Return the node that a text names, if the planner can be told to avoid it."""
    node = parse_node(value)
    if node.type not in METHODS:
        raise MistakeError(f"the planner can't be told to avoid {node.type}", f"one of {', '.join(METHODS)}")
    return node


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as EXPLAIN (FORMAT JSON) tells it."""

    root: Mapping[str, Any]
    milliseconds: float | None

    @classmethod
    def of(cls, answer: Any) -> "Plan | None":  # noqa: ANN401 - JSON
        """Return the plan in the only column of the only row, or None."""
        match answer:
            case [{"Plan": {"Node Type": str()} as root} as whole]:
                return cls(root, whole.get("Execution Time"))
            case _:
                return None

    @property
    def nodes(self) -> Iterator[tuple[str, str | None]]:
        """Type and relation (schema.name) of every node."""
        return _nodes(self.root)

    @property
    def cost(self) -> float:
        """What the planner expects, in its own unit."""
        return float(self.root.get("Total Cost", 0.0))

    @property
    def rows(self) -> float | None:
        """How many rows were returned, None if it was only planned."""
        rows = self.root.get("Actual Rows")
        return None if rows is None else float(rows)

    @property
    def buffers(self) -> int:
        """Blocks of tables and indexes that were needed, from the cache or not, of all nodes."""
        return sum(int(self.root.get(f"Shared {kind} Blocks", 0)) for kind in ("Hit", "Read"))


def _nodes(node: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    relation = node.get("Relation Name")
    yield str(node.get("Node Type")), f"{node.get('Schema', '')}.{relation}" if relation else None
    for below in node.get("Plans", ()):
        yield from _nodes(below)


_TEXT = WithJsonSchema({"type": "string"})

NodeOf = Annotated[Node, PlainValidator(parse_node), _TEXT]
Avoidable = Annotated[Node, PlainValidator(parse_avoidable), _TEXT]
