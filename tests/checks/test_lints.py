"""Every lint is a check of its own; findings fail, are waived one by one, or leave it open."""

from dataclasses import replace

import pytest

from pytest_deploycheck.catalog.lints.registry import LINTS
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.catalog import Bucket, Catalog, Publication, Sequence
from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.evidence import Answers, Refused, Rows, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import Snapshot, Transaction
from pytest_deploycheck.model.relation import Column, Name, Unknown
from pytest_deploycheck.testing import answer, asked
from tests.catalog.lints.shop import CATALOG, ORDERS, policy, with_orders
from tests.checks.contracts import context, declare, reading

TEXT = "{schemas: [public], tenant_columns: [client_id]}"
OPEN = with_orders(row_security=False, policies=())
TWO = replace(OPEN, relations=(*OPEN.relations, replace(OPEN.relations[0], name=Name("public", "sites"))))
NUMBERED = replace(ORDERS, columns=(*ORDERS.columns, Column(name="number", type="bigint")))
NUMBERS = Sequence(name=Name("public", "numbers"), last=7, table=ORDERS.name, column="number")
COUNTING = replace(CATALOG, relations=(NUMBERED,), sequences=(NUMBERS,))
READABLE = Answers((Rows((), ((1, True, False, True),)),))
WHY = "whoever calls the API as that role has every tenant's rows"


def lint(id_: str, text: str = TEXT, waived: frozenset[str] = frozenset()) -> Check:
    found = declare("lints", text, replace(reading(), waived=waived))
    return next(check for check in found if check.title == f"lint {id_}")


def told(row: tuple[object, ...]) -> Answers:
    return Answers((Rows((), (row,)),))


def test_every_lint_is_a_check_of_its_own() -> None:
    made = declare("lints", "{schemas: [public], tenant_columns: [], runbook: WC-12}", context("schema"))

    assert [check.title for check in made] == [f"lint {one.id}" for one in LINTS]
    assert {check.runbook for check in made} == {("WC-12",)}
    assert {check.title: check.spend for check in made if check.spend != Spend(queries=1)} == {
        "lint sequence_behind": Spend(queries=3)
    }


def test_each_lint_cites_the_items_that_it_proves() -> None:
    proves = "proves: {'index_*': WC-10, index_invalid: [WC-10, WC-12, WC-28]}"
    made = declare("lints", f"{TEXT[:-1]}, runbook: WC-12, {proves}}}")
    cited = {check.title: check.runbook for check in made}

    assert cited["lint rls_disabled"] == ("WC-12",)
    assert cited["lint index_duplicate"] == ("WC-12", "WC-10")
    assert cited["lint index_invalid"] == ("WC-12", "WC-10", "WC-28")


@pytest.mark.parametrize(
    "more", ["proves: {rls: WC-12}", "proves: {index_invalid: A}, without: {index_invalid: B}"]
)
def test_what_no_lint_proves_is_refused(more: str) -> None:
    with pytest.raises(Misuse, match="no lint that is run is called '"):
        declare("lints", f"{TEXT[:-1]}, {more}}}")


@pytest.mark.parametrize("id_", [one.id for one in LINTS if one.ask is None])
def test_a_catalog_without_a_fault_passes(id_: str) -> None:
    assert answer(lint(id_), CATALOG) == Passed(lacking=LACKING.get(id_, ""))


LACKING = {
    "auth_exposed": "there is no table in schema auth",
    "bucket_public": "there is no bucket",
    "bucket_unlimited": "there is no bucket",
    "storage_policy_open": "there is no table storage.objects",
    "publication_everything": "there is no publication",
    "publication_leaks": "there is no publication supabase_realtime",
    "publication_old_rows": "there is no publication supabase_realtime",
    "realtime_policy_open": "there is no table realtime.messages",
}
"""What lints of a platform say of a plain database: they pass, and prove nothing."""


def test_where_there_is_something_to_look_at_that_is_fine_nothing_lacks() -> None:
    tables = [
        replace(ORDERS, name=Name(*name), grants=(), policies=())
        for name in (("auth", "users"), ("storage", "objects"), ("realtime", "messages"))
    ]
    catalog = replace(
        CATALOG,
        relations=(ORDERS, *tables),
        buckets=(Bucket(id="files", public=False, size_limit=1, types=("image/png",)),),
        publications=(Publication(name="supabase_realtime"),),
    )

    assert {id_: answer(lint(id_), catalog) for id_ in LACKING} == dict.fromkeys(LACKING, Passed())


