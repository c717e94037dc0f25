"""A small shop's catalog, made by hand."""

from dataclasses import replace

from pytest_deploycheck.catalog.drift.diff import Comparison, Difference, What, compare
from pytest_deploycheck.catalog.drift.facts import facts
from pytest_deploycheck.catalog.drift.rules import Rules
from pytest_deploycheck.model.catalog import (
    Bucket,
    Catalog,
    DefaultPrivileges,
    EventTrigger,
    Extension,
    Function,
    Membership,
    Publication,
    Published,
    Role,
    Schema,
    Sequence,
    Server,
    Type,
)
from pytest_deploycheck.model.relation import (
    PUBLIC,
    Column,
    Constraint,
    Grant,
    Index,
    Name,
    Policy,
    Relation,
    Trigger,
)

OWNER = Grant("postgres", "SELECT")
ORDERS = Relation(
    name=Name("public", "orders"),
    owner="postgres",
    row_security=True,
    forced=True,
    columns=(
        Column(name="id", type="uuid", not_null=True, default="gen_random_uuid()"),
        Column(name="tenant", type="uuid", not_null=True),
        Column(name="note", type="text", grants=(Grant("support", "SELECT"),)),
        Column(name="total", type="integer", not_null=True, default="0"),
    ),
    constraints=(
        Constraint(name="orders_pkey", kind="p", definition="PRIMARY KEY (id)"),
        Constraint(name="orders_total_check", kind="c", definition="CHECK ((total >= 0))"),
        Constraint(name="orders_id_not_null", kind="n", definition="NOT NULL id"),
    ),
    indexes=(
        Index(name="orders_pkey", definition="CREATE UNIQUE INDEX orders_pkey ...", backs="orders_pkey"),
        Index(
            name="orders_note",
            definition="CREATE UNIQUE INDEX orders_note ON public.orders USING btree (note)",
            unique=True,
        ),
        Index(
            name="orders_total", definition="CREATE INDEX orders_total ON public.orders USING btree (total)"
        ),
    ),
    triggers=(
        Trigger(
            name="touch",
            definition="CREATE TRIGGER touch BEFORE UPDATE ON public.orders EXECUTE FUNCTION public.touch()",
            function=Name("public", "touch"),
        ),
    ),
    policies=(
        Policy(name="orders_select", command="r", roles=("authenticated",), using="(tenant = tenant())"),
        Policy(name="orders_active", permissive=False, roles=(PUBLIC,), using="active()"),
    ),
    grants=(OWNER, Grant("authenticated", "SELECT"), Grant("authenticated", "INSERT", grantable=True)),
    options=("autovacuum_enabled=on", "fillfactor=90"),
)
TOTALS = Relation(
    name=Name("public", "totals"),
    kind="v",
    owner="postgres",
    security_invoker=True,
    definition=" SELECT tenant,\n    sum(total) AS total  \n   FROM public.orders;",
    columns=(Column(name="tenant", type="uuid"), Column(name="total", type="bigint")),
)
TOUCH = Function(
    name=Name("public", "touch"),
    returns="trigger",
    language="plpgsql",
    owner="postgres",
    settings=('search_path=""',),
    body="begin return new; end",
    grants=(Grant("postgres", "EXECUTE"), Grant("authenticated", "EXECUTE")),
)
SHOP = Catalog(
    server=Server(version=150018, database="shop", user="gate"),
    schemas=(Schema(name="public", owner="postgres", grants=(Grant("anon", "USAGE"),)),),
    relations=(ORDERS, TOTALS),
    functions=(TOUCH,),
    sequences=(Sequence(name=Name("public", "numbers"), owner="postgres", minimum=0, last=7),),
    types=(Type(name=Name("public", "status"), kind="e", definition="'open', 'paid'"),),
    roles=(
        Role(name="anon"),
        Role(name="authenticated", connection_limit=0),
        Role(name="postgres", can_login=True),
        Role(name="web", member_of=(Membership(role="anon"),), settings=("statement_timeout=30s",)),
    ),
    default_privileges=(
        DefaultPrivileges(
            owner="postgres", schema="public", kind="f", grants=(Grant("postgres", "EXECUTE"),)
        ),
    ),
    extensions=(Extension(name="plpgsql", version="1.0", schema="pg_catalog"),),
    publications=(
        Publication(
            name="feed",
            operations=("insert", "delete"),
            tables=(Published(table=ORDERS.name, columns=("id",), rows="(total > 0)"),),
        ),
    ),
    event_triggers=(EventTrigger(name="guard", event="ddl_command_end", function=TOUCH.name),),
    database_settings=("search_path=public",),
    buckets=(Bucket(id="avatars", public=False, size_limit=1000, types=("image/png",)),),
)


def with_orders(**changes: object) -> Catalog:
    """The shop with another table of orders."""
    return replace(SHOP, relations=(replace(ORDERS, **changes), TOTALS))  # type: ignore[arg-type]  # fields by name


def with_touch(**changes: object) -> Catalog:
    """The shop with another function."""
    return replace(SHOP, functions=(replace(TOUCH, **changes),))  # type: ignore[arg-type]  # fields by name


def compared(found: Catalog, rules: Rules | None = None, expected: Catalog = SHOP) -> Comparison:
    """What differs from the shop."""
    return compare(facts(expected), facts(found), rules)


def differences(found: Catalog, rules: Rules | None = None) -> list[tuple[str, str, str, str]]:
    """Sort, kind, object and property of each difference."""
    return [said(each) for each in compared(found, rules).differences]


def said(each: Difference) -> tuple[str, str, str, str]:
    """A difference in words."""
    return str(each.what), each.at.kind.name, str(each.at), each.property


__all__ = ["What", "compared", "differences", "said", "with_orders", "with_touch"]
