"""Every relation of the catalog, and whose its rows are by the contract."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from pytest_deploycheck.checks.policy.columns import Places, nearest, told
from pytest_deploycheck.checks.policy.owner import Owner, UnownedError, owner_of
from pytest_deploycheck.checks.policy.section import PoliciesSection, Table
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.kind import Loc
from pytest_deploycheck.model.relation import Relation

HOME = "public"
"""The schema of a relation that is named without one."""

EVERYBODY = "*"
"""Stands for every role among readers and writers."""

WHOLE_ROW = ".*"
"""Stands in an expression that uses all columns: the catalog does not say which."""

TABLES = frozenset("rp")
"""Kinds to which row-level security can apply: tables, partitioned ones and their partitions."""

_SMALL = 1000
"""Rows, by the planner's estimate, that are read in one pass rather than looked up one question at a time."""


class Belongs(Enum):
    """Whose the rows of a relation are."""

    TENANTS = "tenants"
    SHARED = "shared"
    PRIVATE = "private"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A relation that actors look at.

    `readers` and `writers` are the contract's roles that may, None for all members of a tenant, `EVERYBODY`
    for whoever asks. `optional`: a member may see no row. `unowned`: everybody may read rows of no tenant.
    `used` are the columns that its policies use. `small`: reading all of its rows costs next to nothing.
    `key` tells it apart in answers.
    """

    key: int
    relation: Relation
    belongs: Belongs
    owner: Owner | None = None
    readers: frozenset[str] | None = None
    writers: frozenset[str] | None = None
    optional: bool = False
    unowned: bool = False
    used: tuple[str, ...] = ()
    small: bool = False

    @property
    def looked_at(self) -> tuple[str, ...]:
        """The columns of a row that decide anything: what policies use, and whose it is."""
        own = self.owner.column if self.owner else ""
        return self.used if not own or own in self.used else (*self.used, own)

    @property
    def name(self) -> str:
        """Its qualified name."""
        return str(self.relation.name)

    def may_read(self, roles: frozenset[str]) -> bool:
        """Whether the contract lets somebody with these roles read rows of its own tenant."""
        return _may(self.readers, roles)

    def may_write(self, roles: frozenset[str]) -> bool:
        """Whether the contract lets somebody with these roles write rows that are its own, or shared."""
        nobody: frozenset[str] = frozenset()
        return _may(self.writers if self.belongs is Belongs.TENANTS else self.writers or nobody, roles)

    @property
    def is_table(self) -> bool:
        """Whether row-level security can apply to it."""
        return self.relation.kind in TABLES


def used_columns(relation: Relation) -> tuple[str, ...]:
    """The columns that any policy uses, in the relation's order."""
    names = {name for policy in relation.policies for name in policy.columns}
    texts = [text for policy in relation.policies for text in (policy.using, policy.check) if text]
    if any(WHOLE_ROW in text for text in texts):
        return tuple(column.name for column in relation.columns)
    return tuple(column.name for column in relation.columns if column.name in names)


def _may(named: frozenset[str] | None, roles: frozenset[str]) -> bool:
    return named is None or EVERYBODY in named or bool(named & roles)


@dataclass(frozen=True, slots=True)
class Survey:
    """The subjects, and what of the contract does not fit the database."""

    subjects: tuple[Subject, ...]
    misfits: tuple[str, ...]


def qualified(name: str) -> str:
    """Return a relation's name with its schema."""
    return name if "." in name else f"{HOME}.{name}"


def survey(section: PoliciesSection, catalog: Catalog, place: Places) -> Survey:
    """Sort the relations of a catalog by what the contract says about them.

    Relations of extensions are left out: they hold no tenant's rows.
    """
    known = _Known.of(section, catalog)
    subjects: list[Subject] = []
    misfits = list(known.missing(catalog))
    for key, relation in enumerate(catalog.relations):
        if relation.extension or str(relation.name) in known.exceptions:
            continue
        try:
            subjects.append(known.subject(key, relation, catalog))
        except UnownedError as error:
            misfits.append(f"{relation.name}: {error} ({told(place(_at(section, relation, error.key)))})")
    return Survey(tuple(subjects), tuple(misfits))