def test_a_bucket_that_may_not_be_read_is_not_taken_for_none() -> None:
    outcome = answer(lint("bucket_public"), replace(CATALOG, buckets=Unknown("permission denied")))

    assert isinstance(outcome, Inconclusive)


def test_a_finding_fails_with_the_object_the_reason_and_the_mending_sql() -> None:
    outcome = answer(lint("rls_disabled"), OPEN)

    assert outcome == Failed(
        "public.orders: row-level security is off, and authenticated may SELECT\n"
        "    ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY;",
        hint=f"{WHY}; ALTER TABLE t ENABLE ROW LEVEL SECURITY, and a policy; or revoke the privileges",
    )


def test_several_findings_are_counted_in_the_first_line_and_told_below() -> None:
    outcome = answer(lint("rls_disabled"), TWO)

    assert isinstance(outcome, Failed)
    assert outcome.reason.splitlines() == [
        "public.orders: row-level security is off, and authenticated may SELECT (and 1 more)",
        "    ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY;",
        "public.sites: row-level security is off, and authenticated may SELECT",
        "    ALTER TABLE public.sites ENABLE ROW LEVEL SECURITY;",
    ]


def test_what_is_only_worth_knowing_passes_with_a_note_and_fails_where_that_is_asked_for() -> None:
    catalog = with_orders(policies=(policy(roles=("",)),), grants=())
    catalog = replace(catalog, relations=(replace(catalog.relations[0], grants=ORDERS.grants),))
    anonymous = "{schemas: [public], tenant_columns: [client_id], anonymous: [authenticated]}"
    strict = f"{anonymous[:-1]}, fail_from: info}}"

    assert answer(lint("policy_for_public", anonymous), catalog) == Passed(
        "info: public.orders.orders_select: is for every role, authenticated included"
    )
    assert isinstance(answer(lint("policy_for_public", strict), catalog), Failed)


def test_below_the_level_asked_for_a_warning_passes_with_a_note() -> None:
    lenient = f"{TEXT[:-1]}, fail_from: error}}"
    catalog = with_orders(constraints=())

    assert isinstance(answer(lint("primary_key_missing"), catalog), Failed)
    assert answer(lint("primary_key_missing", lenient), catalog) == Passed(
        "warning: public.orders: has no primary key: "
        "rows can't be told apart, replicated or mended one by one"
    )


def test_a_finding_that_a_waiver_names_is_a_check_of_its_own() -> None:
    waived = frozenset({"schema::lint rls_disabled public.orders"})
    whole, one = lint("rls_disabled", TEXT, waived), lint("rls_disabled public.orders", TEXT, waived)

    main, single = answer(whole, TWO), answer(one, TWO)
    assert isinstance(main, Failed)
    assert isinstance(single, Failed)
    assert main.reason.startswith("public.sites: ")
    assert "public.orders" not in main.reason
    assert single.reason.startswith("public.orders: ")
    assert answer(whole, OPEN) == Passed()
    assert answer(one, CATALOG) == Passed("public.orders: no longer found, its waiver can go")


@pytest.mark.parametrize(
    "waived", ["schema::*", "schema::lint rls_disabled public.*", "schema::lint rls_disabled"]
)
def test_a_pattern_or_a_whole_lint_makes_no_check_of_its_own(waived: str) -> None:
    made = declare("lints", TEXT, replace(context("schema"), waived=frozenset({waived})))

    assert len(made) == len(LINTS)


def test_a_lint_may_be_left_out_with_a_reason() -> None:
    made = declare("lints", f"{TEXT[:-1]}, without: {{index_duplicate: later}}}}")

    assert len(made) == len(LINTS) - 1
    with pytest.raises(Misuse, match="no lint is called 'index_dupes'"):
        declare("lints", f"{TEXT[:-1]}, without: {{index_dupes: later}}}}")


