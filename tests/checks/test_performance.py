"""What a server says about its own work, as hand-made answers tell it."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from pytest_deploycheck.checks.language.amount import parse_size, told_duration, told_size
from pytest_deploycheck.checks.language.part import MistakeError
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.catalog import Catalog, Server
from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.evidence import Answers, Evidence, Refused, Rows, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Transaction
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import declare, declare_one, reading
from tests.checks.database.catalogs import table

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR_AGO = NOON - timedelta(hours=1)
MODERN = ["query", "calls", "mean_exec_time"]
GRANT = "GRANT pg_read_all_stats TO the database's login"


def item(text: str) -> Check:
    return declare_one("performance", f"{{{text}}}", reading())


STATEMENTS = item("statements: {calls: 10, except: {refresh_totals: by night}}")
CACHE = item("cache_hit_rate: {}")
STATISTICS = item("statistics: {}")
SCANS = item("sequential_scans: {}")
TRANSACTIONS = item("transactions: {}")
REPLICATION = item("replication: {standbys: 1}")
ARCHIVING = item("archiving: {}")


def told(*tables: tuple[tuple[object, ...], ...]) -> Answers:
    return Answers(tuple(Rows((), rows) for rows in tables))


def there(columns: list[str] = MODERN, *, info: bool = True) -> Answers:
    return told((("ext", columns, info),))


def statements(
    *slow: tuple[object, ...],
    judged: int = 5,
    hidden: int = 0,
    reset: datetime | None = HOUR_AGO,
    gone: int = 0,
) -> Answers:
    return told(((8, judged, hidden, reset, gone, NOON),), slow)


# --- the kind


def test_every_key_is_a_check_of_its_own_with_the_runbook_of_all() -> None:
    made = declare(
        "performance",
        "{runbook: WC-28, statements: {name: slow}, sizes: {runbook: WC-30, hint: look}, hint: h}",
    )

    assert [(check.title, check.runbook, check.hint) for check in made] == [
        ("performance sizes", ("WC-28", "WC-30"), "look"),
        ("slow", ("WC-28",), "h"),
    ]
    assert [check.spend for check in made] == [Spend(queries=1), Spend(queries=3)]


def test_nothing_is_asked_that_the_contract_does_not_ask() -> None:
    with pytest.raises(Misuse, match="nothing is asked"):
        declare("performance", "{runbook: WC-28}")
    with pytest.raises(ValidationError):
        declare("performance", "{statement: {}}")


@pytest.mark.parametrize(
    "check", [STATEMENTS, CACHE, STATISTICS, SCANS, TRANSACTIONS, REPLICATION, ARCHIVING, item("sizes: {}")]
)
@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (Silence("refused"), "the database did not answer: refused"),
        (Withheld("no `database`"), "the database was not asked: no `database`"),
    ],
)
def test_without_the_database_nothing_is_decided(check: Check, evidence: Evidence, reason: str) -> None:
    assert answer(check, evidence) == Inconclusive(reason)


@pytest.mark.parametrize("check", [CACHE, STATISTICS, SCANS, TRANSACTIONS, REPLICATION, ARCHIVING])
def test_what_is_refused_is_not_judged(check: Check) -> None:
    outcome = answer(check, Answers((Refused("42501", "permission denied"),)))

    assert isinstance(outcome, Inconclusive)
    assert outcome.reason.endswith("permission denied (SQLSTATE 42501)")


# --- statements


def test_quick_statements_pass() -> None:
    assert answer(STATEMENTS, there(), statements()) == Passed(
        "5 of 8 statements were called 10 times or more, since the reset 1 h ago"
    )
    assert answer(STATEMENTS, there(), statements(gone=3)) == Passed(
        "5 of 8 statements were called 10 times or more, since the reset 1 h ago; "
        "3 times the rarest were forgotten (pg_stat_statements.max)"
    )


def test_slow_statements_are_told_the_slowest_first() -> None:
    slow = ("select  a\nfrom b", 12, 812.4, "app"), ("call refresh_totals()", 30, 9000.0, "app")

    assert answer(STATEMENTS, there(), statements(*slow)) == Failed(
        "1 statement takes 200 ms or longer, since the reset 1 h ago\n"
        "812 ms on average of 12 calls as app: select a from b",
        hint="EXPLAIN (ANALYZE, BUFFERS) the first, as the role that calls it",
    )


def test_a_long_statement_is_cut_and_many_are_not_all_shown() -> None:
    outcome = answer(STATEMENTS, there(), statements(*[("x" * 200, 12, 300.0, "app")] * 100))

    assert isinstance(outcome, Failed)
    lines = outcome.reason.splitlines()
    assert lines[0].startswith("100 statements or more take 200 ms or longer")
    assert len(lines) == 11
    assert lines[1].endswith(f"as app: {'x' * 100}...")


def test_the_columns_that_there_are_are_asked_for() -> None:
    def sql(evidence: Answers) -> str:
        (probe,) = asked(STATEMENTS, evidence)[1]
        assert isinstance(probe, Transaction)
        return "\n".join(statement.sql for statement in probe.statements)

    modern, old = sql(there()), sql(there(["query", "calls", "mean_time"], info=False))
    assert "s.mean_exec_time >= 200.0" in modern
    assert '(SELECT i.stats_reset FROM "ext".pg_stat_statements_info AS i)' in modern
    assert "s.mean_time >= 200.0" in old
    assert "pg_stat_statements_info" not in old
    assert "rolname IN (session_user, 'rows')" in modern


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (
            statements(judged=0),
            "no statement but the gate's own was called 10 times, since the reset 1 h ago: nothing to judge",
        ),
        (
            statements(judged=0, reset=None),
            "no statement but the gate's own was called 10 times, since a reset that is not told: "
            "nothing to judge",
        ),
        (statements(hidden=4), f"4 statements of other roles are hidden: {GRANT}"),
    ],
)
def test_too_little_to_judge_says_what_would_decide_it(seen: Answers, reason: str) -> None:
    assert answer(STATEMENTS, there(), seen) == Inconclusive(reason)


@pytest.mark.parametrize("reset", [HOUR_AGO, None])
def test_averages_of_older_releases_are_not_judged(reset: datetime | None) -> None:
    check = item("statements: {reset_within: 30m}")
    outcome = answer(check, there(), statements(reset=reset))

    assert isinstance(outcome, Inconclusive)
    assert outcome.reason.endswith(
        "of older releases too, and at most 30 min are allowed: pg_stat_statements_reset() after the deploy"
    )


def test_without_the_extension_or_its_schema_nothing_is_judged() -> None:
    denied = Answers((Refused("42501", "permission denied for schema ext"), Rows((), ())))

    assert answer(STATEMENTS, told(())) == Inconclusive(
        "pg_stat_statements is not installed: CREATE EXTENSION pg_stat_statements, "
        "and name it in shared_preload_libraries"
    )
    assert answer(STATEMENTS, there(), denied) == Inconclusive(
        "slow statements: permission denied for schema ext (SQLSTATE 42501); "
        "GRANT USAGE ON SCHEMA ext TO the database's login"
    )
    assert answer(STATEMENTS, there(), Answers((Refused("55000", "must be loaded"), Rows((), ())))) == (
        Inconclusive("slow statements: must be loaded (SQLSTATE 55000)")
    )


# --- cache, sizes


@pytest.mark.parametrize(
    ("hit", "read", "outcome"),
    [
        (99_000, 1_000, Passed("99.00% of 100000 blocks were found in the cache since monday")),
        (
            95_000,
            5_000,
            Failed(
                "95.00% of 100000 blocks were found in the cache since monday, expected above 95%",
                hint="a larger shared_buffers, or the query that reads so much",
            ),
        ),
        (
            9,
            0,
            Inconclusive("9 blocks were asked for since monday, fewer than 100000: too few to judge"),
        ),
    ],
)
def test_the_cache_is_judged_by_enough_blocks(hit: int, read: int, outcome: Outcome) -> None:
    assert answer(CACHE, told(((hit, read, "monday"),))) == outcome


def test_sizes_count_partitions_with_their_table() -> None:
    days = table("days", kind="p")
    parts = [table(f"days_{n}", size=600 * 1024, partition_of=days.name) for n in (1, 2)]
    server = Server(version=150018, database="shop", user="gate", size=3 * 1024**3)
    shop = Catalog(server=server, relations=(days, *parts, table("view", kind="v"), table("small", size=9)))
    over = item("sizes: {tables: {public.days: 1MB}}")

    assert answer(item("sizes: {}"), shop) == Passed("database 3 GB; public.days 1.172 MB, public.small 9 B")
    assert answer(over, shop) == Failed(
        "public.days has 1.172 MB, expected under 1 MB", hint="what grew, and should it be kept?"
    )


def test_a_size_that_is_not_told_is_not_judged() -> None:
    unknown = Catalog(server=Server(version=150018, database="shop", user="gate"))

    assert answer(item("sizes: {}"), unknown) == Inconclusive(
        "the size of the database is not told: GRANT CONNECT ON DATABASE to the login"
    )


@pytest.mark.parametrize(
    ("text", "size"), [("1B", 1), ("2 kB", 2048), ("1.5MB", 1572864), ("10GB", 10 * 1024**3)]
)
def test_sizes_are_powers_of_1024(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("value", ["0MB", "10", "10gb", "-1B", 10, None, "0.4B"])
def test_a_size_has_a_unit_and_is_more_than_none(value: object) -> None:
    with pytest.raises(MistakeError):
        parse_size(value)


def test_amounts_are_told_as_people_read_them() -> None:
    assert [told_size(size) for size in (0, 1023, 1024, 1.5 * 1024**2)] == ["0 B", "1023 B", "1 kB", "1.5 MB"]
    assert [told_duration(s) for s in (0.0004, 0.5, 59, 90, 7200, 3e5)] == [
        "0.4 ms",
        "500 ms",
        "59 s",
        "1.5 min",
        "2 h",
        "3.47 d",
    ]


# --- statistics, scans

WEEK = 7 * 86400.0


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        (("a.b", 5000, 4000, WEEK - 1, True, True), Passed("1 table of 1000 rows or more, of 1")),
        (("a.b", 5000, 900, 9 * WEEK, True, True), Passed("1 table of 1000 rows or more, of 1")),
        (
            ("a.b", 5000, 4000, None, True, True),
            Inconclusive("a.b: nobody knows when it was analysed; ANALYZE would decide it"),
        ),
        (("a.b", 5000, 40, None, True, True), Passed("1 table of 1000 rows or more, of 1")),
        (("a.b", 999, 999, None, False, True), Passed("0 tables of 1000 rows or more, of 1")),
        (
            ("a.b", 5000, 4000, WEEK, True, True),
            Failed("a.b: analysed 7 d ago, 4000 changes since of about 5000 rows"),
        ),
        (
            ("a.b", 5000, 0, None, False, True),
            Failed("a.b: never analysed, with about 5000 rows"),
        ),
        (
            ("a.b", 5000, 0, None, False, False),
            Inconclusive("a.b: its statistics are hidden; `database_reader` must see every row"),
        ),
    ],
)
def test_statistics_may_be_old_but_not_outdated(row: tuple[object, ...], outcome: Outcome) -> None:
    if isinstance(outcome, Failed):
        outcome = Failed(outcome.reason, hint="ANALYZE the table; is autovacuum on, and does it come round?")

    assert answer(STATISTICS, told((row,))) == outcome


def test_without_tables_nothing_is_judged() -> None:
    assert answer(STATISTICS, told(())) == Inconclusive("there is no table")
    assert answer(SCANS, told(())) == Inconclusive("there is no table")


def test_a_table_is_judged_once_it_was_scanned_often() -> None:
    def judged(*rows: tuple[object, ...]) -> Outcome:
        return answer(SCANS, told(rows))

    assert judged(("a.b", 20_000, 499, 501), ("a.c", 20_000, 9, 0), ("a.d", 9, 9999, 0)) == Passed(
        "1 of 2 tables with 10000 rows or more were scanned often"
    )
    assert judged(("a.b", 20_000, 500, 500)) == Failed(
        "a.b: 50% of 1000 scans read all of about 20000 rows, expected under 50%",
        hint="an index for what the WHERE of those queries compares",
    )
    assert judged(("a.b", 20_000, 499, 500)) == Inconclusive(
        "1 large table, none with 1000 scans since the statistics were reset: too few to judge"
    )


# --- transactions


def session(**seen: object) -> tuple[object, ...]:
    base: dict[str, object] = {
        "pid": 7,
        "user": "app",
        "application": "api",
        "state": "active",
        "hidden": False,
        "age": None,
        "idle": None,
        "waiting": None,
        "blockers": None,
    }
    return tuple({**base, **seen}.values())


@pytest.mark.parametrize(
    ("seen", "fault"),
    [
        (session(age=300.0), "app (api, pid 7) has a transaction open for 5 min, active"),
        (
            session(age=900.0, idle=60.0, state="idle in transaction", application=""),
            "app (no application_name, pid 7) is idle in transaction for 1 min",
        ),
        (
            session(age=12.0, waiting=10.0, blockers=[8, 8, 9]),
            "app (api, pid 7) waits for a lock for 10 s, held by pid 8, 9",
        ),
        (
            session(waiting=10.0, blockers=[]),
            "app (api, pid 7) waits for a lock for 10 s, held by pid unknown",
        ),
    ],
)
def test_transactions_that_hold_up_others_are_told(seen: tuple[object, ...], fault: str) -> None:
    assert answer(TRANSACTIONS, told((session(age=1.0), seen), ())) == Failed(
        fault, hint="SELECT pg_terminate_backend(pid), once it is known whose it is"
    )


def test_a_prepared_transaction_that_nobody_ends_is_told() -> None:
    outcome = answer(TRANSACTIONS, told((), (("app", 400.0), ("app", 3.0))))

    assert isinstance(outcome, Failed)
    assert outcome.reason == "a prepared transaction of app waits for COMMIT PREPARED for 6.67 min"


def test_what_is_hidden_may_be_anything() -> None:
    outcome = answer(TRANSACTIONS, told((session(hidden=True), session(age=1.0, idle=1.0)), ()))

    assert outcome == Inconclusive(f"what 1 session does is hidden: {GRANT}")
    assert answer(TRANSACTIONS, told((session(age=1.0),), ())) == Passed("1 session, 1 in a transaction")


# --- replication

PRIMARY = ((False, None),)


def replicated(
    *standbys: tuple[object, ...], slots: tuple[tuple[object, ...], ...] = (), check: Check = REPLICATION
) -> Outcome:
    return answer(check, told(PRIMARY, standbys, slots))


def test_a_standby_that_keeps_up_passes() -> None:
    assert replicated(("b", "streaming", 0.2, 1024), slots=(("b", True, "reserved", 1024**3),)) == Passed(
        "1 standby, at most 1 kB behind; 1 slot"
    )
    assert isinstance(replicated(("b", "streaming", None, 0)), Passed)


@pytest.mark.parametrize(
    ("standbys", "slots", "fault"),
    [
        ((), (), "0 standbys are connected, expected 1"),
        (
            (("b", "streaming", 31.0, 9),),
            (),
            "standby b is 31 s behind, expected under 30 s",
        ),
        (
            (("b", "streaming", 31.0, 64 * 1024**2),),
            (),
            "standby b is 64 MB behind, expected under 64 MB",
        ),
        ((("b", "catchup", 0.0, 9),), (), "standby b is in state catchup"),
        (
            (("b", "streaming", 0.0, 9),),
            (("old", False, "extended", 1024**3),),
            "slot old is read by nobody and keeps 1 GB of the log",
        ),
        (
            (("b", "streaming", 0.0, 9),),
            (("old", False, "lost", None),),
            "slot old has lost what its reader still needs (lost)",
        ),
    ],
)
def test_what_is_behind_is_told(
    standbys: tuple[tuple[object, ...], ...], slots: tuple[tuple[object, ...], ...], fault: str
) -> None:
    assert replicated(*standbys, slots=slots) == Failed(
        fault, hint="does the standby run, reach the primary, and keep up with what it writes?"
    )


def test_a_standby_whose_state_is_hidden_is_not_judged() -> None:
    assert replicated(("b", None, None, None)) == Inconclusive(f"the state of 1 standby is hidden: {GRANT}")


def test_how_many_standbys_there_should_be_must_be_said_where_there_is_none() -> None:
    assert replicated(check=item("replication: {}")) == Inconclusive(
        "no standby is connected, and `standbys` does not say how many should be"
    )


@pytest.mark.parametrize(
    ("behind", "outcome"),
    [
        (0.0, Passed("this standby is 0 ms behind")),
        (
            30.0,
            Failed(
                "this standby is 30 s behind, expected under 30 s",
                hint="does the standby run, reach the primary, and keep up with what it writes?",
            ),
        ),
        (None, Inconclusive("this standby has replayed no transaction yet")),
    ],
)
def test_a_standby_says_how_far_behind_it_is_itself(behind: float | None, outcome: Outcome) -> None:
    assert answer(REPLICATION, told(((True, behind),), (), ())) == outcome


# --- archiving


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        (
            ("on", False, 7, 2, 60.0, 90.0, 9e9),
            Passed("7 segments archived, the last 1 min ago; 2 attempts failed"),
        ),
        (
            ("on", False, 7, 2, 60.0, 30.0, 9e9),
            Failed("the last attempt to archive failed 30 s ago, one of 2 that did"),
        ),
        (
            ("on", False, 0, 2, None, 30.0, 9e9),
            Failed("the last attempt to archive failed 30 s ago, one of 2 that did"),
        ),
        (
            ("on", False, 7, 0, 3600.0, None, 9e9),
            Failed("the last segment was archived 1 h ago, expected under 1 h"),
        ),
        (
            ("on", False, 0, 0, None, None, 7200.0),
            Inconclusive(
                "nothing was archived since the statistics were reset 2 h ago: "
                "SELECT pg_switch_wal() would show whether it works"
            ),
        ),
        (
            ("on", True, 0, 0, None, None, None),
            Inconclusive("a standby archives nothing with archive_mode = on: ask the primary"),
        ),
        (
            ("always", True, 7, 0, 60.0, None, None),
            Passed("7 segments archived, the last 1 min ago; 0 attempts failed"),
        ),
    ],
)
def test_the_archive_is_judged_by_its_last_segment(row: tuple[object, ...], outcome: Outcome) -> None:
    if isinstance(outcome, Failed):
        hint = "the server's log says why archive_command failed; is the archive full, reachable, writable?"
        outcome = Failed(outcome.reason, hint=hint)

    assert answer(ARCHIVING, told((row,))) == outcome


def test_without_archiving_there_is_no_recovery() -> None:
    assert answer(ARCHIVING, told((("off", False, 0, 0, None, None, None),))) == Failed(
        "archive_mode is off: no recovery to a point in time", hint="archive_mode = on needs a restart"
    )
