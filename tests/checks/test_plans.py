"""Plans of named queries are held to what the contract says, as whoever sends them."""

import json
from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.evidence import Answers, Claims, Refused, Rows, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Inspect, Snapshot, Transaction
from pytest_deploycheck.testing import Round, answer, asked
from tests.checks.contracts import context, declare, declare_one, reading
from tests.checks.database.catalogs import catalog, table

HINT = "is the index there and valid, and was the table analysed?"
SHOP = catalog(table("orders", "id", rows=50_000), table("sites", "id", rows=20))
SCAN = {"Node Type": "Seq Scan", "Schema": "public", "Relation Name": "orders"}
SMALL = {"Node Type": "Seq Scan", "Schema": "public", "Relation Name": "sites"}
BY_INDEX = {"Node Type": "Index Scan", "Schema": "public", "Relation Name": "orders"}
SORT = {"Node Type": "Sort"}


def declared(text: str) -> Check:
    return declare_one("plans", f"[{{name: orders, sql: table orders, {text}}}]", reading())


def plan(*nodes: Mapping[str, object], rows: float | None = 15, milliseconds: float = 3.0) -> Answers:
    """The plan of a query: the nodes below one that returns the rows."""
    root: dict[str, object] = {"Node Type": "Limit", "Total Cost": 120.5, "Plans": list(nodes)}
    whole: dict[str, object] = {"Plan": root}
    if rows is not None:
        root |= {"Actual Rows": rows, "Shared Hit Blocks": 40, "Shared Read Blocks": 5}
        whole["Execution Time"] = milliseconds
    return Answers((Rows(("QUERY PLAN",), (([whole],),)),))


def judge(text: str, *seen: Round) -> Outcome:
    return answer(declared(text), SHOP, *seen)


def test_a_query_is_run_in_a_transaction_that_reads_as_the_reader() -> None:
    check = declared("cost: 500, runbook: WC-28, timeout: 2s")
    first, (probe,) = asked(check, SHOP)

    assert (check.title, check.spend, check.runbook) == ("plan of orders", Spend(queries=3), ("WC-28",))
    assert first == (Snapshot(),)
    assert isinstance(probe, Transaction)
    assert (probe.role, probe.settings, probe.timeout, probe.writes) == ("rows", (), 2.0, False)
    assert [statement.sql for statement in probe.statements] == [
        "EXPLAIN (ANALYZE, BUFFERS, VERBOSE, TIMING OFF, FORMAT JSON)\ntable orders"
    ]


def test_it_is_sent_with_the_claims_of_an_identity() -> None:
    check = declared("cost: 500, as: shopper, claims: {aal: aal2}")
    claims = Claims({"sub": "u1", "role": "authenticated", "app_metadata": {"client_id": "a"}})
    _, second, (probe,) = asked(check, SHOP, claims)

    assert check.identities == {"shopper"}
    assert second == (Inspect("shopper"),)
    assert isinstance(probe, Transaction)
    assert probe.role == "authenticated"
    settings = dict(probe.settings)
    assert json.loads(settings["request.jwt.claims"]) == {**claims.claims, "aal": "aal2"}
    assert settings["request.jwt.claim.sub"] == "u1"
    assert answer(check, SHOP, claims, plan(BY_INDEX)) == Passed("cost 120.5, 15 rows, 45 blocks, 3 ms")


def test_a_role_goes_before_the_claims() -> None:
    (probe,) = asked(declared("cost: 500, role: anon, claims: {role: authenticated}"), SHOP)[1]

    assert isinstance(probe, Transaction)
    assert probe.role == "anon"


@pytest.mark.parametrize(
    "sql", ["update orders set id = id", "with a as (delete from orders returning 1) select * from a"]
)
def test_what_changes_rows_is_only_planned(sql: str) -> None:
    check = declare_one("plans", f"[{{name: change, sql: '{sql}', cost: 500}}]")
    (probe,) = asked(check, SHOP)[1]

    assert isinstance(probe, Transaction)
    assert probe.statements[0].sql == f"EXPLAIN (VERBOSE, FORMAT JSON)\n{sql}"
    assert answer(check, SHOP, plan(BY_INDEX, rows=None)) == Passed("cost 120.5, only planned")


def test_a_sequential_scan_counts_on_a_large_table() -> None:
    forbidden = "forbidden: [Seq Scan]"

    assert judge(forbidden, plan(SCAN, SCAN)) == Failed("Seq Scan on public.orders, forbidden", hint=HINT)
    assert isinstance(judge(forbidden, plan(SMALL)), Passed)
    assert isinstance(judge(f"{forbidden}, large: 10", plan(SMALL)), Failed)


@pytest.mark.parametrize("name", ["Seq Scan on sites", "Seq Scan on public.sites"])
def test_a_scan_of_a_table_that_is_named_counts_whatever_its_size(name: str) -> None:
    forbidden = f"forbidden: [{name}, Sort]"

    assert judge(forbidden, plan(SMALL, SORT)) == Failed(
        "Seq Scan on public.sites, forbidden\nSort, forbidden", hint=HINT
    )
    assert isinstance(judge(forbidden, plan(SCAN)), Passed)