def test_an_anonymous_role_is_one_of_the_api() -> None:
    with pytest.raises(Misuse, match="'web' is no API role"):
        declare("lints", f"{TEXT[:-1]}, anonymous: [web]}}")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{schemas: [shop], tenant_columns: []}", "there is no schema shop: nothing to look at"),
        ("{schemas: [storage], tenant_columns: []}", "there is no table in storage: nothing to look at"),
        (
            "{schemas: [public], tenant_columns: [], api_roles: [web]}",
            "there is no role web: `api_roles` and `login_roles` say who asks",
        ),
    ],
)
def test_where_there_is_nothing_to_look_at_nothing_is_decided(text: str, reason: str) -> None:
    assert answer(lint("rls_disabled", text), CATALOG) == Inconclusive(reason)


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (Silence("connection refused"), "the database did not answer: connection refused"),
        (Withheld("no `database`"), "the database was not asked: no `database`"),
    ],
)
def test_without_the_catalog_nothing_is_decided(seen: Silence | Withheld, reason: str) -> None:
    assert answer(lint("rls_disabled"), seen) == Inconclusive(reason)


def test_what_could_not_be_looked_at_keeps_it_open_and_does_not_hide_a_finding() -> None:
    hidden = Sequence(name=Name("public", "ids"), last=Unknown("GRANT SELECT ON SEQUENCE public.ids TO gate"))
    full = Sequence(name=Name("public", "full"), maximum=10, last=10)
    grant = "public.ids: it may not be read: GRANT SELECT ON SEQUENCE public.ids TO gate"

    assert answer(lint("sequence_near_end"), replace(CATALOG, sequences=(hidden,))) == Inconclusive(grant)
    outcome = answer(lint("sequence_near_end"), replace(CATALOG, sequences=(hidden, full)))
    assert isinstance(outcome, Failed)
    assert outcome.reason.splitlines()[0] == "public.full: has used 100% of its numbers (10 of 10)"
    assert outcome.reason.splitlines()[-1] == f"not looked at: {grant}"


def behind(*rounds: Answers, catalog: Catalog = COUNTING) -> object:
    return answer(lint("sequence_behind"), catalog, *((one,) for one in rounds))


def test_a_sequence_is_compared_with_its_column_as_the_role_that_sees_every_row() -> None:
    (snapshot,), (privileges,), (numbers,) = asked(lint("sequence_behind"), COUNTING, READABLE)

    assert isinstance(snapshot, Snapshot)
    assert isinstance(privileges, Transaction)
    assert isinstance(numbers, Transaction)
    assert (numbers.role, numbers.settings) == ("rows", (("row_security", "off"),))
    assert numbers.statements[0].sql == (
        "SELECT 0, (SELECT max(number) FROM public.orders), last_value, is_called FROM public.numbers"
    )


@pytest.mark.parametrize(
    ("highest", "last", "called", "fails"),
    [
        (7, 7, True, False),
        (8, 7, True, True),
        (7, 7, False, True),
        (6, 7, False, False),
        (None, 1, False, False),
    ],
)
def test_a_sequence_that_hands_out_what_is_taken_fails(
    highest: int | None, last: int, *, called: bool, fails: bool
) -> None:
    assert isinstance(behind(READABLE, told((0, highest, last, called))), Failed) is fails


def test_what_the_next_insert_would_get_is_said() -> None:
    outcome = behind(READABLE, told((0, 12, 7, True)))

    assert isinstance(outcome, Failed)
    assert outcome.reason.splitlines() == [
        "public.numbers: hands out 8 next, and public.orders.number has 12",
        "    SELECT setval('public.numbers', 12);",
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((1, False, False, True), "public.orders may not be read: GRANT SELECT ON public.orders"),
        ((1, True, True, True), "policies hide rows of public.orders: `database_reader`"),
        ((1, True, False, False), "it may not be read: GRANT SELECT ON SEQUENCE public.numbers"),
        ((2, True, False, True), "it was there a moment ago"),
    ],
)
def test_what_the_reader_may_not_read_is_said_with_what_would_decide_it(
    row: tuple[object, ...], reason: str
) -> None:
    outcome = behind(told(row))

    assert isinstance(outcome, Inconclusive)
    assert outcome.reason.startswith(f"public.numbers: {reason}")


@pytest.mark.parametrize(
    "rounds",
    [
        (Answers((Refused("57014", "canceled"),)),),
        (READABLE, Answers((Refused("57014", "canceled"),))),
        (READABLE, Answers((Rows((), ()),))),
    ],
)
def test_tables_that_do_not_answer_leave_it_open(rounds: tuple[Answers, ...]) -> None:
    assert isinstance(behind(*rounds), Inconclusive)


def test_without_a_sequence_that_a_column_owns_nothing_is_asked() -> None:
    assert behind(catalog=CATALOG) == Passed()
