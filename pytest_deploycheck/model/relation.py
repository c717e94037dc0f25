"""What a relation is and what belongs to it, as PostgreSQL's catalog tells: names and facts, sorted.

Names are as the catalog has them, unquoted. Single letters are the catalog's own codes. Where the session
may not read something, it is an `Unknown` with the reason, never an empty tuple.
"""

from dataclasses import dataclass, field
from datetime import datetime

PUBLIC = ""
"""The grantee of what is granted to PUBLIC, as aclexplode has it (0)."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """What could not be read, and why."""

    reason: str


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One privilege of one role (aclexplode); `grantee` is PUBLIC or a role's name."""

    grantee: str
    privilege: str
    grantable: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """A schema-qualified name."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """pg_attribute and pg_attrdef. `identity` is '', 'a' or 'd'; `generated` is '', 's' or 'v'."""

    name: str
    type: str
    not_null: bool = False
    default: str | None = None
    identity: str = ""
    generated: str = ""
    collation: str = ""
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """pg_constraint: `kind` is p, f, u, c, x or n (contype); `definition` is pg_get_constraintdef's.

    `references` and `referenced` are a foreign key's table and columns, `on_delete` and `on_update` its
    actions (a, r, c, n, d). `enforced` is false if it is declared NOT ENFORCED
    (PostgreSQL 18), or while triggers of its own are disabled.
    """

    name: str
    kind: str
    definition: str
    columns: tuple[str, ...] = ()
    validated: bool = True
    enforced: bool = True
    deferrable: bool = False
    references: Name | None = None
    referenced: tuple[str, ...] = ()
    on_delete: str = ""
    on_update: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """pg_index. `keys` are column names or expressions; `predicate` makes it partial.

    `backs` is the constraint it belongs to, or ''. `size` in bytes is of the last VACUUM or ANALYZE.
    """

    name: str
    definition: str
    method: str = "btree"
    keys: tuple[str, ...] = ()
    included: tuple[str, ...] = ()
    predicate: str | None = None
    unique: bool = False
    primary: bool = False
    valid: bool = True
    ready: bool = True
    backs: str = ""
    size: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """pg_trigger without internal ones; `enabled` is O, D, R or A (tgenabled)."""

    name: str
    definition: str
    function: Name
    enabled: str = "O"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """pg_rewrite, but what makes a view one; `enabled` is O, D, R or A (ev_enabled)."""

    name: str
    definition: str
    enabled: str = "O"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """pg_policy: `command` is r, a, w, d or * (polcmd); `roles` has PUBLIC for all roles.

    `columns` are those of its own table that it uses, `functions` those it calls, `relations` the other
    relations that it reads (pg_depend).
    """

    name: str
    command: str = "*"
    permissive: bool = True
    roles: tuple[str, ...] = (PUBLIC,)
    using: str | None = None
    check: str | None = None
    columns: tuple[str, ...] = ()
    functions: tuple[Name, ...] = ()
    relations: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """pg_class: `kind` is r (table), p (partitioned), v (view), m (materialised view) or f (foreign table).

    `partition_of` is the parent of a partition, `inherits` the parents of an inherited table.
    `security_invoker` is a view's option, `reads` what a view selects from, `definition` its query.
    `rows` is the planner's estimate (reltuples, -1 if never analysed), `size` in bytes, with its indexes as
    they were at the last VACUUM or ANALYZE.
    `analysed` is the later of the last manual and automatic ANALYZE. `extension` owns it, or ''.
    """

    name: Name
    kind: str = "r"
    oid: int = field(default=0, compare=False)
    owner: str = ""
    row_security: bool = False
    forced: bool = False
    persistence: str = "p"
    populated: bool = True
    replica_identity: str = "d"
    partition_of: Name | None = None
    partition_key: str = ""
    partition_bound: str = ""
    inherits: tuple[Name, ...] = ()
    security_invoker: bool = False
    security_barrier: bool = False
    definition: str = ""
    reads: tuple[Name, ...] = ()
    options: tuple[str, ...] = ()
    extension: str = ""
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    policies: tuple[Policy, ...] = ()
    rules: tuple[Rule, ...] = ()
    grants: tuple[Grant, ...] = ()
    rows: float = field(default=-1.0, compare=False)
    size: int = field(default=0, compare=False)
    analysed: datetime | None = field(default=None, compare=False)

    def column(self, name: str) -> Column | None:
        """The column of that name."""
        return next((column for column in self.columns if column.name == name), None)
