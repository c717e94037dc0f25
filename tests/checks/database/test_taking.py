"""Counting every table before a deploy."""

from datetime import UTC, datetime

from pytest_deploycheck.checks.database.before import Before
from pytest_deploycheck.checks.database.counting import Counted
from pytest_deploycheck.checks.database.reader import Reader
from pytest_deploycheck.checks.database.taking import tables_of, take, where_and_when
from pytest_deploycheck.model.evidence import Answers, Refused, Rows, Silence
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.testing import conclude
from tests.checks.database.catalogs import catalog, table

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HERE = Rows((), (("shop", NOON),))
READER = Reader("rows", 5.0)
SHOP = catalog(
    table("orders"),
    table("days", kind="p"),
    table("days_1", partition_of=table("days").name),
    table("view", kind="v"),
    table("geometry", extension="postgis"),
    table("auth.users"),
)


def taken(*rounds: object) -> object:
    return conclude(take("prod", ("public",), READER, 1000), *rounds)  # type: ignore[arg-type]  # its outcome is no check's


def test_every_table_is_counted_but_what_is_part_of_one_or_of_an_extension() -> None:
    assert tables_of(SHOP, ("public",)) == ("public.orders", "public.days")
    assert tables_of(SHOP, ("public", "auth")) == ("public.orders", "public.days", "auth.users")


def test_the_counts_say_where_and_when() -> None:
    seen = Answers((Rows((), ((30,),)), Rows((), ((1001,),))))
    tables = {"public.orders": Counted(30), "public.days": Counted(1000, more=True)}

    before = Before(environment="prod", database="shop", at=NOON, tables=tables)
    assert taken(SHOP, HERE, seen) == (before, ())


def test_what_cannot_be_counted_is_told() -> None:
    seen = Answers((Refused("57014", "canceling"), Refused("42P01", "gone")))
    tables = {"public.orders": None, "public.days": None}

    assert taken(SHOP, HERE, seen) == (
        Before(environment="prod", database="shop", at=NOON, tables=tables),
        (
            "public.orders: no answer within 5 s; a longer `timeout` would decide it",
            "public.days: gone meanwhile",
        ),
    )


def test_without_tables_or_answers_there_are_no_counts() -> None:
    refused = Inconclusive("the database did not answer: refused")

    assert taken(catalog()) == Inconclusive("no table in public: nothing to count")
    assert taken(Silence("refused")) == refused
    assert taken(SHOP, Silence("refused")) == refused
    assert taken(SHOP, HERE, Silence("refused")) == refused
    assert conclude(where_and_when(), Rows((), ())) == Inconclusive(
        "the database does not say its name and time"
    )
