"""What can be said of a schema: kinds of objects, their properties, and the objects they hold.

An entry of the facts, a mapping of the lock file and a difference all follow this one table. A property
that is not there is false, empty or zero: only what is unusual is written down.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = str | bool | int | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of object.

    `section` is the key that its objects stand under, and the name of its mode. `short` is the property
    that may stand for the whole object if it has no other. `deparsed` are properties that PostgreSQL
    writes from its parse trees: their text depends on the major version.
    """

    name: str
    section: str
    properties: Mapping[str, type]
    parts: tuple["Kind", ...] = ()
    short: str = ""
    deparsed: frozenset[str] = frozenset()

    def part(self, section: str) -> "Kind | None":
        """The kind of the objects under a key."""
        return next((part for part in self.parts if part.section == section), None)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one object: its properties, and the objects in it by section and name."""

    properties: Mapping[str, Value] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, "Entry"]] = field(default_factory=dict)

    @classmethod
    def of(cls, properties: Mapping[str, Value], **parts: Mapping[str, "Entry"]) -> "Entry":
        """Keep what is neither false nor empty."""
        return cls(
            {name: value for name, value in properties.items() if value},
            {section: held for section, held in parts.items() if held},
        )

    def value(self, name: str) -> Value | None:
        """The value of a property, None if it is false, empty or zero."""
        return self.properties.get(name)

    def part(self, section: str) -> Mapping[str, "Entry"]:
        """The objects under a key."""
        return self.parts.get(section, {})


GRANT = Kind(name="grant", section="grants", properties={"privileges": tuple}, short="privileges")
COLUMN = Kind(
    name="column",
    section="columns",
    properties={
        "type": str,
        "not_null": bool,
        "default": str,
        "identity": str,
        "generated": str,
        "collation": str,
    },
    parts=(GRANT,),
    short="type",
    deparsed=frozenset({"default"}),
)
CONSTRAINT = Kind(
    name="constraint",
    section="constraints",
    properties={"definition": str, "not_validated": bool, "not_enforced": bool},
    short="definition",
    deparsed=frozenset({"definition"}),
)
INDEX = Kind(
    name="index",
    section="indexes",
    properties={"definition": str, "invalid": bool, "not_ready": bool},
    short="definition",
    deparsed=frozenset({"definition"}),
)
TRIGGER = Kind(
    name="trigger",
    section="triggers",
    properties={"definition": str, "enabled": str},
    short="definition",
    deparsed=frozenset({"definition"}),
)
POLICY = Kind(
    name="policy",
    section="policies",
    properties={"command": str, "restrictive": bool, "roles": tuple, "using": str, "check": str},
    deparsed=frozenset({"using", "check"}),
)
RULE = Kind(
    name="rule",
    section="rules",
    properties={"definition": str, "enabled": str},
    short="definition",
    deparsed=frozenset({"definition"}),
)
_RELATION: Mapping[str, type] = {
    "owner": str,
    "row_security": bool,
    "forced": bool,
    "security_invoker": bool,
    "security_barrier": bool,
    "persistence": str,
    "not_populated": bool,
    "replica_identity": str,
    "partition_key": str,
    "partition_of": str,
    "partition_bound": str,
    "inherits": tuple,
    "options": tuple,
    "definition": str,
}
_HELD = (COLUMN, CONSTRAINT, INDEX, TRIGGER, POLICY, RULE, GRANT)


def _relation(name: str, section: str) -> Kind:
    return Kind(
        name=name,
        section=section,
        properties=_RELATION,
        parts=_HELD,
        deparsed=frozenset({"definition", "partition_key", "partition_bound"}),
    )


TABLE = _relation("table", "tables")
VIEW = _relation("view", "views")
MATERIALIZED_VIEW = _relation("materialized view", "materialized_views")
FOREIGN_TABLE = _relation("foreign table", "foreign_tables")
RELATIONS = {"r": TABLE, "p": TABLE, "v": VIEW, "m": MATERIALIZED_VIEW, "f": FOREIGN_TABLE}
"""By pg_class.relkind."""

SCHEMA = Kind(name="schema", section="schemas", properties={"owner": str}, parts=(GRANT,))
FUNCTION = Kind(
    name="function",
    section="functions",
    properties={
        "kind": str,
        "returns": str,
        "defaults": str,
        "language": str,
        "volatility": str,
        "parallel": str,
        "security_definer": bool,
        "strict": bool,
        "leakproof": bool,
        "settings": tuple,
        "owner": str,
        "body": str,
        "parsed_body": str,
    },
    parts=(GRANT,),
    deparsed=frozenset({"parsed_body", "defaults"}),
)
SEQUENCE = Kind(
    name="sequence",
    section="sequences",
    properties={
        "type": str,
        "start": int,
        "increment": int,
        "minimum": int,
        "maximum": int,
        "cycle": bool,
        "owned_by": str,
        "owner": str,
    },
    parts=(GRANT,),
)
TYPE = Kind(
    name="type",
    section="types",
    properties={"kind": str, "definition": str},
    deparsed=frozenset({"definition"}),
)
SETTING = Kind(name="setting", section="settings", properties={"value": str}, short="value")
MEMBERSHIP = Kind(
    name="membership",
    section="member_of",
    properties={"options": tuple},
    short="options",
)
ROLE = Kind(
    name="role",
    section="roles",
    properties={
        "superuser": bool,
        "bypass_rls": bool,
        "login": bool,
        "no_inherit": bool,
        "create_role": bool,
        "create_database": bool,
        "replication": bool,
        "connection_limit": str,
        "valid_until": str,
    },
    parts=(MEMBERSHIP, SETTING),
)
DEFAULT_PRIVILEGES = Kind(
    name="default privileges", section="default_privileges", properties={}, parts=(GRANT,)
)
PRIVILEGES = Kind(name="privileges", section="privileges", properties={"owner": str}, parts=(GRANT,))
EXTENSION = Kind(
    name="extension", section="extensions", properties={"version": str, "schema": str}, short="version"
)
PUBLISHED = Kind(
    name="published table",
    section="published",
    properties={"columns": tuple, "rows": str},
    deparsed=frozenset({"rows"}),
)
PUBLICATION = Kind(
    name="publication",
    section="publications",
    properties={"all_tables": bool, "operations": tuple, "schemas": tuple},
    parts=(PUBLISHED,),
)
SUBSCRIPTION = Kind(
    name="subscription",
    section="subscriptions",
    properties={"owner": str, "disabled": bool, "publications": tuple},
)
EVENT_TRIGGER = Kind(
    name="event trigger",
    section="event_triggers",
    properties={"event": str, "function": str, "enabled": str},
)
BUCKET = Kind(
    name="bucket",
    section="buckets",
    properties={"public": bool, "size_limit": int, "types": tuple},
)
UNKNOWN = Kind(name="section", section="unknown", properties={"reason": str}, short="reason")
DATABASE = Kind(
    name="database",
    section="",
    properties={"format": int, "postgresql": int, "platform": tuple},
    parts=(
        UNKNOWN,
        EXTENSION,
        SCHEMA,
        TABLE,
        VIEW,
        MATERIALIZED_VIEW,
        FOREIGN_TABLE,
        FUNCTION,
        SEQUENCE,
        TYPE,
        ROLE,
        DEFAULT_PRIVILEGES,
        PRIVILEGES,
        SETTING,
        PUBLICATION,
        SUBSCRIPTION,
        EVENT_TRIGGER,
        BUCKET,
    ),
)
"""The whole; `platform` are the schemas of which only what the application added is told."""


def _sections(kind: Kind) -> Iterator[str]:
    for part in kind.parts:
        if part is not UNKNOWN:
            yield part.section
        yield from _sections(part)


OWNERS = "owners"
"""The mode for who owns what, which is a property of many kinds."""

SECTIONS = (*dict.fromkeys(_sections(DATABASE)), OWNERS)
"""All that may have a mode."""
