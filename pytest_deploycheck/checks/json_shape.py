"""What stored JSON looks like, by the prefix of its key: each value of a sample has the shape."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from string import Template
from typing import Any, Never

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.database.reader import Reader, quoted
from pytest_deploycheck.checks.database.reading import catalog_of
from pytest_deploycheck.checks.database.volume import estimated, share
from pytest_deploycheck.checks.language.amount import Duration
from pytest_deploycheck.checks.language.jsonschema import Fault, Schema, faults
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.checks.language.shape import Shape
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.evidence import Refused, Rows
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.many import many, some
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Statement
from pytest_deploycheck.model.relation import Relation

WHOLE = 200_000
"""Rows of a table that is looked through; of a larger one, a sample of blocks."""

LARGEST = 1_000_000
"""Bytes of a value that is fetched."""

_SHOWN = 5
_KEY_SHOWN = 12

_SAMPLE = Template(
    """SELECT s.k, CASE WHEN octet_length(s.v) <= $largest THEN s.v END, s.v IS NULL
FROM (SELECT $key::text AS k, $value::text AS v FROM $table $part) AS s
WHERE starts_with(s.k, %s)
ORDER BY random()
LIMIT $rows"""
)


class Section(BaseModel):
    """`table` as schema.table; `key` and `value` are columns of it, `prefixes` the shapes of values.

    At most `rows` values are looked at of each prefix.
    """

    model_config = PART

    table: Text
    key: Text = "key"
    value: Text = "value"
    prefixes: dict[str, Shape] = Field(min_length=1)
    rows: int = Field(default=500, ge=1, le=10_000)
    timeout: Duration = 5.0
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return a check for each prefix.

    Raises:
        Misuse: if the table is named without its schema.
    """
    if "." not in section.table:
        raise Misuse(f"'{section.table}' has no schema", at=("table",), expected="schema.table")
    for prefix, schema in section.prefixes.items():
        yield Check(
            marker=context.marker,
            title=f"{section.name or f'json_shape {section.table}'}{f' {prefix}*' if prefix else ''}",
            place=context.place(("prefixes", prefix)),
            steps=partial(_look, section, prefix, schema, Reader.of(context, section.timeout)),
            spend=Spend(queries=2),
            runbook=section.runbook,
            hint=section.hint,
        )


def _look(section: Section, prefix: str, schema: Schema, reader: Reader) -> Steps:
    catalog = yield from catalog_of()
    if isinstance(catalog, Inconclusive):
        return catalog
    relation = catalog.relation(section.table)
    if relation is None:
        return Failed(f"{section.table} is not there")
    missing = [name for name in (section.key, section.value) if relation.column(name) is None]
    if missing:
        return Failed(f"{section.table} has no column {', '.join(missing)}")
    percent = _percent(catalog, relation)
    statement = _sampling(section, prefix, relation, percent)
    answers = yield from reader.ask([statement], f"JSON of {section.table}")
    if isinstance(answers, Inconclusive):
        return answers
    match answers:
        case (Rows(rows=rows),):
            part = f"a sample of {percent:.2g} %" if percent < 100 else "the table"
            return _judge(rows, schema, section, f"{part}, keys that begin with '{prefix}'")
        case (Refused() as refused,):
            return Inconclusive(reader.why(refused, section.table, section.table))
        case _:
            return Inconclusive(f"{section.table}: not read")


def _percent(catalog: Catalog, relation: Relation) -> float:
    return share(estimated(catalog, relation), WHOLE) if relation.kind in "rpm" else 100.0


def _sampling(section: Section, prefix: str, relation: Relation, percent: float) -> Statement:
    names = {
        "table": quoted(relation.name.schema, relation.name.name),
        "key": quoted(section.key),
        "value": quoted(section.value),
    }
    sql = _SAMPLE.substitute(
        {name: text.replace("%", "%%") for name, text in names.items()},
        part=f"TABLESAMPLE SYSTEM ({percent:.6f})" if percent < 100 else "",
        largest=LARGEST,
        rows=section.rows + 1,
    )
    return Statement(sql=sql, parameters=(prefix,), purpose=f"JSON of {section.table}")


def _judge(rows: tuple[tuple[Any, ...], ...], schema: Schema, section: Section, where: str) -> Outcome:
    looked_at = [(str(key), text) for key, text, null in rows[: section.rows] if text is not None or null]
    if not rows:
        return Inconclusive(f"no row in {where}: nothing was looked at")
    if not looked_at:
        return Inconclusive(f"every value in {where} is larger than {LARGEST} bytes: nothing was looked at")
    found = Counter[Fault]()
    first: dict[Fault, str] = {}
    wrong = 0
    for key, text in looked_at:
        broken = set(_faults(schema, text))
        wrong += bool(broken)
        found.update(broken)
        first |= {fault: key for fault in broken if fault not in first}
    if found:
        return Failed("\n".join(_told(found, first, wrong, len(looked_at))))
    return Passed(_note(len(looked_at), len(rows), section))


def _faults(schema: Schema, text: str | None) -> Iterator[Fault]:
    if text is None:
        yield "$", "there is no value (NULL)"
        return
    try:
        value = json.loads(text, parse_constant=_no_json)
    except ValueError:
        yield "$", "is no JSON"
        return
    yield from faults(schema, value)


def _no_json(name: str) -> Never:
    raise ValueError(name)


def _told(found: Counter[Fault], first: dict[Fault, str], wrong: int, looked_at: int) -> Iterator[str]:
    yield f"{some(wrong, looked_at, 'value', 'has', 'have')} another shape"
    for fault, count in sorted(found.items(), key=lambda each: (-each[1], each[0]))[:_SHOWN]:
        path, what = fault
        yield f"{path}: {what} ({many(count, 'time')}, such as {_shown(first[fault])})"
    if len(found) > _SHOWN:
        yield f"and {len(found) - _SHOWN} more"


def _shown(key: str) -> str:
    """The beginning of a key: the rest may be anything, a token for example."""
    return key if len(key) <= _KEY_SHOWN else f"{key[:_KEY_SHOWN]}…"


def _note(looked_at: int, fetched: int, section: Section) -> str:
    more = " of more" if fetched > section.rows else ""
    large = min(fetched, section.rows) - looked_at
    left_out = f"; {large} larger than {LARGEST} bytes not looked at" if large else ""
    return f"{many(looked_at, 'value', shown=f'{looked_at}{more}')}{left_out}"
