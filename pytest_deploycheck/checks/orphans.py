"""Rows whose reference leads nowhere, behind every foreign key that there is, and every one there should be.

A constraint does not prove that there are none: rows that were there before a NOT VALID one, and those
written while triggers were off (session_replication_role, DISABLE TRIGGER ALL), were never looked at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.database.keys import Key, Reference, declared, expected
from pytest_deploycheck.checks.database.orphans import Look
from pytest_deploycheck.checks.database.reader import Reader, operators_path
from pytest_deploycheck.checks.database.reading import Asking, catalog_of
from pytest_deploycheck.checks.database.shown import shown
from pytest_deploycheck.checks.language.amount import Duration
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.evidence import Refused, Rows
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.many import many, some
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed

HINT = "insert the missing rows, or remove the orphans; then ALTER TABLE ... VALIDATE CONSTRAINT"


class Expected(BaseModel):
    """A reference that no constraint declares, from columns to columns."""

    model_config = PART

    source: Text = Field(alias="from")
    target: Text = Field(alias="to")


class Section(BaseModel):
    """`except` names keys (schema.table.constraint) with the reason; `rows` is the most looked at of a table.

    `schemas` are those whose tables' foreign keys are looked at, all if none is named; `keys` the most
    that there may be.
    """

    model_config = PART

    schemas: tuple[Text, ...] = Field(default=(), min_length=1)
    expected: tuple[Expected, ...] = Field(default=(), min_length=1)
    exceptions: dict[Text, Text] = Field(default={}, alias="except", min_length=1)
    rows: int = Field(default=200_000, ge=1)
    timeout: Duration = 5.0
    keys: int = Field(default=1000, ge=1)
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return one check for all keys.

    Raises:
        Misuse: if an expected reference is none, or its two sides differ in number.
    """
    references = [_references(index, each) for index, each in enumerate(section.expected)]
    yield Check(
        marker=context.marker,
        title=section.name or "orphans",
        place=context.place(()),
        steps=partial(_look, section, references, Reader.of(context, section.timeout)),
        spend=Spend(queries=1 + 2 * (section.keys + len(references))),
        queries_for="1 for a foreign key, 2 where it has orphans",
        runbook=section.runbook,
        hint=section.hint,
    )


def _references(index: int, given: Expected) -> tuple[Reference, Reference]:
    sides = []
    for key, text in (("from", given.source), ("to", given.target)):
        reference = Reference.parse(text)
        if reference is None:
            told = "schema.table.column, or schema.table(column, column)"
            raise Misuse(f"'{text}' names no column", at=("expected", index, key), expected=told)
        sides.append(reference)
    source, target = sides
    if len(source.columns) != len(target.columns):
        told = f"{many(len(source.columns), 'column refers', 'columns refer')} to {len(target.columns)}"
        raise Misuse(told, at=("expected", index), expected="as many on both sides")
    return source, target


@dataclass(slots=True)
class _Found:
    """What was seen so far."""

    looks: list[Look] = field(default_factory=list)
    counts: list[tuple[Look, int, int]] = field(default_factory=list)
    """Looks, the references that they saw, and the orphans among them."""
    faults: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    settings: tuple[tuple[str, str], ...] = ()


def _look(section: Section, references: Sequence[tuple[Reference, Reference]], reader: Reader) -> Steps:
    catalog = yield from catalog_of()
    if isinstance(catalog, Inconclusive):
        return catalog
    found = _Found(settings=(("search_path", operators_path(catalog)),))
    _find(found, section, references, catalog)
    if len(found.looks) > section.keys + len(references):
        return Inconclusive(
            f"{many(len(found.looks), 'key')}: more than `keys: {section.keys}` lets be looked at"
        )
    if unanswered := (yield from _count(found, reader)):
        return unanswered
    yield from _show(found, reader)
    return _judge(found, section)


