"""Named objects: what one is called in titles, and how it is judged."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pytest_deploycheck.checks.expectations.functions import wrong_functions
from pytest_deploycheck.checks.expectations.known import Known
from pytest_deploycheck.checks.expectations.named import whole
from pytest_deploycheck.checks.expectations.others import (
    wrong_bucket,
    wrong_extension,
    wrong_publication,
    wrong_schema,
)
from pytest_deploycheck.checks.expectations.relation import ASPECTS, Aspect, RelationSpec
from pytest_deploycheck.checks.expectations.roles import wrong_role
from pytest_deploycheck.checks.expectations.sets import SERVER_WIDE
from pytest_deploycheck.checks.expectations.values import wrong_enum, wrong_sequence
from pytest_deploycheck.checks.expectations.wrong import Wrong, decided
from pytest_deploycheck.model.outcome import Inconclusive, Outcome
from pytest_deploycheck.model.relation import Unknown

Judge: TypeAlias = Callable[[Known], Outcome]
Look: TypeAlias = Callable[[str, str, Any, Known], Iterator[Wrong]]
"""Name, schema, what is expected, the catalog."""

RELATIONS: Mapping[str, tuple[str, str]] = {
    "tables": ("table", "rp"),
    "views": ("view", "v"),
    "materialized_views": ("materialized view", "m"),
    "foreign_tables": ("foreign table", "f"),
}
"""What one is called, and its kinds (pg_class.relkind)."""

ONES: Mapping[str, tuple[str, Look]] = {
    "functions": ("function", wrong_functions),
    "sequences": ("sequence", wrong_sequence),
    "enums": ("enum", wrong_enum),
    "schemas": ("schema", lambda name, _, spec, known: wrong_schema(name, spec, known)),
    "roles": ("role", lambda name, _, spec, known: wrong_role(name, spec, known)),
    "extensions": ("extension", lambda name, _, spec, known: wrong_extension(name, spec, known)),
    "publications": ("publication", wrong_publication),
    "buckets": ("bucket", lambda name, _, spec, known: wrong_bucket(name, spec, known)),
}
"""What one is called, and how it is judged."""


@dataclass(frozen=True, slots=True)
class One:
    """A named object: its key, its name, the schema of names without one, and what is expected."""

    key: str
    name: str
    schema: str
    spec: Any

    def judges(self) -> Iterator[tuple[str, Judge]]:
        """Yield the title of each check and how it decides: for a relation, one for each aspect."""
        if self.key in RELATIONS:
            title = whole(self.name, self.schema)
            for aspect in ASPECTS:
                if aspect.is_asked(self.spec):
                    yield f"{title} {aspect.words}", self._aspect(aspect)
        elif self.spec.model_fields_set - {"runbook", "hint"}:
            word, look = ONES[self.key]
            title = self.name if self.key in SERVER_WIDE else whole(self.name, self.schema)
            yield f"{word} {title}", self._whole(look, f"{word} {title}")

    def _aspect(self, aspect: Aspect) -> Judge:
        spec: RelationSpec = self.spec
        word, kinds = RELATIONS[self.key]
        title = whole(self.name, self.schema)

        def judge(known: Known) -> Outcome:
            relation = known.relations.get(title)
            if relation is None or relation.kind not in kinds:
                return decided([Wrong(f"there is no {word} {title}")], "")
            return decided(aspect.look(spec, relation, known), f"{title} {aspect.words} as expected")

        return judge

    def _whole(self, look: Look, title: str) -> Judge:
        def judge(known: Known) -> Outcome:
            buckets = known.catalog.buckets
            if self.key == "buckets" and isinstance(buckets, Unknown):
                return Inconclusive(f"buckets could not be read: {buckets.reason}")
            return decided(look(self.name, self.schema, self.spec, known), f"{title} as expected")

        return judge
