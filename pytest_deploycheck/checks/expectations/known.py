"""A catalog's objects by name, looked up as often as there are expectations."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from pytest_deploycheck.model.catalog import Catalog, Function, Role, Sequence, Type
from pytest_deploycheck.model.relation import PUBLIC, Grant, Relation

EVERYBODY = "PUBLIC"
"""How a contract names the grantee of what is granted to all."""


class Known:
    """One catalog, indexed."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    @cached_property
    def relations(self) -> Mapping[str, Relation]:
        """By schema and name."""
        return {str(each.name): each for each in self.catalog.relations}

    @cached_property
    def by_schema(self) -> Mapping[str, list[Relation]]:
        """Relations by their schema."""
        found: dict[str, list[Relation]] = defaultdict(list)
        for each in self.catalog.relations:
            found[each.name.schema].append(each)
        return found

    @cached_property
    def functions(self) -> Mapping[str, list[Function]]:
        """By schema and name, all of one name together."""
        found: dict[str, list[Function]] = defaultdict(list)
        for each in self.catalog.functions:
            found[str(each.name)].append(each)
        return found

    @cached_property
    def sequences(self) -> Mapping[str, Sequence]:
        """By schema and name."""
        return {str(each.name): each for each in self.catalog.sequences}

    @cached_property
    def types(self) -> Mapping[str, Type]:
        """By schema and name."""
        return {str(each.name): each for each in self.catalog.types}

    @cached_property
    def roles(self) -> Mapping[str, Role]:
        """By name."""
        return {each.name: each for each in self.catalog.roles}

    def grantees_of(self, role: str) -> frozenset[str]:
        """Whose grants a role has: its own, PUBLIC's, and those of the roles that it inherits from."""
        found, waiting = {PUBLIC}, [role]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                member = self.roles.get(name)
                waiting += [each.role for each in member.member_of if each.inherits] if member else []
        return frozenset(found)

    def privileges(self, role: str, grants: tuple[Grant, ...]) -> Mapping[str, str]:
        """What a role may do, and through whom; '' is by its own grant."""
        name = PUBLIC if role == EVERYBODY else role
        mine = {PUBLIC} if name == PUBLIC else self.grantees_of(name)
        through: dict[str, str] = {}
        for grant in grants:
            if grant.grantee in mine and through.get(grant.privilege) != "":
                by = EVERYBODY if grant.grantee == PUBLIC else grant.grantee
                through[grant.privilege] = "" if by == role else by
        return through


class Lookup:
    """Keeps the index of the last catalog: all checks of a run ask of the same one."""

    def __init__(self) -> None:
        self._last: Known | None = None

    def of(self, catalog: Catalog) -> Known:
        """Return the index of a catalog."""
        last = self._last
        if last is None or last.catalog is not catalog:
            self._last = last = Known(catalog)
        return last
