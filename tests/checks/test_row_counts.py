"""Row counts: as a manifest says, or never fewer than before the deploy; what was not counted is said."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from pytest_deploycheck.checks.database.before import Before, read, write
from pytest_deploycheck.checks.database.counting import Counted
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.evidence import Answers, Contents, Refused, Rows, Silence
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Document, Transaction
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import declare, declare_one

DECLARED = declare_one(
    "row_counts", "{tables: {clients: 2, shop.orders: '>=30'}, bound: 1000, runbook: WC-15}"
)
MANIFEST = declare_one("row_counts", "{manifest: counts.yaml}")
AS_CSV = declare_one("row_counts", "{manifest: counts.csv}")
BEFORE = declare_one("row_counts", "{before: before.yaml, bound: 1000, except: {logs: trimmed every night}}")
NOT_THERE = Refused("42P01", 'relation "public.clients" does not exist')
TIMED_OUT = Refused("57014", "canceling")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def counts(*seen: int | Refused) -> Answers:
    return Answers(tuple(each if isinstance(each, Refused) else Rows((), ((each,),)) for each in seen))


def before(environment: str = "local", database: str = "shop", **tables: Counted | None) -> Contents:
    named = {f"public.{table}": counted for table, counted in tables.items()}
    return Contents(write(Before(environment=environment, database=database, at=NOON, tables=named)))


def since(kept: Contents, *seen: int | Refused, hours: float = 1.0) -> Outcome:
    here = Rows((), (("shop", NOON + timedelta(hours=hours)),))
    return answer(BEFORE, kept, here, counts(*seen))


def test_each_table_is_counted_as_far_as_the_bound() -> None:
    ((probe,),) = asked(DECLARED)

    assert (DECLARED.title, DECLARED.spend, DECLARED.runbook) == ("row counts", Spend(queries=2), ("WC-15",))
    assert isinstance(probe, Transaction)
    assert [statement.sql for statement in probe.statements] == [
        'SELECT count(*) FROM (SELECT FROM "public"."clients" LIMIT 1001) AS counted',
        'SELECT count(*) FROM (SELECT FROM "shop"."orders" LIMIT 1001) AS counted',
    ]


def test_tables_have_as_many_rows_as_they_should() -> None:
    assert answer(DECLARED, counts(2, 31)) == Passed("2 tables, 33 rows")


def test_other_numbers_are_told_table_by_table() -> None:
    assert answer(DECLARED, counts(3, 29)) == Failed(
        "public.clients: 3 rows, expected 2\nshop.orders: 29 rows, expected >= 30"
    )


def test_a_table_that_is_not_there_has_not_the_rows() -> None:
    assert answer(DECLARED, counts(NOT_THERE, 30)) == Failed("public.clients: it is not there, expected 2")


def test_a_table_that_was_not_counted_is_not_judged() -> None:
    late = "shop.orders: no answer within 10 s; a longer `timeout` would decide it"

    assert answer(DECLARED, counts(2, TIMED_OUT)) == Inconclusive(late)
    assert answer(DECLARED, counts(1, TIMED_OUT)) == Failed(
        f"public.clients: 1 row, expected 2\nnot decided: {late}"
    )
    assert answer(DECLARED, Answers((Rows((), ((2,),)), Rows((), ())))) == Inconclusive(
        "shop.orders: not counted"
    )


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [
        ("'>=1000'", Passed("1 table, 1000 rows; counted to 1000 only: public.clients")),
        ("'>1000'", Passed("1 table, 1000 rows; counted to 1000 only: public.clients")),
        ("'>=1001'", Passed("1 table, 1000 rows; counted to 1000 only: public.clients")),
        ("1000", Failed("public.clients: more than 1000 rows, expected 1000")),
        ("'<=1000'", Failed("public.clients: more than 1000 rows, expected <= 1000")),
        ("'<1001'", Failed("public.clients: more than 1000 rows, expected < 1001")),
    ],
)
def test_beyond_the_bound_some_numbers_can_still_be_judged(limit: str, outcome: Outcome) -> None:
    check = declare_one("row_counts", f"{{tables: {{clients: {limit}}}, bound: 1000}}")

    assert answer(check, counts(1001)) == outcome


@pytest.mark.parametrize("limit", ["1001", ">=1002", ">1001", "<=1001", "<1002", "5000"])
def test_beyond_the_bound_others_cannot(limit: str) -> None:
    check = declare_one("row_counts", f"{{tables: {{clients: '{limit}'}}, bound: 1000}}")
    outcome = answer(check, counts(1001))

    assert isinstance(outcome, Inconclusive)
    assert outcome.reason.startswith("public.clients: more than 1000 rows, expected ")
    assert outcome.reason.endswith("larger `bound` would decide it")


@pytest.mark.parametrize(
    "text",
    [
        "clients: 2  # both\nshop.orders: '>=30'\n",
        '{\n\t"clients": 2,\n\t"shop.orders": ">=30"\n}',
    ],
)
def test_a_manifest_is_yaml_or_json(text: str) -> None:
    check = declare_one("row_counts", "{manifest: counts.json}") if "{" in text else MANIFEST

    assert asked(MANIFEST)[0] == (Document(Path("/contract/counts.yaml")),)
    assert answer(check, Contents(text), counts(2, 30)) == Passed("2 tables, 32 rows")


@pytest.mark.parametrize(
    "text",
    [
        "table,rows\nclients,2\nshop.orders,>=30\n",
        'Rows,Site,Table\r\n2,x,clients\r\n30,"a,b",shop.orders\r\n',
    ],
)
def test_a_manifest_may_be_csv(text: str) -> None:
    assert answer(AS_CSV, Contents(text), counts(2, 30)) == Passed("2 tables, 32 rows")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "clients: many\norders: {rows: 3}\nsites: '>=0'\n",
            "/contract/counts.yaml:1:1: public.clients: 'many' is not a limit; "
            "expected a number, or one after <, <=, > or >=\n"
            "/contract/counts.yaml:2:1: public.orders: 'map' is not a limit; "
            "expected a number, or one after <, <=, > or >=\n"
            "/contract/counts.yaml:3:1: public.sites: any number of rows is at least 0; "
            'expected such as 30 or ">=1"',
        ),
        ("clients: 1\npublic.clients: 2", "/contract/counts.yaml:2:1: public.clients twice"),
        (
            "clients: 1.5",
            "/contract/counts.yaml:1:1: public.clients: '1.5' is no number of rows; "
            'expected such as 30 or ">=30"',
        ),
        (
            "{}",
            "/contract/counts.yaml: no table; expected at least one: an empty manifest checks nothing",
        ),
        ("- clients", "/contract/counts.yaml: no mapping; expected table: number of rows"),
        (
            "clients: [1",
            "/contract/counts.yaml:1:12: expected ',' or ']', but got '<stream end>'; "
            "expected YAML, JSON, or CSV with a name that ends so",
        ),
    ],
)
def test_a_manifest_with_mistakes_decides_nothing_and_names_them(text: str, reason: str) -> None:
    assert answer(MANIFEST, Contents(text)) == Inconclusive(reason)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "/contract/counts.csv:1: the first line names no columns; expected table and rows"),
        ("clients,2", "/contract/counts.csv:1: the first line names no columns; expected table and rows"),
        (
            "table,rows\nclients\n",
            "/contract/counts.csv:2: public.clients: '' is not a limit; "
            "expected a number, or one after <, <=, > or >=",
        ),
        (
            'table,rows\n"clients,2\n',
            "/contract/counts.csv:1: unexpected end of data; expected CSV (RFC 4180)",
        ),
    ],
)
def test_a_csv_with_mistakes_decides_nothing_and_names_them(text: str, reason: str) -> None:
    assert answer(AS_CSV, Contents(text)) == Inconclusive(reason)


def test_without_the_file_nothing_is_decided() -> None:
    missing = Silence("there is no file /contract/before.yaml")

    assert answer(MANIFEST, missing) == Inconclusive("there is no file /contract/before.yaml")
    assert answer(BEFORE, missing) == Inconclusive(
        "there is no file /contract/before.yaml; "
        "before the deploy: deploycheck counts --env local --output before.yaml"
    )
    assert answer(MANIFEST, Rows((), ())) == Inconclusive("Rows holds no text")


def test_never_fewer_than_before_the_deploy() -> None:
    kept = before(orders=Counted(30), sites=Counted(2), logs=Counted(9))

    assert BEFORE.title == "row counts since before the deploy"
    assert since(kept, 31, 2) == Passed("2 tables, 33 rows; except logs")
    assert since(kept, 29, NOT_THERE) == Failed(
        "public.orders: 29 rows, 30 before the deploy\npublic.sites: it is not there, 2 before the deploy"
    )


def test_counts_that_stopped_at_the_bound_are_compared_only_where_that_decides() -> None:
    kept = before(orders=Counted(1000, more=True))
    undecided = (
        "public.orders: more than 1000 rows, more than 1000 before the deploy: "
        "larger `bound` would decide it, here and in `deploycheck counts`"
    )

    assert since(kept, 1000) == Failed("public.orders: 1000 rows, more than 1000 before the deploy")
    assert since(kept, 1001) == Inconclusive(undecided)
    assert since(before(orders=Counted(900)), 1001) == Passed(
        "1 table, 1000 rows; counted to 1000 only: public.orders; except logs"
    )
    assert isinstance(since(before(orders=Counted(5000)), 1001), Inconclusive)
    assert isinstance(since(before(orders=Counted(5000)), 900), Failed)


def test_what_was_not_counted_before_is_not_judged_now() -> None:
    kept = before(orders=Counted(30), sites=None)

    assert since(kept, 30) == Inconclusive("public.sites: not counted before the deploy")
    assert since(kept, TIMED_OUT) == Inconclusive(
        "public.sites: not counted before the deploy\n"
        "public.orders: no answer within 10 s; a longer `timeout` would decide it"
    )


@pytest.mark.parametrize(
    ("kept", "hours", "reason"),
    [
        (
            before("staging", orders=Counted(1)),
            1,
            "before.yaml: counted in shop of staging, expected shop of local",
        ),
        (
            before("local", "other", orders=Counted(1)),
            1,
            "before.yaml: counted in other of local, expected shop of local",
        ),
        (
            before(orders=Counted(1)),
            25,
            "before.yaml: counted 25.0 h ago, and at most 24 h are allowed (`age`)",
        ),
    ],
)
def test_counts_of_another_time_or_place_decide_nothing(kept: Contents, hours: float, reason: str) -> None:
    here = Rows((), (("shop", NOON + timedelta(hours=hours)),))

    assert answer(BEFORE, kept, here) == Inconclusive(reason)


def test_a_restored_database_is_held_to_the_counts_of_the_one_it_was_made_from() -> None:
    check = declare_one("row_counts", "{before: before.yaml, of: prod}")
    here = Rows((), (("restored", NOON),))

    assert isinstance(answer(check, before("prod", orders=Counted(1)), here, counts(1)), Passed)
    assert answer(check, before("local", orders=Counted(1)), here) == Inconclusive(
        "before.yaml: counted in shop of local, expected restored of prod"
    )


@pytest.mark.parametrize(
    "text",
    [
        "orders: 3",
        "format: deploycheck-counts/1",
        "[",
        before(orders=Counted(1)).text.replace(": 1\n", ": one\n"),
        before(orders=Counted(1)).text.replace(": 1\n", ": -1\n"),
        before(orders=Counted(1)).text.replace("2026-11-21T12:00:00+00:00", "yesterday"),
        before(orders=Counted(1)).text.replace("+00:00", ""),
        before().text.replace("tables:", "tables: {}"),
    ],
)
def test_a_file_that_the_command_has_not_written_decides_nothing(text: str) -> None:
    outcome = answer(BEFORE, Contents(text))

    assert isinstance(outcome, Inconclusive)
    assert outcome.reason.startswith("/contract/before.yaml: ")
    assert outcome.reason.endswith("expected a file that `deploycheck counts` has written")


def test_what_the_command_writes_it_reads_again() -> None:
    kept = Before(
        environment="prod",
        database="shop",
        at=NOON,
        tables={'public."Ä": b': Counted(3), "public.big": Counted(1000, more=True), "public.x": None},
    )

    assert read(write(kept), Path("b")) == kept
    assert write(kept).splitlines()[2:] == [
        'format: "deploycheck-counts/1"',
        'environment: "prod"',
        'database: "shop"',
        'at: "2026-11-21T12:00:00+00:00"',
        "tables:",
        '  "public.\\"Ä\\": b": 3',
        '  "public.big": ">1000"',
        '  "public.x": null',
    ]


def test_all_excepted_is_nothing_counted() -> None:
    assert since_only_logs() == Inconclusive("every table is excepted: nothing was counted")


def since_only_logs() -> Outcome:
    return answer(BEFORE, before(logs=Counted(1)), Rows((), (("shop", NOON),)))


def test_too_many_tables_are_not_counted() -> None:
    text = "\n".join(f"t{number}: 1" for number in range(2001))

    assert answer(MANIFEST, Contents(text)) == Inconclusive("2001 tables, and at most 2000 are counted")


def test_without_the_database_nothing_is_decided() -> None:
    refused = Inconclusive("the database did not answer: refused")

    assert answer(DECLARED, Silence("refused")) == refused
    assert answer(BEFORE, before(orders=Counted(1)), Silence("refused")) == refused
    assert (
        answer(BEFORE, before(orders=Counted(1)), Rows((), (("shop", NOON),)), Silence("refused")) == refused
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "how many rows"),
        ("{manifest: a.csv, before: b.yaml}", "how many rows"),
        ("{tables: {orders: 1, public.orders: 1}}", "a table twice"),
        ("{tables: {orders: 1}, of: prod}", "`of` says whose counts"),
    ],
)
def test_one_source_says_how_many(text: str, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        declare("row_counts", text)


@pytest.mark.parametrize("count", ["many", "-1", "'>=0'", "1.5", "true", "null"])
def test_a_count_is_a_number_of_rows(count: str) -> None:
    with pytest.raises(ValidationError):
        declare("row_counts", f"{{tables: {{orders: {count}}}}}")
