"""A statement of the contract is one, and reads."""

import pytest

from pytest_deploycheck.checks.database.statement import Sql, parse_reading, parse_sql
from pytest_deploycheck.checks.language.part import MistakeError


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("select 1", "select 1"),
        ("  SELECT 1 ;\n-- done\n", "SELECT 1"),
        ("select ';' as \"a;b\", $$;$$, $x$ ; $$ ; $x$, E'\\';'", None),
        ("select 1 /* one; /* two; */ three; */ + 1", None),
        ("-- first;\nwith a as (select 1) table a", None),
        ("(select 1) union (select 2)", None),
        ("values (1), (2)", None),
        ("select 'it''s; so', $1$", None),
    ],
)
def test_one_statement_is_one_whatever_it_quotes(text: str, kept: str | None) -> None:
    assert parse_reading(text).text == (kept or text)


@pytest.mark.parametrize(
    "text", ["select 1; select 2", "select 1;;commit", "select $$;$$; rollback", "select '/*'; delete from a"]
)
def test_two_statements_are_refused(text: str) -> None:
    with pytest.raises(MistakeError, match="more than one statement"):
        parse_sql(text)


@pytest.mark.parametrize(
    "text", ["delete from a", "commit", "set role postgres", "explain select 1", "call f()"]
)
def test_what_does_not_read_is_refused(text: str) -> None:
    with pytest.raises(MistakeError, match="does not read"):
        parse_reading(text)


@pytest.mark.parametrize("text", ["", " -- nothing", "/* nothing */", ";", "'text'"])
def test_nothing_is_no_statement(text: str) -> None:
    with pytest.raises(MistakeError, match="no statement"):
        parse_sql(text)


def test_what_is_no_text_is_no_statement() -> None:
    with pytest.raises(MistakeError, match="1 is no SQL"):
        parse_sql(1)


def test_a_comment_must_end() -> None:
    with pytest.raises(MistakeError, match="a comment without end"):
        parse_sql("select 1 /* /* */")


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("select 'delete' as \"update\" from merges", False),
        ("with gone as (delete from a returning 1) select * from gone", True),
        ("update a set b = 1", True),
    ],
)
def test_a_change_is_known_by_its_word(text: str, changes: bool) -> None:  # noqa: FBT001 - a column
    assert parse_sql(text).changes is changes


def test_words_are_those_outside_of_quotes() -> None:
    assert parse_sql('SELECT a_1, "B" FROM Orders -- not this') == Sql(
        'SELECT a_1, "B" FROM Orders', ("select", "a_1", "from", "orders")
    )