def _at(section: PoliciesSection, relation: Relation, key: str) -> Loc:
    """Where the contract says whose a relation's rows are."""
    names = (name for name in section.tables if qualified(name) == str(relation.name))
    return next((("tables", name, key) for name in names), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the contract says, by the qualified names of relations."""

    section: PoliciesSection
    tables: Mapping[str, Table]
    shared: frozenset[str]
    private: frozenset[str]
    exceptions: frozenset[str]
    readers: Mapping[str, frozenset[str]]
    writers: Mapping[str, frozenset[str]]
    inherited: frozenset[str]

    @classmethod
    def of(cls, section: PoliciesSection, catalog: Catalog) -> "_Known":
        return cls(
            section=section,
            tables={qualified(name): table for name, table in section.tables.items()},
            shared=frozenset(map(qualified, section.shared)),
            private=frozenset(map(qualified, section.private)),
            exceptions=frozenset(map(qualified, section.exceptions)),
            readers=_by_relation(section.readers),
            writers=_by_relation(section.writers),
            inherited=frozenset(str(name) for relation in catalog.relations for name in relation.inherits),
        )

    def missing(self, catalog: Catalog) -> Iterator[str]:
        """What the contract tells more about, and the database lacks: it may be there by another name."""
        there = {str(relation.name) for relation in catalog.relations}
        named = {*self.tables, *self.readers, *self.writers}
        for name in sorted(named - there):
            near = nearest(name, there)
            meant = f"; did you mean '{near}'?" if near else ""
            yield f"{name}: the contract names it, and it does not exist{meant}"

    def subject(self, key: int, relation: Relation, catalog: Catalog) -> Subject:
        name = str(relation.name)
        table = self.tables.get(name, Table())
        belongs, owner = self._belongs(relation, catalog)
        return Subject(
            key=key,
            relation=relation,
            belongs=belongs,
            owner=owner,
            readers=self.readers.get(name),
            writers=self.writers.get(name),
            optional=table.own == "optional",
            unowned=table.unowned is not None,
            used=used_columns(relation),
            small=self._is_small(relation),
        )

    def _is_small(self, relation: Relation) -> bool:
        """By what ANALYZE saw last; of a table that others inherit from it counts its own rows only."""
        is_counted = relation.kind in "rm" and str(relation.name) not in self.inherited
        return is_counted and 0 <= relation.rows <= _SMALL

    def _belongs(self, relation: Relation, catalog: Catalog) -> tuple[Belongs, Owner | None]:
        name = str(relation.name)
        if name in self.private:
            return Belongs.PRIVATE, None
        if name in self.shared:
            return Belongs.SHARED, None
        if owner := owner_of(relation, self.section, self.tables, catalog):
            return Belongs.TENANTS, owner
        return (Belongs.SHARED if self._shows_shared(relation) else Belongs.UNKNOWN), None

    def _shows_shared(self, relation: Relation) -> bool:
        """Whether a view reads nothing but what is shared."""
        return bool(relation.reads) and all(str(name) in self.shared for name in relation.reads)


def behind(subjects: tuple[Subject, ...], keys: Collection[int]) -> tuple[Subject, ...]:
    """The subjects of these keys, and all that views among them read, whoever may read that directly."""
    by_name = {subject.name: subject for subject in subjects}
    found: dict[int, Subject] = {}
    left = [subject for subject in subjects if subject.key in keys]
    while left:
        subject = left.pop()
        if subject.key not in found:
            found[subject.key] = subject
            left += [by_name[str(name)] for name in subject.relation.reads if str(name) in by_name]
    return tuple(found[key] for key in sorted(found))


def _by_relation(names: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    """Turn role → relations around."""
    found: dict[str, set[str]] = {}
    for role, relations in names.items():
        for name in relations:
            found.setdefault(qualified(name), set()).add(role)
    return {name: frozenset(roles) for name, roles in found.items()}
