"""Which object is meant: its name behind those of the objects that hold it, and how people say it."""

from dataclasses import dataclass

from pytest_deploycheck.catalog.drift.grammar import COLUMN, GRANT, MEMBERSHIP, PUBLISHED, SETTING, Kind


@dataclass(frozen=True, slots=True)
class At:
    """The kinds and names from the outermost object to the one that is meant."""

    kinds: tuple[Kind, ...] = ()
    names: tuple[str, ...] = ()

    def below(self, kind: Kind, name: str) -> "At":
        """An object that this one holds."""
        return At((*self.kinds, kind), (*self.names, name))

    @property
    def kind(self) -> Kind:
        """The kind of the object."""
        return self.kinds[-1]

    @property
    def name(self) -> str:
        """Its own name."""
        return self.names[-1]

    @property
    def holder(self) -> "At":
        """The object that holds it."""
        return At(self.kinds[:-1], self.names[:-1])

    def __str__(self) -> str:
        if len(self.names) == 1:
            return self.name
        holder = str(self.holder)
        if self.kind is COLUMN:
            return f"{holder}.{self.name}"
        if self.kind is GRANT:
            return f"{holder} to {self.name}"
        if self.kind is MEMBERSHIP:
            return f"{holder} in {self.name}"
        joined = {SETTING.name: "of", PUBLISHED.name: "in"}.get(self.kind.name, "on")
        return f"{self.name} {joined} {holder}"
