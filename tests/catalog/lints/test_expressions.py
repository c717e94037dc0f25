"""Policies' expressions are read as PostgreSQL prints them."""

import pytest

from pytest_deploycheck.catalog.lints.expressions import (
    Both,
    Either,
    Words,
    always,
    calls,
    compared_with_itself,
    is_tautology,
    narrows,
    own_columns,
    parts,
    read,
    words,
)

COLUMNS = ("client_id", "status", "name", "Straße")


def uses_tenant(part: Words) -> bool:
    return "client_id" in part


def test_words_keep_texts_and_names_as_they_are_and_key_words_in_capitals() -> None:
    text = """(("Straße" = 'it''s (or not)'::text) or x.y is null)"""

    assert words(text) == (
        "(", "(", "Straße", "=", "'it''s (or not)'", "::", "text", ")",
        "OR", "x", ".", "y", "IS", "NULL", ")",
    )  # fmt: skip


def test_an_expression_is_taken_apart_where_and_and_or_join_its_parts() -> None:
    found = read("((client_id = a.b()) OR ((status = 'AND'::text) AND (NOT (name IS NULL))))")

    assert isinstance(found, Either)
    assert isinstance(found.parts[1], Both)
    assert [" ".join(part) for part in parts(found)] == [
        "client_id = a . b ( )",
        "status = 'AND' :: text",
        "NOT ( name IS NULL )",
    ]


def test_what_stands_in_a_case_or_a_subselect_is_no_part_of_its_own() -> None:
    case = "CASE WHEN (a OR b) THEN true ELSE false END"
    selects = "(EXISTS ( SELECT 1 FROM m WHERE ((m.a = 1) OR (m.b = 2))))"

    assert len(parts(read(case))) == len(parts(read(selects))) == 1


@pytest.mark.parametrize(
    ("text", "true"),
    [
        ("true", True),
        ("(client_id = client_id)", True),
        ("(1 = 1)", True),
        ("((client_id = x()) OR true)", True),
        ("(NOT false)", True),
        ("(((a = a)) AND (b >= b))", True),
        ("((client_id = x()) AND true)", False),
        ("(client_id = clients.client_id)", False),
        ("(NOT (a = a))", False),
        ("false", False),
        (None, False),
    ],
)
def test_what_is_true_of_every_row(text: str | None, *, true: bool) -> None:
    assert always(read(text), is_tautology) is true


@pytest.mark.parametrize(
    ("text", "narrow"),
    [
        ("((client_id = x()) AND (status = 'open'::text))", True),
        ("((client_id = x()) OR (status = 'open'::text))", False),
        ("((client_id = x()) OR (client_id = y()))", True),
        ("((client_id = x()) OR false)", True),
        ("true", False),
    ],
)
def test_every_way_through_must_go_by_the_tenant(text: str, *, narrow: bool) -> None:
    assert narrows(read(text), uses_tenant) is narrow


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("(client_id = auth.uid())", {"client_id"}),
        ("private.may_see(client_id, status)", {"client_id", "status"}),
        ("(EXISTS ( SELECT 1 FROM members m WHERE (m.client_id = orders.client_id)))", {"client_id"}),
        ("(EXISTS ( SELECT 1 FROM members m WHERE (m.client_id = m.client_id)))", set()),
        ("(client_id IN ( SELECT client_id FROM members))", {"client_id"}),
        ("private.may_see(orders.*)", set(COLUMNS)),
        ("(x.name = 'a'::text)", set()),
        ("(name() = 'status'::name)", set()),
        ('("Straße" = 1)', {"Straße"}),
    ],
)
def test_columns_are_its_own_table_s_only_where_postgresql_prints_them_so(
    text: str, columns: set[str]
) -> None:
    assert own_columns(words(text), "orders", COLUMNS) == columns


def test_a_captured_name_is_compared_with_itself() -> None:
    assert compared_with_itself(words("((m.u = auth.uid()) AND (m.org = m.org))")) == "m.org"
    assert compared_with_itself(words("(m.org = orders.org)")) == ""


def test_a_call_is_a_name_before_a_parenthesis() -> None:
    names = frozenset({"uid"})

    assert calls(words("(auth.uid() = x)"), names)
    assert not calls(words("(uid = x)"), names)
