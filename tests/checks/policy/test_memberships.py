"""A database of another manner: unusual, right, and quiet; then broken, class by class."""

from pathlib import Path

import pytest

from pytest_deploycheck.model.check import Phase
from pytest_deploycheck.model.evidence import Evidence, Silence
from pytest_deploycheck.model.outcome import Failed, Passed
from pytest_deploycheck.model.route import Listing, Route, Scope
from tests.checks.contracts import PLACE, reply
from tests.checks.policy.world import World, checks, context, identity, red, undecided
from tests.servers.parts import known_to

SCHEMA = Path(__file__).with_name("memberships.sql").read_text()
PEOPLE = (identity("ann", "one"), identity("bob", "two"), identity("boss", "one", "admin"))
SUBJECTS = {"ann": "a", "bob": "b", "cyd": "c", "boss": "d"}


def subject(name: str) -> str:
    return f"00000000-0000-4000-8000-00000000000{SUBJECTS[name]}"


CLAIMS = {
    each.name: {"sub": subject(each.name), "role": "authenticated", "aal": "aal1", "app_metadata": {}}
    for each in PEOPLE
}
SECTION = f"""
tenant: org_id
tenants: {{one: "1", two: "2"}}
tables:
  orgs: {{tenant: id}}
  tasks: {{through: project_id}}
  comments: {{through: task_id}}
  notes: {{own: optional}}
  templates: {{unowned: what everybody begins with}}
  storage.objects: {{sql: "split_part(name, '/', 1)"}}
shared: {{countries: the same for everybody}}
private: {{queue: for the service alone}}
functions:
  - {{call: "app.invoices_of({{tenant}})", tenant: org_id}}
  - {{call: "app.project_count({{tenant}})"}}
routes: {{invoices: GET /api/invoices}}
actors:
  cyd of both: {{as: ann, tenants: [one, two], claims: {{sub: {subject("cyd")}}}}}
  ann without her second factor: {{as: ann, claims: {{app_metadata.mfa: true}}, sees: nothing}}
"""


@pytest.fixture(scope="module")
def world(empty: World) -> World:
    empty.execute(f"{known_to(empty.version, SCHEMA)}; analyze")  # so that small tables are known to be small
    empty.claims = CLAIMS
    return empty


INVOICES = Route(
    method="GET",
    path="/api/invoices",
    place=PLACE,
    scope=Scope.LIST,
    listing=Listing(items="$[*]", owner="$.org"),
)
AROUND = context(*PEOPLE, reader="gate_rows", routes=(INVOICES,))
MADE = checks(SECTION, AROUND)


def test_unusual_but_right_is_quiet(world: World) -> None:
    outcomes = world.outcomes(MADE)

    assert {title: each for title, each in outcomes.items() if not isinstance(each, Passed)} == {}


def test_unusual_but_right_takes_no_change_either(world: World) -> None:
    made = checks(f"{SECTION}\nwrites: true", AROUND)
    outcomes = world.outcomes(tuple(each for each in made if each.phase is Phase.WRITE))

    assert outcomes.keys() == {f"policies [{n}] really writes" for n in ("anonymous", "ann", "bob", "boss")}
    assert {title: each for title, each in outcomes.items() if not isinstance(each, Passed)} == {}


ORGS = "select org_id from public.memberships where user_id = auth.uid()"
HELPER = (
    "create or replace function app.my_orgs() returns setof bigint language sql stable security definer"
    " set search_path = '' as '{}'"
)
IN_FOLDERS = "bucket_id = 'files' and split_part(name, '/', 1)::bigint in (select app.my_orgs())"
PROJECT = "exists (select from public.projects as p where p.id = project_id)"
TASK = "exists (select from public.tasks as t where t.id = task_id)"
MINE = "org_id in (select app.my_orgs())"
SIGNED_IN = (
    "signed in without a tenant",
    "ann",
    "bob",
    "boss",
    "ann without sub",
    "ann with forged user metadata",
)