def test_a_table_that_the_catalog_does_not_know_is_not_called_small() -> None:
    unknown = {**SCAN, "Relation Name": "elsewhere"}

    assert isinstance(judge("forbidden: [Seq Scan]", plan(unknown)), Failed)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("cost: 120.5", "cost 120.5, expected under 120.5"),
        ("rows: '<=10'", "15 rows, expected <= 10"),
        ("rows: 20", "15 rows, expected 20"),
        ("buffers_per_row: 3", "3 blocks for each of 15 rows, expected under 3"),
        ("under: 3ms", "3 ms, expected under 3 ms"),
    ],
)
def test_limits_that_are_reached_are_told(text: str, reason: str) -> None:
    assert judge(text, plan(BY_INDEX)) == Failed(reason, hint=HINT)


@pytest.mark.parametrize(
    "text",
    ["cost: 121", "rows: '>=1'", "rows: 15", "buffers_per_row: 3.1", "under: 4ms"],
)
def test_limits_that_are_kept_pass(text: str) -> None:
    assert isinstance(judge(text, plan(BY_INDEX)), Passed)


def test_what_an_index_must_serve_is_asked_once_more_without_the_other_ways() -> None:
    check = declared("avoidable: [Seq Scan, Sort, Seq Scan on sites]")
    (probe,) = asked(check, SHOP, plan(SCAN, SORT))[2]

    assert isinstance(probe, Transaction)
    assert probe.settings == (("enable_seqscan", "off"), ("enable_sort", "off"))
    assert probe.statements[0].sql.startswith("EXPLAIN (VERBOSE, FORMAT JSON)\n")
    assert isinstance(answer(check, SHOP, plan(SCAN, SORT), plan(BY_INDEX, rows=None)), Passed)
    assert answer(check, SHOP, plan(SCAN, SORT), plan(SCAN, SORT, rows=None)) == Failed(
        "Seq Scan on public.orders can't be avoided: no index serves it\n"
        "Sort can't be avoided: no index serves it",
        hint=HINT,
    )


def test_what_finds_nothing_shows_nothing() -> None:
    nothing = {"Node Type": "Result"}

    assert judge("cost: 500", plan(BY_INDEX, rows=0)) == Inconclusive(
        "no row was returned: that shows nothing, unless `rows: 0` says that it is right"
    )
    assert isinstance(judge("cost: 500, rows: 0", plan(BY_INDEX, rows=0)), Passed)
    assert judge("cost: 500", plan(nothing)) == Inconclusive(
        "its plan touches no table: as whom it is sent, it finds nothing"
    )
    assert isinstance(judge("cost: 500", plan({"Node Type": "Function Scan"})), Passed)


@pytest.mark.parametrize(
    ("text", "refused", "outcome"),
    [
        ("cost: 5", "57014", Inconclusive("not done after 10 s; a longer `timeout` would decide it")),
        ("under: 1s", "57014", Failed("not done after 10 s, expected under 1 s", hint=HINT)),
        ("under: 20s", "57014", Inconclusive("not done after 10 s; a longer `timeout` would decide it")),
        ("cost: 5", "42P01", Inconclusive("told (SQLSTATE 42P01)")),
    ],
)
def test_a_query_that_is_refused(text: str, refused: str, outcome: Outcome) -> None:
    assert judge(text, Answers((Refused(refused, "told"),))) == outcome


@pytest.mark.parametrize("rows", [(), (("text",),), (([{"Plan": {}}],),)])
def test_what_is_no_plan_is_not_judged(rows: tuple[tuple[object, ...], ...]) -> None:
    assert judge("cost: 5", Answers((Rows((), rows),))) == Inconclusive("EXPLAIN has told no plan")


def test_without_answers_nothing_is_decided() -> None:
    refused = Inconclusive("the database did not answer: refused")
    as_shopper = declared("cost: 5, as: shopper")
    forced = declared("avoidable: [Sort]")

    assert answer(as_shopper, Silence("refused")) == refused
    assert answer(as_shopper, SHOP, Withheld("the login failed")) == Inconclusive(
        "the claims of shopper are not known: the login failed"
    )
    assert answer(as_shopper, SHOP, Claims({}), Silence("refused")) == refused
    assert answer(forced, SHOP, plan(BY_INDEX), Silence("refused")) == refused


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("timeout: 1s", "its plan may be anything"),
        ("cost: 5, as: nobody", "unknown identity 'nobody'"),
    ],
)
def test_a_query_expects_something_of_somebody(text: str, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        declared(text)


@pytest.mark.parametrize("key", ["rows: 1", "buffers_per_row: 3", "under: 1s"])
def test_what_only_running_tells_is_not_asked_of_a_change(key: str) -> None:
    with pytest.raises(Misuse, match="what changes rows is only planned"):
        declare("plans", "[{name: a, sql: delete from orders, KEY}]".replace("KEY", key), context())


@pytest.mark.parametrize("key", ["forbidden: [Seqscan]", "avoidable: [Limit]", "forbidden: []", "cost: 0"])
def test_nodes_and_limits_are_some(key: str) -> None:
    with pytest.raises(ValidationError):
        declared(key)
