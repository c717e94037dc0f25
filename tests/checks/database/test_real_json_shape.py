"""JSON in a real database."""

from pytest_deploycheck.model.outcome import Failed, Passed
from tests.checks.contracts import declare_one, reading
from tests.standins.databases import ROWS, Wecelebrate

EVENTS = declare_one(
    "json_shape",
    "{table: public.analytics_events, key: event_type, value: payload, prefixes: {product_: {n: integer}}}",
    reading(ROWS),
)
KV = declare_one("json_shape", "{table: 'public.k%v', prefixes: {'a%': [text]}, rows: 2}", reading(ROWS))


def test_the_healthy_values_have_their_shape(shop: Wecelebrate) -> None:
    assert shop.outcome(EVENTS) == Passed("20 values")


def test_a_value_of_another_shape_is_found(shop: Wecelebrate) -> None:
    do = "update analytics_events set payload = '{\"n\": \"7\"}' where payload ->> 'n' = '7'"
    undo = "update analytics_events set payload = '{\"n\": 7}' where payload ->> 'n' = '7'"
    with shop.changed(do, undo):
        outcome = shop.outcome(EVENTS)

    assert outcome == Failed(
        "2 of 20 values have another shape\n"
        "$.n: expected integer, got string (2 times, such as product_view…)"
    )


def test_text_is_read_as_json_and_a_prefix_is_no_pattern(shop: Wecelebrate) -> None:
    do = """
    create table "k%v" (key text, value text);
    insert into "k%v" values ('a%1', '["x"]'), ('a%2', '[]'), ('a%3', '[]'), ('abc', 'no json')
    """
    with shop.changed(do, 'drop table "k%v"'):
        assert shop.outcome(KV) == Passed("2 of more values")


def test_a_large_table_is_sampled(shop: Wecelebrate) -> None:
    do = """
    create table "k%v" (key text, value jsonb);
    insert into "k%v" select 'a%' || n, '[]' from generate_series(1, 400000) as n; analyze "k%v"
    """
    with shop.changed(do, 'drop table "k%v"'):
        assert shop.outcome(KV) == Passed("2 of more values")
