"""The objects of a database are those that the release expects: a check for each set and named object."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from pytest_deploycheck.checks.database.reading import catalog_of
from pytest_deploycheck.checks.expectations.groups import Groups
from pytest_deploycheck.checks.expectations.known import Lookup
from pytest_deploycheck.checks.expectations.many import Many, judge
from pytest_deploycheck.checks.expectations.named import Spec
from pytest_deploycheck.checks.expectations.one import Judge, One
from pytest_deploycheck.checks.expectations.sets import SERVER_WIDE, SETS
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.kind import Context, Loc, Misuse, Misuses
from pytest_deploycheck.model.outcome import Inconclusive

Section = Groups


def checks(section: Groups, context: Context) -> Iterable[Check]:
    """Return a check for each set, each other named object, and each aspect of a named relation.

    Raises:
        Misuses: where something that is named expects nothing, or expectations exclude each other.
    """
    groups = [(key, getattr(section, key)) for key in SETS if getattr(section, key) is not None]
    if not groups:
        raise Misuse("nothing is expected", expected=f"one of {', '.join(SETS)}")
    if found := [misuse for key, group in groups for misuse in _misuses(key, group)]:
        raise Misuses(found)
    around = _Around(section, context, Lookup())
    for key, group in groups:
        if group.expects:
            title = key.replace("_", " ") + ("" if key in SERVER_WIDE else f" in {section.schema_}")
            yield around.check(
                group.name or title, partial(judge, group, key, section.schema_), group, (key,)
            )
        for name, spec in getattr(group, "named", {}).items():
            for title, decide in One(key, name, section.schema_, spec).judges():
                yield around.check(title, decide, spec, (key, "named", name))


def _misuses(key: str, group: Many) -> Iterator[Misuse]:
    named: dict[str, Spec] = getattr(group, "named", {})
    if not group.expects and not named:
        yield Misuse(
            f"'{key}' expects nothing", at=(key,), expected="exactly, contains, absent, at_least or none"
        )
    if bool(group.exactly) + bool(group.contains) + group.none > 1:
        yield Misuse(
            f"'{key}' says twice what there is", at=(key,), expected="one of exactly, contains and none"
        )
    for name, spec in named.items():
        asked = spec.model_fields_set - {"runbook", "hint"}
        if not asked:
            what = ", ".join(sorted(type(spec).model_fields.keys() - {"runbook", "hint"}))
            yield Misuse(f"'{name}' expects nothing", at=(key, "named", name), expected=f"one of {what}")
        if "no_other_columns" in asked and "columns" not in asked:
            yield Misuse(
                "no other columns than which?", at=(key, "named", name), expected="columns beside it"
            )


@dataclass(frozen=True, slots=True)
class _Around:
    """What all checks of a part share: the catalog's index, too."""

    section: Groups
    context: Context
    lookup: Lookup

    def check(self, title: str, decide: Judge, part: Many | Spec, at: Loc) -> Check:
        return Check(
            marker=self.context.marker,
            title=title,
            place=self.context.place(at),
            steps=partial(_look, decide, self.lookup),
            spend=Spend(queries=1),
            runbook=tuple(dict.fromkeys((*self.section.runbook, *part.runbook))),
            hint=part.hint or self.section.hint,
        )


def _look(decide: Judge, lookup: Lookup) -> Steps:
    catalog = yield from catalog_of()
    return catalog if isinstance(catalog, Inconclusive) else decide(lookup.of(catalog))
