"""Stored JSON has the shape of its prefix; what was looked at is said, and no value is shown."""

import pytest
from pydantic import ValidationError

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.evidence import Answers, Refused, Rows, Silence
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Snapshot, Transaction
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import declare, declare_one, reading
from tests.checks.database.catalogs import catalog
from tests.checks.database.catalogs import table as a_table

CHECK = declare_one(
    "json_shape",
    "{table: public.kv, prefixes: {'client:': {id: integer, name: text}}, rows: 3, runbook: WC-9}",
    reading(),
)
KV = catalog(a_table("kv", "key text", "value jsonb"))
GOOD = '{"id": 1, "name": "Acme"}'
NO_NAME = '{"id": 1}'


def values(*texts: str | None) -> Answers:
    """Rows of the keys client:1 and so on; ... stands for a value that is too large."""
    rows = (
        (f"client:{n}", None if text == "large" else text, text is None) for n, text in enumerate(texts, 1)
    )
    return Answers((Rows((), tuple(rows)),))


def judge(*texts: str | None) -> Outcome:
    return answer(CHECK, KV, values(*texts))


def test_a_few_rows_of_the_prefix_are_asked_for() -> None:
    first, (probe,) = asked(CHECK, KV)

    assert (CHECK.title, CHECK.spend, CHECK.runbook) == (
        "json_shape public.kv client:*",
        Spend(queries=2),
        ("WC-9",),
    )
    assert first == (Snapshot(),)
    assert isinstance(probe, Transaction)
    (statement,) = probe.statements
    assert statement.parameters == ("client:",)
    assert statement.sql == (
        "SELECT s.k, CASE WHEN octet_length(s.v) <= 1000000 THEN s.v END, s.v IS NULL\n"
        'FROM (SELECT "key"::text AS k, "value"::text AS v FROM "public"."kv" ) AS s\n'
        "WHERE starts_with(s.k, %s)\nORDER BY random()\nLIMIT 4"
    )


def test_every_prefix_is_a_check() -> None:
    made = declare("json_shape", "{table: public.kv, name: kv, prefixes: {'': object, 'a:': text}}")

    assert [check.title for check in made] == ["kv", "kv a:*"]


def test_values_of_the_shape_pass() -> None:
    assert judge(GOOD, GOOD) == Passed("2 values")
    assert judge(GOOD, GOOD, GOOD, GOOD) == Passed("3 of more values")


def test_other_shapes_are_counted_and_no_value_is_shown() -> None:
    assert judge(NO_NAME, GOOD, '{"id": "1"}') == Failed(
        "2 of 3 values have another shape\n"
        "$.name: is missing (2 times, such as client:1)\n"
        "$.id: expected integer, got string (1 time, such as client:3)"
    )


def test_what_is_no_json_has_another_shape() -> None:
    assert judge("{'a': 1}", None, '{"id": NaN, "name": "x"}') == Failed(
        "3 of 3 values have another shape\n"
        "$: is no JSON (2 times, such as client:1)\n"
        "$: there is no value (NULL) (1 time, such as client:2)"
    )


def test_a_long_key_is_not_shown_in_full() -> None:
    seen = Answers((Rows((), (("client:6f1c2a5e-0f1d", NO_NAME, False),)),))
    outcome = answer(CHECK, KV, seen)

    assert isinstance(outcome, Failed)
    assert outcome.reason.endswith("such as client:6f1c2…)")


def test_many_different_faults_are_not_all_told() -> None:
    check = declare_one(
        "json_shape", "{table: public.kv, prefixes: {'': {a: any, b: any, c: any, d: any, e: any, f: any}}}"
    )
    outcome = answer(check, KV, values("{}"))

    assert isinstance(outcome, Failed)
    assert outcome.reason.splitlines()[-2:] == ["$.e: is missing (1 time, such as client:1)", "and 1 more"]


def test_no_row_proves_nothing() -> None:
    assert judge() == Inconclusive(
        "no row in the table, keys that begin with 'client:': nothing was looked at"
    )
    assert judge("large") == Inconclusive(
        "every value in the table, keys that begin with 'client:' is larger than 1000000 bytes: "
        "nothing was looked at"
    )
    assert judge("large", GOOD) == Passed("1 value; 1 larger than 1000000 bytes not looked at")


def test_a_large_table_is_sampled_and_an_empty_sample_proves_nothing() -> None:
    large = catalog(a_table("kv", "key text", "value jsonb", rows=4e6))
    ((probe,),) = asked(CHECK, large)[1:]

    assert isinstance(probe, Transaction)
    assert 'FROM "public"."kv" TABLESAMPLE SYSTEM (5.000000)) AS s' in probe.statements[0].sql
    assert answer(CHECK, large, values()) == Inconclusive(
        "no row in a sample of 5 %, keys that begin with 'client:': nothing was looked at"
    )


def test_a_table_or_column_that_is_not_there_fails() -> None:
    assert answer(CHECK, catalog()) == Failed("public.kv is not there")
    assert answer(CHECK, catalog(a_table("kv", "id"))) == Failed("public.kv has no column key, value")


def test_what_is_refused_is_not_judged() -> None:
    refused = Refused("57014", "canceling")

    assert answer(CHECK, KV, Answers((refused,))) == Inconclusive(
        "public.kv: no answer within 5 s; a longer `timeout` would decide it"
    )
    assert answer(CHECK, Silence("gone")) == Inconclusive("the database did not answer: gone")
    assert answer(CHECK, KV, Silence("gone")) == Inconclusive("the database did not answer: gone")


def test_odd_names_are_quoted() -> None:
    check = declare_one("json_shape", "{table: 'public.k%v', key: 'a\"b', prefixes: {x: list}}")
    ((probe,),) = asked(check, catalog(a_table("k%v", 'a"b text', "value json")))[1:]

    assert isinstance(probe, Transaction)
    assert 'SELECT "a""b"::text AS k, "value"::text AS v FROM "public"."k%%v"' in probe.statements[0].sql


def test_a_table_has_its_schema() -> None:
    with pytest.raises(Misuse, match="'kv' has no schema"):
        declare("json_shape", "{table: kv, prefixes: {'': uuid}}")


@pytest.mark.parametrize("prefixes", ["{}", "{a: txet}", "{a: {json_schema: {typ: string}}}"])
def test_a_shape_is_one(prefixes: str) -> None:
    with pytest.raises(ValidationError):
        declare("json_shape", f"{{table: public.kv, prefixes: {prefixes}}}")