def using(policy: str, table: str, wrong: str, right: str) -> tuple[str, str]:
    alter = f"alter policy {policy} on {table} using"
    return f"{alter} ({wrong})", f"{alter} ({right})"


def adds(table: str, policy: str) -> tuple[str, str]:
    return f"create policy added on {table} {policy}", f"drop policy added on {table}"


def reads(*names: str) -> set[str]:
    return {f"policies [{name}] reads" for name in names}


def writes(*names: str) -> set[str]:
    return {f"policies [{name}] writes" for name in names}


HOLDERS = ("ann", "bob", "boss", "ann with forged user metadata")
"""Who sees rows of its own tenant."""
BOTH = "cyd of both"
UNSURE = "ann without her second factor"
MEMBERS = (*HOLDERS, BOTH)
ANYBODY = (*SIGNED_IN, BOTH, UNSURE)

FAILING = {
    "a table that is judged by what its foreign key leads to": (
        using("of_a_task", "public.comments", "task_id is not null", TASK),
        reads(*SIGNED_IN) | writes(*SIGNED_IN),
        "public.comments: shows rows of two; policy of_a_task (USING): (task_id IS NOT NULL)",
    ),
    "a helper that returns every tenant": (
        (HELPER.format("select id from public.orgs"), HELPER.format(ORGS)),
        reads("anonymous", *SIGNED_IN) | writes("anonymous", *SIGNED_IN),
        "public.Straße 100%: shows rows of two; policy mine (USING)",
    ),
    "files of any folder": (
        using("in_folders", "storage.objects", "bucket_id = 'files'", IN_FOLDERS),
        reads(*SIGNED_IN) | writes(*SIGNED_IN),
        "storage.objects: shows rows of two; policy in_folders (USING): (bucket_id = 'files'::text)",
    ),
    "a restrictive policy that is gone": (
        (
            "drop policy second_factor on public.invoices",
            "create policy second_factor on public.invoices as restrictive to authenticated"
            " using (app.is_sure())",
        ),
        reads(UNSURE) | writes(UNSURE),
        "public.invoices: shows rows of one; policy mine (USING)",
    ),
    "one of two tenants is hidden": (
        using("mine", "public.projects", "org_id = (select min(o) from app.my_orgs() as o)", MINE),
        reads(BOTH),
        "public.projects: hides the rows of two",
    ),
    "what is private is shown": (
        adds("public.queue", "for select to authenticated using (true)"),
        reads(*SIGNED_IN, BOTH),
        "public.queue: shows rows, and is private",
    ),
    "what is shared is written": (
        adds("public.countries", "for update to authenticated using (true)"),
        writes(*ANYBODY),
        "public.countries: lets rows of everybody be changed, lets rows be moved to everybody; policy added",
    ),
    "an inherited table without row-level security": (
        (
            "alter table public.archive disable row level security",
            "alter table public.archive enable row level security",
        ),
        reads("anonymous", *ANYBODY) | writes("anonymous", *ANYBODY),
        "public.archive: row-level security is off; it shows rows of two",
    ),
    "a partition that is open before it has a row": (
        using("mine", "public.events_2026", "true", MINE),
        reads(*SIGNED_IN) | writes(*SIGNED_IN),
        "public.events_2026: shows rows of two as soon as there are any; policy mine (USING): true",
    ),
    "a view without a tenant that reads as its owner": (
        (
            "alter view public.project_names set (security_invoker = false)",
            "alter view public.project_names set (security_invoker = true)",
        ),
        reads("anonymous", *ANYBODY) | writes("anonymous", *ANYBODY),
        "public.project_names: nothing says whose its rows are",
    ),
    "a view that takes what it would not show": (
        (
            "alter view public.my_invoices reset (check_option)",
            "alter view public.my_invoices set (check_option = cascaded)",
        ),
        writes("anonymous", *ANYBODY),
        "public.my_invoices: lets everybody insert and update rows of any tenant",
    ),
    "a materialised view": (
        ("grant select on public.totals to anon", "revoke select on public.totals from anon"),
        reads("anonymous"),
        "public.totals: row-level security never applies to materialised views; it shows rows of",
    ),
    "a table that tells no tenant": (
        (
            "grant select on public.migrations to authenticated",
            "revoke select on public.migrations from authenticated",
        ),
        reads(*ANYBODY),
        "public.migrations: nothing says whose its rows are",
    ),
    "own notes in another tenant": (
        (
            "alter policy mine on public.notes with check (user_id = auth.uid())",
            f"alter policy mine on public.notes with check (user_id = auth.uid() and {MINE})",
        ),
        writes(*HOLDERS),
        "public.notes: takes new rows of two, lets rows be moved to two; policy mine (WITH CHECK)",
    ),
    "everybody changes what nobody owns": (
        adds("public.templates", "for update to authenticated using (org_id is null)"),
        writes(*SIGNED_IN, BOTH),
        "public.templates: lets rows of no tenant be changed",
    ),
    "new rows of any parent": (
        adds("public.tasks", "for insert to authenticated with check (id > 0)"),
        writes(*SIGNED_IN),
        "public.tasks: takes new rows of two; policy added (WITH CHECK): (id > 0)",
    ),
    "a service that is held like everybody": (
        ("alter role service_role nobypassrls", "alter role service_role bypassrls"),
        reads("service_role"),
        "public.projects: hides the rows of one and two",
    ),
    "public is everybody": (
        adds('public."Straße 100%"', "for select to public using (true)"),
        reads("anonymous", *SIGNED_IN),
        "public.Straße 100%: shows rows of two; policy added (USING): true",
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_hole_is_found_by_those_who_can_use_it(world: World, name: str) -> None:
    (do, undo), expected, says = FAILING[name]
    with world.changed(do, undo):
        outcomes = world.outcomes(MADE)

    assert red(outcomes) == expected
    assert undecided(outcomes) == {}
    assert says in " ".join(each.reason for each in outcomes.values() if isinstance(each, Failed))


OPEN = {
    "a policy asks what nobody may execute": (
        (
            "revoke execute on function app.my_orgs() from public",
            "grant execute on function app.my_orgs() to public",
        ),
        "reading it fails, which is no isolation: permission denied for function my_orgs (SQLSTATE 42501)",
    ),
    "the tenant's column cannot be read": (
        (
            "revoke select on public.invoices from authenticated;"
            " grant select (id) on public.invoices to authenticated",
            "revoke select (id) on public.invoices from authenticated;"
            " grant select on public.invoices to authenticated",
        ),
        "public.invoices: authenticated may not read org_id, so nobody can tell whose rows it sees",
    ),
    "a policy that asks itself": (
        using(
            "mine",
            "public.memberships",
            "org_id in (select m.org_id from public.memberships as m where m.user_id = auth.uid())",
            "user_id = auth.uid()",
        ),
        "infinite recursion detected in policy",
    ),
    "a policy that fails without a setting": (
        using("mine", "public.invoices", "org_id = current_setting('app.org')::bigint", MINE),
        'unrecognized configuration parameter "app.org"',
    ),
    "a relation of the contract that is gone": (
        ("alter table public.tasks rename to todos", "alter table public.todos rename to tasks"),
        "public.tasks: the contract names it, and it does not exist",
    ),
}


@pytest.mark.parametrize("name", OPEN)
def test_what_cannot_be_verified_is_said_and_nobody_passes(world: World, name: str) -> None:
    (do, undo), says = OPEN[name]
    with world.changed(do, undo):
        outcomes = world.outcomes(MADE)

    assert red(outcomes) == set()
    assert reads(*ANYBODY) <= undecided(outcomes).keys()
    assert all(says in undecided(outcomes)[title] for title in reads(*HOLDERS))


def test_a_policy_that_takes_too_long_is_given_up(world: World) -> None:
    section = f"{SECTION}\ntimeout: 400ms"
    (ann,) = [each for each in checks(section, AROUND) if each.title == "policies [ann] reads"]
    slow = using(
        "mine",
        "public.orgs",
        "id in (select app.my_orgs()) and pg_sleep(9) is not null",
        MINE.replace("org_id", "id"),
    )
    with world.changed(*slow):
        outcomes = world.outcomes((ann,))

    assert "public.orgs: canceling statement due to statement timeout" in undecided(outcomes)[ann.title]


def test_a_login_that_cannot_become_an_actor_is_told_what_it_lacks(world: World) -> None:
    with world.changed("create role stranger login password 'x'", "drop role stranger"):
        stranger = World(world.admin, world.login.replace("gate_reader:its-password", "stranger:x"), CLAIMS)
        outcomes = stranger.outcomes(MADE)

    assert set(undecided(outcomes)) == {each.title for each in MADE}
    assert all("GRANT gate_rows TO the database's login" in told for told in undecided(outcomes).values())


def test_a_reader_that_is_held_itself_proves_nothing(world: World) -> None:
    outcomes = undecided(
        world.outcomes(checks(SECTION, context(*PEOPLE, reader="authenticated", routes=(INVOICES,))))
    )

    assert all("ALTER ROLE authenticated BYPASSRLS" in outcomes[title] for title in reads(*HOLDERS))
    assert writes(*HOLDERS) <= outcomes.keys()


FOR_ANYBODY = (
    "create or replace function app.invoices_of(org bigint) returns setof public.invoices language sql stable"
    " security definer set search_path = '' as 'select * from public.invoices where org_id = org'"
)
FOR_MEMBERS = (
    "create or replace function app.invoices_of"
    + SCHEMA.partition("create function app.invoices_of")[2].partition("create function app.project")[0]
)


def test_a_function_that_gives_rows_of_any_tenant_is_named(world: World) -> None:
    with world.changed(FOR_ANYBODY, FOR_MEMBERS):
        outcomes = world.outcomes(MADE)

    assert red(outcomes) == reads("anonymous", *SIGNED_IN, UNSURE)
    ann = outcomes["policies [ann] reads"]
    assert isinstance(ann, Failed)
    assert "app.invoices_of({tenant}): gives rows of two" in ann.reason


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("select 0::bigint", "gives nothing for the actor's own tenant, so nothing is proven"),
        ("select nextval(''app.counter'')", "it writes, and is called in a read-only transaction"),
    ],
)
def test_a_function_that_proves_nothing_leaves_it_open(world: World, body: str, says: str) -> None:
    function = (
        "create sequence app.counter; grant usage on sequence app.counter to public;"
        f" create or replace function app.project_count(org bigint) returns bigint language sql as '{body}'"
    )
    start = SCHEMA.index("create function app.project_count")
    right = SCHEMA[start : SCHEMA.index("grant usage on schema public, auth")]
    mend = f"drop sequence app.counter; {right.replace('create', 'create or replace', 1)}"
    with world.changed(function, mend):
        outcomes = world.outcomes(MADE)

    assert red(outcomes) == set()
    assert all(says in undecided(outcomes)[title] for title in reads(*HOLDERS))


@pytest.mark.parametrize(
    ("evidence", "says"),
    [
        (reply(body='[{"id": 1, "org": "1"}]'), "filtered by the API, open in the database"),
        (reply(body='[{"id": 1, "org": "1"}, {"id": 2, "org": "2"}]'), "GET /api/invoices shows it too"),
        (reply(403), "answers 403: denied by the API, open in the database"),
        (reply(429), "nobody knows: rate limited"),
        (Silence("timed out"), "nobody knows: no answer: timed out"),
        (reply(body="<p>"), "its items don't say"),
    ],
)
def test_what_is_open_in_the_database_is_compared_with_the_api(
    world: World, evidence: Evidence, says: str
) -> None:
    made = [each for each in MADE if each.title == "policies [ann] reads"]
    asking = World(world.admin, world.login, CLAIMS, {"GET /api/invoices as ann": evidence})
    with world.changed(*adds("public.invoices", "for select to authenticated using (true)")):
        (ann,) = asking.outcomes(tuple(made)).values()

    assert isinstance(ann, Failed)
    assert says in ann.reason
    assert made[0].spend.requests == 1
