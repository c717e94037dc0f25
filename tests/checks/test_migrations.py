"""The release's migrations beside those that were applied."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.catalog import Catalog, History, Migration, Server
from pytest_deploycheck.model.evidence import Evidence, Files, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Folder, Snapshot
from pytest_deploycheck.model.relation import Name, Unknown
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import declare

TABLES = {
    "supabase": "supabase_migrations.schema_migrations",
    "alembic": "public.alembic_version",
    "django": "public.django_migrations",
    "prisma": "public._prisma_migrations",
    "flyway": "public.flyway_schema_history",
    "liquibase": "public.databasechangelog",
    "sqitch": "sqitch.changes",
    "golang-migrate": "public.schema_migrations",
    "dbmate": "public.schema_migrations",
}


def history(tool: str, *applied: str | Migration) -> History:
    schema, _, table = TABLES[tool].partition(".")
    migrations = tuple(each if isinstance(each, Migration) else Migration(version=each) for each in applied)
    return History(tool=tool, table=Name(schema, table), applied=migrations)


def catalog(*histories: History) -> Catalog:
    return Catalog(server=Server(version=150018, database="shop", user="gate"), histories=histories)


def judged(text: str, *rounds: Evidence) -> list[Outcome]:
    """What the three checks conclude: pending, unknown, failed."""
    return [answer(check, *rounds) for check in declare("migrations", text)]


def files(*paths: str) -> Files:
    return Files(dict.fromkeys(paths))


DIRECTORY = "{directory: supabase/migrations, tool: supabase, runbook: WC-08}"
RELEASE = files("20260101_a.sql", "20260201_b.sql", "20260301_c.sql")
ALL = history("supabase", "20260101", "20260201", "20260301")


def test_three_checks_ask_for_the_files_and_the_catalog() -> None:
    made = declare("migrations", DIRECTORY)

    assert [check.title for check in made] == [
        "migrations: none pending",
        "migrations: none unknown",
        "migrations: none failed",
    ]
    assert {(check.spend, check.runbook) for check in made} == {(Spend(queries=1), ("WC-08",))}
    assert asked(made[0], RELEASE) == ((Folder(root=Path("/contract/supabase/migrations")),), (Snapshot(),))
    assert asked(declare("migrations", "{head: x}")[0]) == ((Snapshot(),),)


def test_all_of_the_release_and_nothing_else_was_applied() -> None:
    assert judged(DIRECTORY, RELEASE, catalog(ALL)) == [
        Passed("3 applied, the last is 20260301"),
        Passed("3 applied, all of the release"),
        Passed("3 applied"),
    ]


def test_pending_unknown_and_failed_are_told_apart() -> None:
    applied = history(
        "supabase", "20260101", "20260115", Migration(version="20260201", name="b", failed=True)
    )
    pending, unknown, failed = judged(DIRECTORY, RELEASE, catalog(applied))

    assert pending == Failed("1 pending: 20260301; 3 applied, the last is 20260201", hint="supabase db push")
    assert isinstance(unknown, Failed)
    assert unknown.reason == "1 applied that the release does not know: 20260115"
    assert isinstance(failed, Failed)
    assert failed.reason == "1 failed or never finished: 20260201 b"


def test_what_is_excepted_may_be_pending_or_unknown() -> None:
    text = "{versions: ['1', '2'], except: {'2': comes with the next window, '0': a hot fix}}"

    assert judged(text, catalog(history("dbmate", "0", "1")))[:2] == [
        Passed("2 applied, the last is 1"),
        Passed("2 applied, all of the release"),
    ]


def test_an_empty_table_has_everything_pending_and_proves_nothing_else() -> None:
    pending, unknown, failed = judged("{versions: ['1']}", catalog(history("dbmate")))

    assert pending == Failed("1 pending: 1; none applied", hint="dbmate up")
    assert unknown == failed
    assert unknown == Inconclusive("public.schema_migrations holds no migration: there is nothing to look at")


@pytest.mark.parametrize(
    ("tool", "listed", "applied", "pending", "unknown"),
    [
        ("prisma", ("1_a/migration.sql", "2_b/migration.sql"), ("1_a", "0_x"), "2_b", "0_x"),
        ("flyway", ("V1_0__a.sql", "V1_1__b.sql", "R__v.sql"), ("1", "9"), "1.1, R__v.sql", "9"),
        ("golang-migrate", ("01_a.up.sql", "02_b.up.sql", "03_c.up.sql"), ("2",), "3", ""),
        ("golang-migrate", ("01_a.up.sql",), ("7",), "1", "7"),
        ("dbmate", ("1_a.sql", "2_b.sql"), ("1",), "2", ""),
        (
            "django",
            ("shop/migrations/0001_a.py", "shop/migrations/0002_b.py"),
            ("auth.0001_initial", "shop.0001_a", "shop.0009_x"),
            "shop.0002_b",
            "shop.0009_x",
        ),
    ],
)
def test_each_tool_has_its_files(
    tool: str, listed: tuple[str, ...], applied: tuple[str, ...], pending: str, unknown: str
) -> None:
    outcomes = judged("{directory: migrations}", files(*listed), catalog(history(tool, *applied)))

    assert [_named(outcome) for outcome in outcomes[:2]] == [pending, unknown]


def _named(outcome: Outcome) -> str:
    reason = outcome.reason if isinstance(outcome, Failed) else ""
    return reason.partition(": ")[2].partition(";")[0]


ALEMBIC = Files({f"{name}.py": f"revision = '{name}'\ndown_revision = {before!r}" for name, before in (
    ("a", None), ("b", "a"), ("c", "b"),
)})  # fmt: skip


@pytest.mark.parametrize(
    ("applied", "pending", "unknown"), [("c", "", ""), ("b", "c", ""), ("x", "a, b, c", "x")]
)
def test_a_head_of_alembic_stands_for_all_before_it(applied: str, pending: str, unknown: str) -> None:
    outcomes = judged("{directory: versions}", ALEMBIC, catalog(history("alembic", applied)))

    assert [_named(outcome) for outcome in outcomes[:2]] == [pending, unknown]


def test_a_baseline_of_flyway_stands_for_all_up_to_it() -> None:
    listed = files("V1__a.sql", "V2__b.sql", "V3__c.sql")
    baseline = Migration(version="2", name="<< Flyway Baseline >>")
    outcomes = judged("{directory: sql}", listed, catalog(history("flyway", baseline, "3")))

    assert [type(outcome) for outcome in outcomes] == [Passed, Passed, Passed]


@pytest.mark.parametrize("written", ["create-users", "ann:create-users", "db/one.sql::create-users::ann"])
def test_change_sets_of_liquibase_are_listed_by_id(written: str) -> None:
    applied = history("liquibase", "db/one.sql::create-users::ann")
    outcomes = judged(f"{{versions: ['{written}', orders]}}", catalog(applied))

    assert [_named(outcome) for outcome in outcomes[:2]] == ["orders", ""]


@pytest.mark.parametrize(
    ("applied", "pending", "unknown"),
    [
        (("1", "2"), Passed("2 applied, the last is 2"), Passed("2 applied, all of the release")),
        (
            ("1",),
            Failed("1 pending: 2; 1 applied, the last is 1", hint="dbmate up"),
            Inconclusive("head 2 is not applied: what stands behind it is not known"),
        ),
    ],
)
def test_of_a_head_alone_it_is_told_whether_it_is_the_last(
    applied: tuple[str, ...], pending: Outcome, unknown: Outcome
) -> None:
    assert judged("{head: '2'}", catalog(history("dbmate", *applied)))[:2] == [pending, unknown]


def test_what_stands_behind_the_head_is_unknown() -> None:
    for tool, applied in (("dbmate", ("1", "2", "3")), ("alembic", ("2", "3"))):
        unknown = judged("{head: '2'}", catalog(history(tool, *applied)))[1]

        assert _named(unknown) == "3"


@pytest.mark.parametrize(
    ("text", "rounds", "reason"),
    [
        (
            DIRECTORY,
            (Silence("there is no folder x"),),
            "the release's migrations were not read: there is no folder x",
        ),
        (DIRECTORY, (Withheld("over"),), "the release's migrations were not read: over"),
        (
            DIRECTORY,
            (RELEASE, Silence("connection refused")),
            "the database did not answer: connection refused",
        ),
        (
            DIRECTORY,
            (files("README.md"), catalog(ALL)),
            "no migration of supabase in supabase/migrations: nothing was compared",
        ),
        ("{head: x}", (catalog(),), "no table of a known tool in this database"),
        (
            "{head: x}",
            (catalog(ALL, history("django", "a.b")),),
            "several tables of migrations: supabase_migrations.schema_migrations (supabase), "
            "public.django_migrations (django); say tool or table",
        ),
        (
            "{head: x}",
            (catalog(History(tool="dbmate", table=Name("public", "m"), applied=Unknown("GRANT ..."))),),
            "public.m could not be read: GRANT ...",
        ),
        (
            "{directory: db}",
            (files("a.xml"), catalog(history("liquibase", "a::b::c"))),
            "the files of liquibase are not read: list the versions in the contract",
        ),
    ],
)
def test_without_both_sides_nothing_is_decided(text: str, rounds: tuple[Evidence, ...], reason: str) -> None:
    assert set(judged(text, *rounds)) == {Inconclusive(reason)}


def test_a_tool_whose_table_is_not_there_has_applied_nothing() -> None:
    pending, unknown, failed = judged(DIRECTORY, RELEASE, catalog(history("django", "a.b")))

    assert pending == Failed("no table of supabase in this database: nothing was ever applied")
    assert {unknown, failed} == {Inconclusive("no table of supabase in this database")}


def test_a_table_is_chosen_among_several() -> None:
    both = catalog(ALL, history("django", "a.0001_x"))

    assert judged("{head: a.0001_x, table: django_migrations}", both)[0] == Passed(
        "1 applied, the last is a.0001_x"
    )
    assert judged("{head: '20260301', tool: supabase}", both)[0] == Passed("3 applied, the last is 20260301")


@pytest.mark.parametrize(
    "text",
    [
        "{tool: supabase}",
        "{head: x, versions: [x]}",
        "{directory: x, head: x}",
        "{directory: db, tool: liquibase}",
    ],
)
def test_what_is_expected_is_told_in_one_way(text: str) -> None:
    with pytest.raises(Misuse):
        declare("migrations", text)


def test_a_tool_that_there_is_not_is_a_mistake() -> None:
    with pytest.raises(ValidationError):
        declare("migrations", "{head: x, tool: superbase}")
