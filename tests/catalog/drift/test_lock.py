"""The lock file: stable, one fact a line, read back as it was written; and every mistake with its place."""

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_deploycheck.catalog.drift.facts import facts
from pytest_deploycheck.catalog.drift.read import LockMistakesError, read
from pytest_deploycheck.catalog.drift.write import write
from pytest_deploycheck.model.relation import Column, Name, Unknown
from tests.catalog.drift.shop import ORDERS, SHOP, with_orders

LOCK = Path("schema.lock.yaml")
ODD = (
    "on", "no", "~", "1e5", "007", "1:30", "2026-01-01", "true", "a: b", "a #b", "- x", "'quoted'", '"', "{}",
    "[a]", "&a", "*a", "!t", "%", "@", "`", "größe", "two words", " spaces ", "tab\there", "a\nb", "x" * 1200,
)  # fmt: skip


def test_what_is_written_is_read_back() -> None:
    assert read(write(facts(SHOP)), LOCK) == facts(SHOP)


def test_names_and_texts_of_any_kind_come_back() -> None:
    columns = tuple(Column(name=text, type=text, default=text, collation=text) for text in ODD)
    odd = replace(SHOP, relations=(replace(ORDERS, name=Name("Öde", "a.b c"), columns=columns),))

    assert read(write(facts(odd)), LOCK) == facts(odd)


def test_the_same_schema_gives_the_same_text() -> None:
    shuffled = replace(
        SHOP,
        relations=SHOP.relations[::-1],
        roles=SHOP.roles[::-1],
        publications=tuple(replace(each, operations=each.operations[::-1]) for each in SHOP.publications),
    )

    assert write(facts(shuffled)) == write(facts(SHOP))


def test_a_changed_fact_changes_one_line() -> None:
    before = write(facts(SHOP)).splitlines()
    after = write(facts(with_orders(forced=False))).splitlines()

    assert [line for line in before if line not in after] == ["    forced: true"]
    assert [line for line in after if line not in before] == []


def test_columns_keep_their_order_and_their_names_alone_where_nothing_else_is_said() -> None:
    text = write(facts(SHOP))

    assert text.index("      tenant:\n") < text.index("      total:\n")
    assert "    constraints:\n      orders_pkey: PRIMARY KEY (id)\n" in text
    assert "  avatars:\n    size_limit: 1000\n    types: [image/png]\n" in text


def test_what_could_not_be_read_is_written_down_as_unknown() -> None:
    blind = replace(SHOP, buckets=Unknown("no USAGE on schema storage"))

    assert "unknown:\n  buckets: no USAGE on schema storage\n" in write(facts(blind))
    assert read(write(facts(blind)), LOCK) == facts(blind)


HEAD = "format: 1\npostgresql: 15\n"
NO_SCHEMA = "the file holds no schema: it checks nothing"
NO_FORMAT = "'no format' of lock files is not known here"
WRITTEN = "what `deploycheck snapshot` writes"
MISTAKES = {
    "nothing": ("", "1:1", "the file is empty", ""),
    "only a comment": ("# nothing", "1:1", "the file is empty", ""),
    "no YAML": ("tables: [", "2:1", "not YAML: a value is missing", "a value, or the end of its bracket"),
    "a merge": (
        "format: 1\n<<<<<<< ours\npostgresql: 15\n",
        "2:1",
        "not YAML: a conflict of a merge is still there",
        "one of its two sides",
    ),
    "a list": ("- a", "1:1", "the database is no mapping", "keys and values"),
    "another format": (
        "format: 7\npostgresql: 15\ntables: {public.a: {}}",
        "1:1",
        "'7' of lock files is not known here",
        "format: 1",
    ),
    "no format": ("tables: {public.a: {}}", "1:1", NO_FORMAT, "format: 1"),
    "no version": (
        "format: 1\ntables: {public.a: {}}",
        "1:1",
        "missing key 'postgresql'",
        "the major version it was taken from",
    ),
    "no schema": (HEAD, "1:1", NO_SCHEMA, WRITTEN),
    "only what is unknown": (f"{HEAD}unknown: {{buckets: why}}", "1:1", NO_SCHEMA, WRITTEN),
    "a section": (f"{HEAD}tabels: {{}}", "3:1", "unknown key 'tabels' of a database", "'tables'?"),
    "a section that is a list": (f"{HEAD}tables: [a]", "3:9", "'tables' is no mapping", "keys and values"),
    "a property": (
        f"{HEAD}tables:\n  public.a:\n    rowsecurity: true",
        "5:5",
        "unknown key 'rowsecurity' of a table",
        "'row_security'?",
    ),
    "a boolean": (
        f"{HEAD}tables:\n  public.a: {{row_security: maybe}}",
        "4:28",
        "'row_security' is 'maybe'",
        "true or false",
    ),
    "a number": (f"{HEAD}sequences: {{s.s: {{start: one}}}}", "3:26", "'start' is 'one'", "a whole number"),
    "a text": (f"{HEAD}tables: {{s.a: {{owner: [x]}}}}", "3:23", "'owner' is a list", "a text"),
    "a short text": (f"{HEAD}tables: {{s.a: {{columns: {{b: [x]}}}}}}", "3:29", "'type' is a list", "a text"),
    "a list of texts": (
        f"{HEAD}tables: {{s.a: {{grants: {{x: yes}}}}}}",
        "3:28",
        "'privileges' is 'yes'",
        "a list of texts: [A, B]",
    ),
    "an object twice": (
        f"{HEAD}tables:\n  public.a: {{}}\n  public.a: {{}}",
        "5:3",
        "key 'public.a' stands here twice, first in line 4",
        "each key once",
    ),
    "a key that is a list": (f"{HEAD}tables: {{[a]: {{}}}}", "3:10", "a key must be a text", ""),
}


@pytest.mark.parametrize(("text", "place", "message", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_place(text: str, place: str, message: str, expected: str) -> None:
    with pytest.raises(LockMistakesError) as caught:
        read(f"{text}\n", LOCK)

    (mistake,) = caught.value.mistakes
    assert (str(mistake.place), mistake.message, mistake.expected) == (f"{LOCK}:{place}", message, expected)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(LockMistakesError) as caught:
        read(f"{HEAD}tabels: {{}}\nwievs: {{}}\n", LOCK)

    assert [each.place.line for each in caught.value.mistakes] == [3, 4]
