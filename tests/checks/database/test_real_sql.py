"""Invariants against a real database: they see every row, change none, and end in time."""

import pytest

from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from tests.checks.contracts import declare_one, reading
from tests.standins.databases import ROWS, Wecelebrate


def hold(shop: Wecelebrate, text: str) -> Outcome:
    return shop.outcome(declare_one("sql", f"[{{{text}}}]", reading(ROWS)))


@pytest.mark.parametrize(
    "text",
    [
        "sql: select count(*) from orders, equals: 30",
        "sql: 'with a as (select client_id from public.orders) table a -- all', empty: false",
        "sql: 'select client_id, count(*) from clients c join orders o on o.client_id = c.id group by 1', "
        "equals: [[x, 1]]",
        "sql: select sum(total_cents) from orders where quantity > 1, at_least: 100",
        "sql: 'select 1 as a, 2 as a order by 1;', equals: [[1, 2]]",
        "sql: \"select '%s' like '%'\", equals: true",
    ],
)
def test_statements_of_any_form_are_answered(shop: Wecelebrate, text: str) -> None:
    assert isinstance(hold(shop, text), Failed if "[[x, 1]]" in text else Passed)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sql: select nextval('order_numbers'), at_least: 0", "permission denied for sequence"),
        ("sql: 'with a as (delete from orders returning 1) select * from a', empty: true", "SQLSTATE 0A000"),
        ("sql: select id from orders for update, empty: false", "SQLSTATE 25006"),
        ("sql: select pg_sleep(9), empty: false, timeout: 50ms", "no answer within 0.05 s"),
        ("sql: select 1 from nowhere, empty: false", "SQLSTATE 42P01"),
        ("sql: 'select 1) as a, (delete from orders', empty: false", "SQLSTATE"),
    ],
)
def test_what_writes_or_lasts_is_refused(shop: Wecelebrate, text: str, reason: str) -> None:
    outcome = hold(shop, text)

    assert isinstance(outcome, Inconclusive)
    assert reason in outcome.reason
    assert shop.one("select count(*) from public.orders") == (30,)
