"""What it means what an actor's role holds, and which rows policies would take from it."""

from dataclasses import replace

import pytest

from pytest_deploycheck.checks.policy.actors import Sees
from pytest_deploycheck.checks.policy.census import Census, Group
from pytest_deploycheck.checks.policy.doors import Door
from pytest_deploycheck.checks.policy.findings import Finding, Held, Open, Undecided
from pytest_deploycheck.checks.policy.looking import Seen
from pytest_deploycheck.checks.policy.scene import Scene
from pytest_deploycheck.checks.policy.subjects import Belongs
from pytest_deploycheck.checks.policy.writing import judge
from pytest_deploycheck.model.catalog import Function
from pytest_deploycheck.model.evidence import Refused
from pytest_deploycheck.model.relation import Column, Constraint, Name, Policy, Trigger
from tests.checks.policy.scenes import BOTH, MINE, A, B, policy, relation, scene, subject

OWN = Seen(own=frozenset({A}))
READ = policy("orders_select")


def inserts(check: str = MINE, **more: object) -> Policy:
    return policy("orders_insert", "a", None, check=check, **more)


def updates(using: str = MINE, check: str | None = None) -> Policy:
    return policy("orders_update", "w", using, check=check)


def deletes(using: str = MINE) -> Policy:
    return policy("orders_delete", "d", using)


def only(known: Scene) -> Finding:
    (finding,) = judge(known)
    return finding


def test_policies_that_take_own_rows_only_hold() -> None:
    one = subject(relation(READ, inserts(), updates(), deletes()))

    assert only(scene(one, OWN, takes={MINE: (A,)})) == Held("public.orders", "by its policies")


@pytest.mark.parametrize(
    ("wide", "what", "where"),
    [
        (inserts("true"), "takes new rows of b", "orders_insert (WITH CHECK)"),
        (updates("true", MINE), "lets rows of b be changed", "orders_update (USING)"),
        (updates(MINE, "true"), "lets rows be moved to b", "orders_update (WITH CHECK)"),
        (deletes("true"), "lets rows of b be deleted", "orders_delete (USING)"),
    ],
)
def test_a_policy_that_takes_rows_of_others_is_named(wide: Policy, what: str, where: str) -> None:
    finding = only(scene(subject(relation(READ, wide)), OWN, takes={MINE: (A,), "true": (A, B)}))

    assert isinstance(finding, Open)
    assert (finding.what, finding.cause) == (what, f"policy {where}: true")
    assert finding.mend.startswith(f'ALTER POLICY "{where.partition(" ")[0]}" ON "public"."orders"')


def test_an_update_without_a_check_of_its_own_checks_new_rows_by_its_using() -> None:
    one = subject(relation(READ, updates("true")))

    told = [str(each) for each in judge(scene(one, OWN, takes={MINE: (A,), "true": (A, B)}))]

    assert ["changed" in told[0], "moved" in told[1]] == [True, True]


def test_no_row_is_moved_by_who_gets_hold_of_none() -> None:
    one = subject(relation(READ, updates("never", "true")))
    reached = subject(relation(READ, updates(MINE, "true")))
    fixed = scene(reached, OWN, takes={MINE: (A,), "true": (A, B)}, rights={"moves": False})

    assert isinstance(only(scene(one, OWN, takes={"never": (), "true": (A, B)})), Held)
    assert isinstance(only(fixed), Held)


def test_a_row_cannot_be_planted_by_who_may_not_set_its_tenant() -> None:
    one = subject(relation(READ, inserts("true")))

    assert isinstance(only(scene(one, OWN, takes={"true": (A, B)}, rights={"plants": False})), Held)


def test_an_own_row_with_another_tenant_in_it_is_tried_too() -> None:
    rows = Census({A: Group(('{"client_id": "tenant-a", "author": "ann"}',)), B: Group(("{}",))})
    one = subject(relation(READ, inserts("author = me()", columns=("author",))))
    finding = only(scene(one, OWN, rows, {"author = me()": ("copy",)}))

    assert isinstance(finding, Open)
    assert (finding.what, finding.cause) == (
        "takes new rows of b",
        "policy orders_insert (WITH CHECK): author = me()",
    )


def test_a_row_that_no_foreign_key_lets_in_is_not_held_against_its_policy() -> None:
    key = Constraint(
        name="k", kind="f", definition="", columns=("client_id", "site"), references=Name("public", "sites")
    )
    rows = Census({A: Group(('{"client_id": "tenant-a", "site": "1"}',)), B: Group(("{}",))})
    tied = relation(READ, inserts("site = ours()", columns=("site",)), constraints=(key,))
    tied = replace(tied, columns=(*tied.columns, Column(name="site", type="text")))

    assert isinstance(only(scene(subject(tied), OWN, rows, {"site = ours()": ("copy",)})), Held)


def test_members_do_not_write_what_only_others_may() -> None:
    one = subject(relation(READ, deletes()), writers=frozenset({"admin"}))

    assert isinstance(only(scene(one, OWN, takes={MINE: (A,)}, is_a=("admin",))), Held)
    assert "its own tenant (which only admin may) be deleted" in str(
        only(scene(one, OWN, takes={MINE: (A,)}))
    )


def test_without_row_level_security_anybody_writes_any_row() -> None:
    one = subject(relation(row_security=False))

    assert only(scene(one, OWN, applies=False)) == Open(
        "public.orders",
        "anybody may insert, update and delete any row: row-level security is off",
        'ALTER TABLE "public"."orders" ENABLE ROW LEVEL SECURITY;',
    )


