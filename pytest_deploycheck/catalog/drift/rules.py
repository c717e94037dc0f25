"""How the sections of two schemas are compared, and what is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from pytest_deploycheck.catalog.drift.at import At
from pytest_deploycheck.catalog.drift.grammar import SCHEMA, SECTIONS


class Mode(StrEnum):
    """All and nothing else; at least; not at all."""

    EXACT = "exact"
    SUPERSET = "superset"
    IGNORE = "ignore"


LENIENT = frozenset({"tables", "indexes", "sequences", "types", "roles", "extensions"})
"""Where more than expected is allowed, unless said otherwise; everything else is exact."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`modes` by section; `ignored` are shell-style patterns of names by section.

    A schema that is ignored takes all its objects with it.
    """

    modes: Mapping[str, Mode] = field(default_factory=dict)
    ignored: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def mode(self, section: str) -> Mode:
        """How a section is compared."""
        return self.modes.get(section) or (Mode.SUPERSET if section in LENIENT else Mode.EXACT)

    def ignores(self, at: At) -> bool:
        """Whether an object is left out: by its whole name, by its own, or by its schema's."""
        if not self.ignored:
            return False
        own = self.ignored.get(at.kind.section, ())
        if any(fnmatchcase(name, pattern) for pattern in own for name in (str(at), at.name)):
            return True
        schema, dot, _ = at.name.partition(".")
        schemas = self.ignored.get(SCHEMA.section, ())
        return len(at.names) == 1 and bool(dot) and any(fnmatchcase(schema, each) for each in schemas)


EXACT = Rules(dict.fromkeys(SECTIONS, Mode.EXACT))
"""Everything counts."""
