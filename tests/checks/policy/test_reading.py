"""What it means what an actor sees, or is refused."""

from dataclasses import replace

import pytest

from pytest_deploycheck.checks.policy.actors import Sees
from pytest_deploycheck.checks.policy.census import Census, Group
from pytest_deploycheck.checks.policy.findings import Finding, Held, Open, Undecided
from pytest_deploycheck.checks.policy.looking import Seen
from pytest_deploycheck.checks.policy.reading import judge
from pytest_deploycheck.checks.policy.scene import Scene
from pytest_deploycheck.checks.policy.subjects import Belongs
from pytest_deploycheck.model.evidence import Refused
from tests.checks.policy.scenes import BOTH, MINE, A, B, policy, relation, scene, subject

ORDERS = subject(relation(policy("orders_select")))
OWN = Seen(own=frozenset({A}))
LEAK = Seen(own=frozenset({A}), other=B)
ONLY_A = Census({A: Group(("{}",))})


def only(known: Scene) -> Finding:
    (finding,) = judge(known)
    return finding


def test_own_rows_and_no_others_are_isolation() -> None:
    assert only(scene(ORDERS, OWN)) == Held("public.orders", "by rows of other tenants that it does not show")


def test_a_single_row_of_another_tenant_is_a_leak_and_the_policy_is_named() -> None:
    open_ = policy("preview", using="true")
    known = scene(subject(relation(policy("orders_select"), open_)), LEAK, takes={MINE: (A,), "true": (A, B)})

    assert only(known) == Open(
        "public.orders",
        "shows rows of b",
        'ALTER POLICY "preview" ON "public"."orders" USING (client_id = ...);',
        "policy preview (USING): true",
    )


def test_a_restrictive_policy_is_not_to_blame() -> None:
    fence = policy("fence", using="true", permissive=False)
    known = scene(
        subject(relation(policy("orders_select"), fence)), LEAK, takes={MINE: (A, B), "true": (A, B)}
    )

    assert "policy orders_select" in str(only(known))
    assert "fence" not in str(only(known))


def test_without_row_level_security_a_table_is_open_even_if_it_shows_nothing() -> None:
    one = subject(relation(row_security=False))

    assert only(scene(one, OWN, applies=False)) == Open(
        "public.orders",
        "row-level security is off",
        'ALTER TABLE "public"."orders" ENABLE ROW LEVEL SECURITY;',
    )
    assert "it shows rows of b" in str(only(scene(one, LEAK, applies=False)))


def test_an_owner_passes_policies_by_unless_they_are_forced() -> None:
    assert "authenticated counts as its owner" in str(only(scene(ORDERS, OWN, applies=False)))


def test_a_role_that_is_exempt_is_told_once_with_what_it_sees() -> None:
    assert only(scene(ORDERS, LEAK, applies=False, bypass=True)) == Open(
        "authenticated",
        "the role has BYPASSRLS: no policy holds anybody who acts as it;"
        " it sees rows of others in public.orders (b)",
        'ALTER ROLE "authenticated" NOBYPASSRLS;',
    )


def test_own_rows_that_are_hidden_are_a_failure_too() -> None:
    hidden, *rest = judge(scene(ORDERS, Seen(), takes={MINE: ()}))

    assert isinstance(hidden, Undecided)
    assert rest == [
        Open("public.orders", "hides the rows of a", "-- public.orders: policy orders_select (USING)")
    ]


def test_who_may_see_no_row_is_not_missing_one() -> None:
    one = subject(relation(policy("orders_select")), optional=True)

    assert [type(each) for each in judge(scene(one, Seen()))] == [Undecided, Held]
    assert isinstance(only(scene(ORDERS, Seen(), sees=Sees.OPTIONAL)), Held)


def test_rows_for_some_roles_only_are_shown_to_those() -> None:
    one = subject(relation(policy("orders_select")), readers=frozenset({"admin"}))

    assert isinstance(only(scene(one, OWN, is_a=("admin",))), Held)
    assert "its own tenant, which only admin may read" in str(only(scene(one, OWN)))
    assert "hides the rows of a" in str(list(judge(scene(one, Seen(), is_a=("admin",)))))


def test_rows_of_no_tenant_are_shown_to_nobody_unless_the_contract_says_why() -> None:
    seen = Seen(own=frozenset({A}), none=True)

    assert "shows rows of no tenant" in str(only(scene(ORDERS, seen)))
    assert isinstance(only(scene(subject(ORDERS.relation, unowned=True), seen)), Held)


def test_showing_nothing_of_others_proves_nothing_where_others_own_nothing() -> None:
    by_status = policy("by_status", using="s", columns=("status",))
    wide = subject(relation(policy("orders_select"), by_status))

    assert isinstance(only(scene(wide, OWN, ONLY_A)), Undecided)
    assert isinstance(only(scene(wide, OWN, ONLY_A, {MINE: (A,), "s": ()})), Undecided)


def test_an_empty_table_is_judged_by_policies_that_use_the_tenant_alone() -> None:
    held = only(scene(ORDERS, OWN, ONLY_A, takes={MINE: (A,)}))
    taken = only(scene(ORDERS, OWN, ONLY_A, takes={MINE: (A, B)}))

    assert held == Held("public.orders", "by policies, for want of such rows")
    assert isinstance(taken, Open)
    assert taken.what == "shows rows of b as soon as there are any"


