"""What one pass over a small table tells is what each question by itself tells."""

import psycopg
import pytest
from pydantic import TypeAdapter

from pytest_deploycheck.checks.policy import census, looking
from pytest_deploycheck.checks.policy.batch import Part, Table
from pytest_deploycheck.checks.policy.section import PoliciesSection
from pytest_deploycheck.checks.policy.subjects import Subject, survey
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.probe import Snapshot
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.database import Database
from tests.checks.contracts import PLACE
from tests.checks.policy.world import World

TABLES = """
create role asks;
create table plain (org int not null, name text);
create table vague (org int, name text);
create table nobodys (org int);
create table empty (org int not null);
create table "of all" (org int);
create table parent (org int not null);
create table child () inherits (parent);
insert into plain select n % 3, n from generate_series(1, 100) as n;
insert into vague select nullif(n % 4, 3), n from generate_series(1, 100) as n;
insert into nobodys values (null);
insert into "of all" select n from generate_series(1, 900) as n;
alter table vague enable row level security;
create policy own on vague to asks using (org = 1);
grant select on all tables in schema public to asks;
analyze;
"""
SECTION = TypeAdapter(PoliciesSection).validate_python({"tenant": "org", "tenants": {"a": "1", "b": "002"}})


@pytest.fixture(scope="module")
def small(empty: World) -> dict[str, Subject]:
    """The tables of which ANALYZE saw few rows, by name."""
    empty.execute(TABLES)
    database = Database(Secret(empty.admin), run_id="r")
    catalog = database.send(Snapshot())
    database.close()
    assert isinstance(catalog, Catalog)
    found = survey(SECTION, catalog, lambda _: PLACE).subjects
    return {each.relation.name.name: each for each in found if each.small}


def asked(world: World, sql: str, role: str) -> Table:
    with psycopg.connect(world.admin) as connection:
        if role:
            connection.execute(f"set local role {role}".encode())
        return tuple(tuple(rest) for _, *rest in connection.execute(sql.encode()).fetchall())


def both(world: World, part: Part, role: str) -> tuple[Table, Table]:
    assert not part.is_last
    return asked(world, part.sql, role), asked(world, part.by_itself.sql, role)


def test_a_parent_is_not_small_whatever_it_holds_itself(small: dict[str, Subject]) -> None:
    assert set(small) == {"plain", "vague", "nobodys", "empty", "of all", "child"}


@pytest.mark.parametrize("own", [(), ("1",), ("1", "002"), ("5000",)])
def test_an_actor_sees_the_same(empty: World, small: dict[str, Subject], own: tuple[str, ...]) -> None:
    for name, subject in small.items():
        at_once, apart = map(looking.parsed, both(empty, looking.part(subject, own), "asks"))

        assert (at_once.own, at_once.none) == (apart.own, apart.none), name
        assert (at_once.other is None) == (apart.other is None), name
        assert at_once.other not in own


def test_the_census_is_the_same(empty: World, small: dict[str, Subject]) -> None:
    for name, subject in small.items():
        part = census.part(subject, ("002", "900"))
        at_once, apart = map(census.parsed, both(empty, part, ""))

        assert at_once.groups == apart.groups or name == "of all"


def test_where_there_are_many_tenants_those_of_the_contract_are_there(
    empty: World, small: dict[str, Subject]
) -> None:
    part = census.part(small["of all"], ("002", "900"))
    at_once, apart = map(census.parsed, both(empty, part, ""))

    assert {"002", "900"} <= set(at_once.groups)
    assert {"002", "900"} <= set(apart.groups)
    assert len(at_once.groups) >= census.MOST