def _find(
    found: _Found, section: Section, references: Sequence[tuple[Reference, Reference]], catalog: Catalog
) -> None:
    for each in declared(catalog, section.schemas):
        if isinstance(each, str):
            found.open.append(each)
        elif each.name not in section.exceptions:
            found.looks.append(Look.at(each, catalog, section.rows))
    for source, target in references:
        key = expected(catalog, source, target)
        if isinstance(key, str):
            found.faults.append(f"{source} → {target}: {key}")
        else:
            found.looks.append(Look.at(key, catalog, section.rows))


def _count(found: _Found, reader: Reader) -> Asking[Inconclusive | None]:
    """Take in what is counted, and tell the keys that nothing can be said about."""
    answers = yield from reader.ask([look.count() for look in found.looks], "orphans", found.settings)
    if isinstance(answers, Inconclusive):
        return answers
    for look, answer in zip(found.looks, answers, strict=True):
        key = look.key
        match answer:
            case Refused():
                found.open.append(reader.why(answer, str(key), f"{key.child.name}, {key.parent.name}"))
            case Rows(rows=((0, _),)) if look.part:
                found.open.append(f"{key}: no reference in {look.part}; larger `rows` would decide it")
            case Rows(rows=((int(looked_at), int(orphans)),)):
                found.counts.append((look, looked_at, orphans))
            case _:
                found.open.append(f"{key}: not counted")
    return None


def _show(found: _Found, reader: Reader) -> Asking[None]:
    """Tell each key that has orphans, with a few of them where they can be had."""
    broken = [counted for counted in found.counts if counted[2]]
    statements = [look.show() for look, _, _ in broken]
    answers = yield from reader.ask(statements, "examples of orphans", found.settings)
    for position, (look, looked_at, orphans) in enumerate(broken):
        answer = answers[position] if isinstance(answers, tuple) else None
        examples = _examples(look.key, answer) if isinstance(answer, Rows) else ""
        found.faults.append(_fault(look, looked_at, orphans) + examples)


def _fault(look: Look, looked_at: int, orphans: int) -> str:
    part = f" in {look.part}" if look.part else ""
    rows = some(orphans, looked_at, "row", "leads", "lead")
    told = f"{look.key}: {rows} nowhere{part}"
    if not look.key.constraint:
        return f"{told}; no constraint forbids it"
    return f"{told}, although {look.key.constraint} is there"


def _examples(key: Key, answer: Rows) -> str:
    types = {column.name: column.type for column in key.child.columns}
    texts = []
    for row in answer.rows:
        pairs = zip(key.columns, row, strict=True)
        texts.append(", ".join(f"{name}={shown(value, types.get(name, ''))}" for name, value in pairs))
    return f": {'; '.join(texts)}" if texts else ""


def _judge(found: _Found, section: Section) -> Outcome:
    if found.faults:
        undecided = (f"not decided: {each}" for each in found.open)
        return Failed("\n".join((*found.faults, *undecided)), hint=HINT)
    if found.open:
        return Inconclusive("\n".join(found.open))
    if not found.looks:
        return Inconclusive(f"no foreign key in {', '.join(section.schemas) or 'any schema'}, none expected")
    if not any(looked_at for _, looked_at, _ in found.counts):
        return Inconclusive(
            f"{many(len(found.looks), 'key')}, and no row refers to anything: nothing was compared"
        )
    return Passed(_note(found, section))


def _note(found: _Found, section: Section) -> str:
    rows = sum(looked_at for _, looked_at, _ in found.counts)
    parts = [f"{many(len(found.looks), 'key')}, {many(rows, 'reference')}"]
    if partly := [f"{look.key.child.name} ({look.part})" for look in found.looks if look.part]:
        parts.append(f"only in part: {', '.join(dict.fromkeys(partly))}")
    if section.exceptions:
        parts.append(f"except {', '.join(section.exceptions)}")
    return "; ".join(parts)
