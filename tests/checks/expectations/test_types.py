"""A type or an expression means the same, however it is spelled."""

import pytest

from pytest_deploycheck.checks.expectations.types import (
    argument_types,
    declared_types,
    expression,
    type_name,
)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("timestamptz", "timestamp with time zone"),
        ("timestamptz(3)", "timestamp(3) with time zone"),
        ("timestamp(3) with time zone", "timestamp(3) with time zone"),
        ("Timestamp", "timestamp without time zone"),
        ("varchar(20)[]", "character varying(20)[]"),
        ("NUMERIC(10, 2)", "numeric(10,2)"),
        ("decimal", "numeric"),
        ("int[][]", "integer[][]"),
        ("int8", "bigint"),
        ("char", "character(1)"),
        ("char(3)", "character(3)"),
        ("bit(3)", "bit(3)"),
        ("double precision", "double precision"),
        ("float8", "double precision"),
        ("public.status", "status"),
        ("other.status", "other.status"),
        ('"Status"', '"Status"'),
        ("geometry(Point,4326)", "geometry(Point,4326)"),
    ],
)
def test_types(written: str, name: str) -> None:
    assert type_name(written, "public") == name


@pytest.mark.parametrize(
    ("written", "deparsed"),
    [
        ("'admin'", "'admin'::text"),
        ("now()", "now()"),
        ("CURRENT_DATE", "CURRENT_DATE"),
        ("status in ('a', 'b')", "status in ('a', 'b')"),
        ("status = any (array['a', 'b'])", "(status = ANY (ARRAY['a'::text, 'b'::text]))"),
        ("nextval('order_numbers')", "nextval('public.order_numbers'::regclass)"),
        ("'it''s ::text'", "'it''s ::text'::character varying(20)"),
        ("0", "(0)::numeric(10,2)"),
        ("'{}'", "'{}'::jsonb"),
        ("tenant_id = app.tenant()", "(tenant_id = app.tenant())"),
        ("site_id=(select app.site())", "(site_id = ( SELECT app.site() ))"),
        ("lower(note)", "lower((note)::text)"),
        ("total >= 0", "((total)::numeric >= (0)::numeric)"),
        ('"On" = 1', '("On" = 1)'),
        ("a = 'x'", "(a = 'x'::public.\"Odd Type\")"),
    ],
)
def test_expressions(written: str, deparsed: str) -> None:
    assert expression(written, "public") == expression(deparsed, "public")


@pytest.mark.parametrize(
    ("one", "other"),
    [("'a'", "'b'"), ("'A'", "'a'"), ("(a or b) and c", "a or (b and c)"), ("(a) or (b)", "a) or (b")],
)
def test_what_means_something_else_stays_different(one: str, other: str) -> None:
    assert expression(one) != expression(other)


@pytest.mark.parametrize(
    ("catalogs", "declared"),
    [
        ("", ""),
        ("kind text, key text", "text, text"),
        ("VARIADIC ids integer[]", "int[]"),
        ("double precision, at timestamp with time zone", "float8, timestamptz"),
        ('"The name" text, numeric', "text, decimal"),
        ("INOUT total bigint", "int8"),
    ],
)
def test_arguments_of_functions(catalogs: str, declared: str) -> None:
    assert argument_types(catalogs, "public") == declared_types(declared, "public")
