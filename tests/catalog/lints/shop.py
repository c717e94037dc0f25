"""A small catalog without a fault, for lints to find one in."""

from dataclasses import replace

from pytest_deploycheck.catalog.lints.case import Case
from pytest_deploycheck.catalog.lints.declared import Declared
from pytest_deploycheck.catalog.lints.lint import Blind, Finding
from pytest_deploycheck.catalog.lints.registry import LINTS
from pytest_deploycheck.model.catalog import Catalog, Membership, Role, Schema, Server
from pytest_deploycheck.model.relation import Column, Constraint, Grant, Name, Policy, Relation

TENANT = "(client_id = ((auth.jwt() ->> 'client_id'::text))::uuid)"
JWT = Name("auth", "jwt")


SELECT = Policy(name="orders_select", command="r", roles=("authenticated",), using=TENANT, functions=(JWT,))


def policy(**changes: object) -> Policy:
    """The policy of the one table, changed."""
    return replace(SELECT, **changes)  # type: ignore[arg-type]  # fields by name


KEY = Constraint(name="orders_pkey", kind="p", definition="PRIMARY KEY (id)", columns=("id",))
ORDERS = Relation(
    name=Name("public", "orders"),
    owner="postgres",
    row_security=True,
    columns=(
        Column(name="id", type="uuid", not_null=True),
        Column(name="client_id", type="uuid", not_null=True),
        Column(name="status", type="text"),
    ),
    constraints=(KEY,),
    policies=(SELECT,),
    grants=(Grant("authenticated", "SELECT"), Grant("postgres", "SELECT")),
)
CATALOG = Catalog(
    server=Server(version=150018, database="shop", user="gate"),
    schemas=(
        Schema(
            name="public",
            owner="postgres",
            grants=tuple(Grant(r, "USAGE") for r in ("anon", "authenticated")),
        ),
        Schema(name="storage", owner="postgres", grants=(Grant("authenticated", "USAGE"),)),
    ),
    relations=(ORDERS,),
    roles=(
        Role(name="anon"),
        Role(name="authenticated"),
        Role(name="authenticator", can_login=True, member_of=(Membership(role="anon", inherits=False),)),
        Role(name="postgres", bypass_rls=True),
        Role(name="service_role", bypass_rls=True),
    ),
)
DECLARED = Declared(schemas=("public",), tenant_columns=("client_id",))


def with_orders(**changes: object) -> Catalog:
    """The catalog with its one table changed."""
    return replace(CATALOG, relations=(replace(ORDERS, **changes),))  # type: ignore[arg-type]  # fields by name


def found(id_: str, catalog: Catalog, declared: Declared = DECLARED) -> list[Finding | Blind]:
    """What one lint says."""
    (lint,) = (lint for lint in LINTS if lint.id == id_)
    return sorted(lint.look(Case(catalog, declared)), key=lambda one: one.object)


def everything(catalog: Catalog, declared: Declared = DECLARED) -> dict[str, list[Finding | Blind]]:
    """What all lints say, but those that say nothing."""
    case = Case(catalog, declared)
    return {lint.id: said for lint in LINTS if (said := list(lint.look(case)))}