def test_without_a_privilege_nothing_is_written_and_it_is_said_so() -> None:
    one = subject(relation(READ))

    assert only(scene(one, OWN, held=frozenset({"SELECT"}))) == Held("public.orders", "denied by privilege")


def test_privileges_that_no_policy_holds_are_told_where_the_contract_is_strict() -> None:
    one = subject(relation(READ))
    held = frozenset({"SELECT", "TRUNCATE"})

    assert "authenticated holds TRUNCATE" in str(list(judge(scene(one, OWN, held=held, strict=True))))
    assert isinstance(only(scene(one, OWN, held=held)), Held)


def test_a_policy_that_errs_is_not_decided() -> None:
    refused = Refused("42501", "permission denied for function mine")
    finding = only(scene(subject(relation(READ, deletes())), OWN, takes={MINE: refused}))

    assert isinstance(finding, Undecided)
    assert "cannot be tried: permission denied for function mine" in finding.why


def test_rows_that_nobody_owns_or_that_are_too_many_prove_too_little() -> None:
    by_status = policy("orders_delete", "d", "s", columns=("status",))
    one = subject(relation(READ, by_status))
    few = Census({A: Group(("{}",))})
    many = Census({A: Group(("{}",)), B: Group(("{}",), more=True)})

    assert "no row of another tenant" in str(only(scene(one, OWN, few, {"s": ()})))
    assert "some rows only: they use client_id and status" in str(only(scene(one, OWN, many, {"s": ()})))


def test_a_trigger_that_sets_the_tenant_leaves_it_open_who_decides() -> None:
    name = Name("public", "own_it")
    trigger = Trigger(
        name="own_it",
        definition="CREATE TRIGGER own_it BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION x()",
        function=name,
    )
    one = subject(relation(READ, inserts("true"), triggers=(trigger,)))
    takes: dict[str, tuple[str, ...] | Refused] = {"true": (A, B)}
    setting = scene(one, OWN, takes=takes, functions=(Function(name=name, body="NEW.client_id := x();"),))
    stamping = scene(one, OWN, takes=takes, functions=(Function(name=name, body="NEW.at := now();"),))

    assert isinstance(only(setting), Undecided)
    assert "its trigger own_it sees to it: `writes: true` would decide" in str(only(setting))
    assert isinstance(only(stamping), Open)


def test_what_is_shared_is_written_by_nobody_unless_the_contract_names_them() -> None:
    rows = Census({None: Group(("{}",))})
    shared = {"belongs": Belongs.SHARED, "owner": None}
    one = relation(READ, deletes("true"))
    takes: dict[str, tuple[str, ...] | Refused] = {"true": ("existing",)}

    def judged(*writers: str) -> Finding:
        return only(scene(subject(one, **shared, writers=frozenset(writers) or None), OWN, rows, takes))

    assert "lets rows of everybody be deleted" in str(judged())
    assert isinstance(judged("*"), Held)


def view(door: Door, seen: Seen, *held: str, options: tuple[str, ...] = (), invoker: bool = False) -> Scene:
    one = subject(relation(kind="v", options=options, security_invoker=invoker))
    changes = {(0, change.lower()): door for change in held}
    return scene(one, seen, held=frozenset({"SELECT", *held}), doors=changes)


def test_a_view_that_reads_as_its_owner_lets_everything_be_changed() -> None:
    finding = only(view(Door.OPEN, Seen(own=frozenset({A}), other=B), "UPDATE", "DELETE"))

    assert isinstance(finding, Open)
    assert finding.what == "lets everybody update and delete rows of any tenant"
    assert finding.cause == "it is a view that reads as its owner, postgres"


def test_a_view_that_shows_own_rows_only_lets_them_be_deleted_and_with_a_check_option_changed() -> None:
    checked = ("check_option=cascaded",)

    assert isinstance(only(view(Door.OPEN, OWN, "DELETE")), Held)
    assert isinstance(only(view(Door.OPEN, OWN, "INSERT", options=checked)), Held)
    assert isinstance(only(view(Door.OPEN, OWN, "INSERT")), Open)


def test_the_policies_of_its_tables_hold_a_view_that_reads_as_whoever_asks() -> None:
    assert isinstance(only(view(Door.HELD, OWN, "UPDATE", invoker=True)), Held)
    assert isinstance(only(view(Door.HELD, OWN, "UPDATE")), Undecided)
    assert isinstance(only(view(Door.ODD, OWN, "UPDATE")), Undecided)
    assert only(view(Door.CLOSED, OWN, "UPDATE")) == Held("public.orders", "denied by privilege")


def test_who_sees_none_of_its_own_rows_proves_nothing_by_writing_none() -> None:
    one = subject(relation(READ, deletes()))

    assert [type(each) for each in judge(scene(one, Seen(), takes={MINE: ()}))] == [Undecided, Held]
    assert [type(each) for each in judge(scene(one, Seen(), takes={MINE: ()}, sees=Sees.OPTIONAL))] == [Held]


def test_rows_that_exist_are_all_that_old_rows_are_tried_on() -> None:
    one = subject(relation(READ, deletes()))

    assert {each.tenant for each in scene(one, OWN, BOTH, {MINE: ()}).tried[0].samples} == {A, B}
