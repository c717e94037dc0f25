"""What means the same is the same fact, and nothing is told that only this server knows."""

from dataclasses import replace

import pytest

from pytest_deploycheck.catalog.drift.facts import facts
from pytest_deploycheck.catalog.drift.write import write
from pytest_deploycheck.model.catalog import Catalog, Role, Schema, Sequence
from pytest_deploycheck.model.relation import (
    PUBLIC,
    Constraint,
    Grant,
    Index,
    Name,
    Policy,
    Relation,
    Unknown,
)
from tests.catalog.drift.shop import ORDERS, SHOP, TOTALS, TOUCH, differences, with_orders, with_touch

SUPABASE = replace(
    SHOP,
    schemas=(*SHOP.schemas, Schema(name="storage"), Schema(name="auth")),
    roles=(*SHOP.roles, Role(name="supabase_admin", superuser=True)),
)


@pytest.mark.parametrize(
    "same",
    [
        with_orders(oid=17, rows=4.0, size=8192),
        with_orders(options=("fillfactor=90", "autovacuum_enabled=true")),
        with_orders(grants=ORDERS.grants[1:]),
        with_orders(constraints=ORDERS.constraints[:2]),
        with_orders(indexes=ORDERS.indexes[1:]),
        with_orders(policies=ORDERS.policies[::-1]),
        replace(SHOP, relations=(ORDERS, replace(TOTALS, definition=TOTALS.definition.replace(" \n", "\n")))),
        with_touch(oid=3, body="begin return new; end\n"),
        replace(SHOP, sequences=(replace(SHOP.sequences[0], last=Unknown("no privilege")),)),
        replace(SHOP, extensions=(*SHOP.extensions,), settings=(("work_mem", "4096"),)),
        replace(SHOP, functions=(TOUCH, replace(TOUCH, name=Name("public", "digest"), extension="pgcrypto"))),
    ],
)
def test_what_means_the_same_is_no_difference(same: Catalog) -> None:
    assert facts(same) == facts(SHOP)


def test_owners_and_grantees_go_by_the_names_that_roles_have_elsewhere() -> None:
    roles = tuple(replace(role, name="rds_owner") if role.name == "postgres" else role for role in SHOP.roles)
    hosted = replace(
        SHOP,
        roles=roles,
        schemas=tuple(replace(each, owner="rds_owner") for each in SHOP.schemas),
        relations=tuple(
            replace(each, owner="rds_owner", grants=tuple(_renamed(each.grants))) for each in SHOP.relations
        ),
        functions=(replace(TOUCH, owner="rds_owner", grants=tuple(_renamed(TOUCH.grants))),),
        sequences=tuple(replace(each, owner="rds_owner") for each in SHOP.sequences),
        default_privileges=tuple(
            replace(each, owner="rds_owner", grants=tuple(_renamed(each.grants)))
            for each in SHOP.default_privileges
        ),
    )

    assert facts(hosted, {"rds_owner": "postgres"}) == facts(SHOP)
    assert facts(hosted) != facts(SHOP)


def _renamed(grants: tuple[Grant, ...]) -> list[Grant]:
    return [replace(each, grantee="rds_owner") if each.grantee == "postgres" else each for each in grants]


def test_a_function_is_told_by_the_hash_of_its_body() -> None:
    text = write(facts(with_touch(body="select 'hunter22'")))

    assert "hunter22" not in text
    assert differences(with_touch(body="something else")) == [
        ("changed", "function", "public.touch()", "body")
    ]
    assert differences(with_touch(defaults="'x'::text", parallel="s")) == [
        ("changed", "function", "public.touch()", "defaults"),
        ("changed", "function", "public.touch()", "parallel"),
    ]


@pytest.mark.parametrize(
    ("definition", "told"),
    [
        ("CALL hook('Bearer abcdefgh12345678')", "CALL hook('Bearer ***')"),
        ("CALL hook('eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoi.c2ln')", "CALL hook('***')"),
        ("CALL hook('https://me:hunter22@app.example/x')", "CALL hook('https://me:***@app.example/x')"),
    ],
)
def test_tokens_in_a_definition_are_not_written_down(definition: str, told: str) -> None:
    (trigger,) = ORDERS.triggers
    text = write(facts(with_orders(triggers=(replace(trigger, definition=definition),))))

    assert f"touch: {told}" in text


def test_the_value_of_a_setting_that_is_called_a_secret_is_not_written_down() -> None:
    text = write(facts(replace(SHOP, database_settings=("app.jwt_secret=hunter22", "search_path=app"))))

    assert "hunter22" not in text
    assert "search_path: app" in text


def test_extensions_objects_are_left_out() -> None:
    theirs = replace(ORDERS, name=Name("public", "spatial_ref_sys"), extension="postgis")

    assert facts(replace(SHOP, relations=(*SHOP.relations, theirs))) == facts(SHOP)


def test_of_the_platforms_tables_only_what_the_application_added_is_told() -> None:
    objects = Relation(
        name=Name("storage", "objects"),
        row_security=True,
        policies=(Policy(name="own_files", roles=("authenticated",), using="(owner = uid())"),),
    )
    untouched = Relation(name=Name("storage", "migrations"))
    migrated = Sequence(name=Name("auth", "tokens_id_seq"))
    found = facts(replace(SUPABASE, relations=(*SHOP.relations, objects, untouched), sequences=(migrated,)))

    assert found.value("platform") == ("auth", "storage")
    assert set(found.part("tables")) == {"public.orders", "storage.objects"}
    assert set(found.part("tables")["storage.objects"].parts) == {"policies"}
    assert not found.part("sequences")
    assert "supabase_admin" not in found.part("roles")


def test_without_the_platform_a_schema_called_auth_is_the_applications() -> None:
    own = replace(SHOP, schemas=(*SHOP.schemas, Schema(name="auth")))

    assert set(facts(own).part("schemas")) == {"auth", "public"}


def test_a_not_null_that_is_not_validated_is_told() -> None:
    sly = Constraint(name="note_not_null", kind="n", definition="NOT NULL note NOT VALID", validated=False)

    assert differences(with_orders(constraints=(*ORDERS.constraints, sly))) == [
        ("extra", "constraint", "note_not_null on public.orders", "")
    ]


def test_the_index_of_a_constraint_is_told_once_something_is_the_matter_with_it() -> None:
    broken = replace(ORDERS.indexes[0], valid=False)
    found = facts(with_orders(indexes=(broken, *ORDERS.indexes[1:])))

    assert found.part("tables")["public.orders"].part("indexes")["orders_pkey"].value("invalid") is True


def test_everybody_is_called_public() -> None:
    found = facts(with_orders(grants=(Grant(PUBLIC, "SELECT"),), indexes=(Index(name="i", definition="x"),)))

    assert list(found.part("tables")["public.orders"].part("grants")) == ["PUBLIC"]
