"""What a PostgreSQL database holds, as its catalog told at one moment: names and facts, sorted.

Names are as the catalog has them, unquoted. Single letters are the catalog's own codes. Where the session
may not read something, it is an `Unknown` with the reason, never an empty tuple.
"""

from dataclasses import dataclass, field
from datetime import datetime

from pytest_deploycheck.model.evidence import Structure
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.relation import Grant, Name, Relation, Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """pg_proc: `arguments` as pg_get_function_identity_arguments; `kind` is f, p, a or w (prokind).

    `volatility` is i, s or v, `parallel` u, r or s; `settings` is proconfig ("search_path=..."); `body` the
    source, or the definition where it is of the SQL standard's form; of an aggregate its functions and state.
    `defaults` are those of its last arguments. `grants` is never empty by default: what a null ACL means
    (PUBLIC may execute) is spelled out.
    """

    name: Name
    arguments: str = ""
    returns: str = ""
    oid: int = field(default=0, compare=False)
    kind: str = "f"
    language: str = "sql"
    volatility: str = "v"
    parallel: str = "u"
    security_definer: bool = False
    strict: bool = False
    leakproof: bool = False
    settings: tuple[str, ...] = ()
    owner: str = ""
    body: str = ""
    defaults: str = ""
    grants: tuple[Grant, ...] = ()
    extension: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """pg_sequence. `last` is None if it was never used, Unknown without the privilege to see it.

    `column` and `table` own it. `highest` is unknown to the catalog; who compares must read the table.
    """

    name: Name
    type: str = "bigint"
    start: int = 1
    increment: int = 1
    minimum: int = 1
    maximum: int = 2**63 - 1
    cycle: bool = False
    last: int | Unknown | None = field(default=None, compare=False)
    table: Name | None = None
    column: str = ""
    owner: str = ""
    grants: tuple[Grant, ...] = ()
    extension: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """pg_type: `kind` is e (enum), d (domain), c (composite) or r (range)."""

    name: Name
    kind: str
    definition: str = ""
    extension: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """pg_namespace."""

    name: str
    owner: str = ""
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """pg_auth_members. Before PostgreSQL 16, `inherits` is the member's own attribute and `may_set` true."""

    role: str
    inherits: bool = True
    may_set: bool = True
    admin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """pg_roles, its memberships, and its own settings in this database (pg_db_role_setting).

    The server's predefined roles (pg_...) are named by memberships only. Values of settings whose name says
    that they are secret are starred.
    """

    name: str
    superuser: bool = False
    bypass_rls: bool = False
    inherits: bool = True
    create_role: bool = False
    create_database: bool = False
    can_login: bool = False
    replication: bool = False
    connection_limit: int = -1
    valid_until: datetime | None = None
    member_of: tuple[Membership, ...] = ()
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultPrivileges:
    """pg_default_acl: what `owner` grants on new objects of `kind` (r, S, f, T, n); `schema` '' is all."""

    owner: str
    schema: str
    kind: str
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Privileges:
    """Who was granted what on something that no schema of the application holds.

    `object` is "database" (this one), "parameter NAME" (since PostgreSQL 15), "foreign server NAME",
    "foreign data wrapper NAME", or "system NAME": a function, relation or column of the system's, of which
    only that is told which goes beyond what PostgreSQL grants itself.
    """

    object: str
    owner: str = ""
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """pg_subscription of this database; where it gets its rows from only superusers may see."""

    name: str
    owner: str = ""
    enabled: bool = True
    publications: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """pg_extension."""

    name: str
    version: str
    schema: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A table of a publication, its columns (all if empty) and row filter."""

    table: Name
    columns: tuple[str, ...] = ()
    rows: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """pg_publication; `operations` of insert, update, delete, truncate."""

    name: str
    all_tables: bool = False
    operations: tuple[str, ...] = ()
    tables: tuple[Published, ...] = ()
    schemas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A row of storage.buckets (Supabase)."""

    id: str
    public: bool
    size_limit: int | None = None
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One applied migration; `failed` says that the tool marked it so, or that it never finished."""

    version: str
    name: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a migration tool wrote down in `table`: `tool` is supabase, alembic, django, prisma, ...

    `applied` is in the order of the tool; Unknown where the table may not be read.
    """

    tool: str
    table: Name
    applied: tuple[Migration, ...] | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTrigger:
    """pg_event_trigger."""

    name: str
    event: str
    function: Name
    enabled: str = "O"


_SECURITY_INVOKER = 150000


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Who was asked, and as whom. `version` is server_version_num (150018), `size` the database's bytes."""

    version: int
    database: str
    user: str
    superuser: bool = False
    bypass_rls: bool = False
    in_recovery: bool = False
    size: int = field(default=0, compare=False)
    at: datetime | None = field(default=None, compare=False)

    @property
    def major(self) -> int:
        """15 of 150018."""
        return self.version // 10000

    @property
    def has_security_invoker(self) -> bool:
        """Whether a view may read as whoever asks: before PostgreSQL 15 each reads as its owner."""
        return self.version >= _SECURITY_INVOKER


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog(Structure):
    """All of it, read in one transaction. System schemas and temporary objects are left out."""

    server: Server
    schemas: tuple[Schema, ...] = ()
    relations: tuple[Relation, ...] = ()
    functions: tuple[Function, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    types: tuple[Type, ...] = ()
    roles: tuple[Role, ...] = ()
    default_privileges: tuple[DefaultPrivileges, ...] = ()
    privileges: tuple[Privileges, ...] = ()
    extensions: tuple[Extension, ...] = ()
    publications: tuple[Publication, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    event_triggers: tuple[EventTrigger, ...] = ()
    settings: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    units: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    database_settings: tuple[str, ...] = ()
    buckets: tuple[Bucket, ...] | Unknown = ()
    histories: tuple[History, ...] = ()

    def __str__(self) -> str:
        return f"{many(len(self.relations), 'relation')} in {many(len(self.schemas), 'schema')}"

    def relation(self, name: str) -> Relation | None:
        """The relation called `schema.name`."""
        return next((relation for relation in self.relations if str(relation.name) == name), None)

    def role(self, name: str) -> Role | None:
        """The role of that name."""
        return next((role for role in self.roles if role.name == name), None)

    def setting(self, name: str) -> str | None:
        """The value of a server setting in the gate's own session, in the server's own unit (pg_settings)."""
        return dict(self.settings).get(name)

    def unit(self, name: str) -> str:
        """The server's own unit of a setting (ms, s, min, B, kB, 8kB, MB), or '' if it has none."""
        return dict(self.units).get(name, "")