def test_without_a_policy_for_reading_nothing_is_shown() -> None:
    one = subject(relation())

    assert only(scene(one, Seen(), Census(), {}, sees=Sees.NOTHING)) == Held(
        "public.orders", "by policies, for want of such rows"
    )


@pytest.mark.parametrize(
    ("refused", "rights", "why"),
    [
        (Refused("42501", "permission denied for function f"), {}, "reading it fails, which is no isolation"),
        (Refused("42501", "permission denied"), {"tells": False}, "authenticated may not read client_id"),
        (Refused("57014", "canceling statement due to statement timeout"), {}, "would decide it"),
        (Refused("42P17", "infinite recursion detected"), {}, "infinite recursion"),
    ],
)
def test_an_error_is_no_isolation(refused: Refused, rights: dict[str, bool], why: str) -> None:
    findings = list(judge(scene(ORDERS, refused, rights=rights, sees=Sees.NOTHING)))

    assert [type(each) for each in findings] == [Undecided]
    assert why in str(findings)


def test_without_a_privilege_nothing_is_read_and_it_is_said_so() -> None:
    assert only(scene(ORDERS, held=frozenset({"DELETE"}), sees=Sees.NOTHING)) == Held(
        "public.orders", "denied by privilege"
    )


def test_rows_that_could_not_be_counted_prove_nothing() -> None:
    counted = only(scene(ORDERS, OWN, Refused("42501", "permission denied for table orders")))

    assert isinstance(counted, Undecided)
    assert "whose its rows are: permission denied for table orders" in counted.why


def test_what_row_level_security_never_holds_must_not_be_readable() -> None:
    view = subject(relation(kind="m"))

    assert only(scene(view, LEAK)) == Open(
        "public.orders",
        "row-level security never applies to materialised views; it shows rows of b",
        'REVOKE DELETE, INSERT, SELECT, UPDATE ON "public"."orders" FROM "authenticated";',
    )


def test_a_view_that_reads_as_its_owner_is_named_as_the_cause() -> None:
    view = subject(relation(kind="v"))

    assert "it is a view that reads as its owner, postgres" in str(only(scene(view, LEAK)))


@pytest.mark.parametrize(
    ("version", "mend"),
    [
        (150000, 'ALTER VIEW "public"."orders" SET (security_invoker = true);'),
        (
            140023,
            'REVOKE ALL ON "public"."orders" FROM "authenticated"; '
            "-- a view of PostgreSQL 14 always reads as its owner",
        ),
    ],
)
def test_a_view_is_mended_as_its_server_can(version: int, mend: str) -> None:
    known = scene(subject(relation(kind="v")), LEAK)
    server = replace(known.catalog.server, version=version)
    (found,) = judge(replace(known, catalog=replace(known.catalog, server=server)))

    assert isinstance(found, Open)
    assert found.mend == mend


def test_the_service_must_see_the_rows_of_every_tenant() -> None:
    held = only(scene(ORDERS, Seen(own=frozenset({A, B})), sees=Sees.ALL))
    blind = only(scene(ORDERS, OWN, sees=Sees.ALL))

    assert held == Held("public.orders", "shows rows of every tenant")
    assert blind == Open("public.orders", "hides the rows of b", 'ALTER ROLE "authenticated" BYPASSRLS;')


def test_what_is_private_shows_no_row() -> None:
    one = subject(relation(), belongs=Belongs.PRIVATE, owner=None)

    assert only(scene(one, Seen(), sees=Sees.NOTHING)) == Held("public.orders", "private")
    assert "shows rows, and is private" in str(only(scene(one, Seen(any=True), sees=Sees.NOTHING)))
    assert "may be read, and is private" in str(
        only(
            scene(
                subject(relation(row_security=False), belongs=Belongs.PRIVATE, owner=None),
                Seen(),
                applies=False,
                sees=Sees.NOTHING,
            )
        )
    )


def test_what_nothing_tells_the_tenant_of_is_open_or_undecided_unless_it_shows_nothing() -> None:
    one = subject(relation(policy("p")), belongs=Belongs.UNKNOWN, owner=None)
    off = subject(relation(row_security=False), belongs=Belongs.UNKNOWN, owner=None)
    stranger = Sees.NOTHING

    assert isinstance(only(scene(off, Seen(), applies=False, sees=stranger)), Open)
    assert isinstance(only(scene(one, Seen(any=True), sees=stranger)), Undecided)
    assert isinstance(only(scene(one, Seen(), Census(), sees=stranger)), Undecided)
    assert only(scene(one, Seen(), BOTH, sees=stranger)) == Held("public.orders", "shows nothing")


def test_a_view_that_reads_as_whoever_asks_adds_nothing_to_its_tables() -> None:
    view = subject(relation(kind="v", security_invoker=True), belongs=Belongs.UNKNOWN, owner=None)

    assert list(judge(scene(view, Seen(any=True), sees=Sees.NOTHING))) == []


def test_who_sees_none_of_its_own_rows_anywhere_may_not_be_who_it_seems() -> None:
    first, *_ = judge(scene(ORDERS, Seen(), ONLY_A, takes={MINE: ()}))

    assert first == Undecided("ann", "it sees no row of its own anywhere: its claims may not take effect")
