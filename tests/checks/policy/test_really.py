"""Changes tried for real and rolled back: what hides behind WHERE and RETURNING is found."""

import subprocess

import pytest

from pytest_deploycheck.model.check import Phase
from pytest_deploycheck.model.outcome import Failed, Passed
from suites.standins.kit.faults import InDatabase
from suites.standins.wecelebrate.database_faults.policies import FAULTS
from tests.checks.policy.test_faults import PEOPLE, SECTION
from tests.checks.policy.world import World, checks, context, red
from tests.servers.parts import server_program

BARE = {name: value for name, value in SECTION.items() if name not in ("routes", "strict")}
MADE = checks({**BARE, "writes": True}, context(*PEOPLE, reader="gate_rows"))
REALLY = tuple(check for check in MADE if check.title.endswith("really writes"))
ACTS = {fault.name: fault.act for fault in FAULTS}


def really(*names: str) -> set[str]:
    return {f"policies [{name}] really writes" for name in names}


def dump(world: World) -> str:
    command = [str(server_program("pg_dump")), f"--dbname={world.admin}"]
    written = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return "\n".join(line for line in written.splitlines() if not line.startswith("\\"))


def test_who_is_really_there_writes_in_the_phase_of_writes() -> None:
    assert {check.title for check in REALLY} == really(
        "anonymous", "shopper_a", "shopper_b", "admin_a", "admin_b"
    )
    assert {(check.phase, check.spend.writes) for check in REALLY} == {(Phase.WRITE, 80)}


def test_a_healthy_database_holds_every_change_and_nothing_of_it_is_left(wecelebrate: World) -> None:
    before = dump(wecelebrate)
    outcomes = wecelebrate.outcomes(REALLY)

    assert {title: each for title, each in outcomes.items() if not isinstance(each, Passed)} == {}
    assert outcomes["policies [anonymous] really writes"] == Passed("18 denied by privilege")
    assert "tried" in str(outcomes["policies [shopper_a] really writes"])
    assert dump(wecelebrate) == before


EVERYBODY = really("shopper_a", "shopper_b", "admin_a", "admin_b")


@pytest.mark.parametrize(
    ("fault", "expected", "says"),
    [
        (
            "policies_insert_unchecked",
            EVERYBODY,
            "public.orders: takes new rows of b; only a constraint stops it",
        ),
        ("policies_insert_by_author", really("shopper_a", "shopper_b"), "public.orders: takes new rows of b"),
        ("policies_update_unchecked", EVERYBODY, "public.orders: lets own rows be moved to b"),
        (
            "policies_admins_move",
            really("admin_a", "admin_b"),
            "public.products: lets own rows be moved to b",
        ),
        ("policies_delete_any", EVERYBODY, "delete without WHERE hits 30 rows, of which it may change 15"),
        ("policies_members_write", set(), ""),
    ],
)
def test_a_policy_that_is_open_is_found_by_the_change_itself(
    wecelebrate: World, fault: str, expected: set[str], says: str
) -> None:
    act = ACTS[fault]
    assert isinstance(act, InDatabase)
    with wecelebrate.changed(act.break_by, act.mend_by):
        outcomes = wecelebrate.outcomes(REALLY)

    assert red(outcomes) == expected
    assert says in " ".join(each.reason for each in outcomes.values() if isinstance(each, Failed))


WITHOUT_KEYS = """
create table public.drafts (client_id uuid not null, text text);
insert into public.drafts select id, 'x' from public.clients;
alter table public.drafts enable row level security;
create policy mine on public.drafts for all to authenticated
  using (client_id = ((select auth.jwt()) -> 'app_metadata' ->> 'client_id')::uuid) with check (true);
grant select, insert, update, delete on public.drafts to authenticated
"""
SETS = """
create function private.own_it() returns trigger language plpgsql set search_path = '' as $$
begin
  new.client_id := (auth.jwt() -> 'app_metadata' ->> 'client_id')::uuid;
  return new;
end
$$;
grant execute on function private.own_it to authenticated;
create trigger own_it before insert or update on public.drafts for each row execute function private.own_it()
"""
STAMPS = SETS.replace(
    "new.client_id := (auth.jwt() -> 'app_metadata' ->> 'client_id')::uuid", "new.text := 'y'"
)


def test_a_row_that_nothing_stops_is_found_where_it_was_taken(wecelebrate: World) -> None:
    with wecelebrate.changed(WITHOUT_KEYS, "drop table public.drafts"):
        outcomes = wecelebrate.outcomes(REALLY)

    assert red(outcomes) == EVERYBODY
    shopper = outcomes["policies [shopper_a] really writes"]
    assert isinstance(shopper, Failed)
    assert "public.drafts: takes new rows of b; 1 of its own" in shopper.reason
    assert "public.drafts: lets own rows be moved to b; 1 of its own" in shopper.reason
    assert shopper.hint == "-- public.drafts: policy mine (WITH CHECK)"


def test_a_trigger_that_sets_the_tenant_is_given_credit(wecelebrate: World) -> None:
    undo = "drop table public.drafts; drop function private.own_it"
    with wecelebrate.changed(f"{WITHOUT_KEYS}; {SETS}", undo):
        set_by_trigger = wecelebrate.outcomes(REALLY)
    with wecelebrate.changed(f"{WITHOUT_KEYS}; {STAMPS}", undo):
        stamped = wecelebrate.outcomes(REALLY)

    assert red(set_by_trigger) == set()
    assert "ran as triggers, rolled back (public.drafts.own_it)" in str(
        set_by_trigger["policies [shopper_a] really writes"]
    )
    assert red(stamped) == EVERYBODY
