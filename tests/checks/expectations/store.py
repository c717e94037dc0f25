"""A small store's catalog, and what a contract says of it."""

from dataclasses import replace

from pytest_deploycheck.model.catalog import (
    Bucket,
    Catalog,
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
from pytest_deploycheck.model.outcome import Failed, Outcome, Passed
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
from pytest_deploycheck.testing import answer
from tests.checks.contracts import declare

SITES = Name("public", "sites")
OWNERS = tuple(Grant("postgres", privilege) for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE"))
ORDERS = Relation(
    name=Name("public", "orders"),
    owner="postgres",
    row_security=True,
    forced=True,
    columns=(
        Column(name="id", type="bigint", not_null=True, identity="d"),
        Column(name="site_id", type="uuid", not_null=True),
        Column(name="status", type="public.status", default="'open'::public.status", not_null=True),
        Column(name="total", type="numeric(10,2)", default="0"),
        Column(
            name="note", type="character varying(80)", collation="C", grants=(Grant("support", "SELECT"),)
        ),
        Column(name="search", type="tsvector", generated="s", default="to_tsvector(note)"),
    ),
    constraints=(
        Constraint(name="orders_pkey", kind="p", definition="PRIMARY KEY (id)", columns=("id",)),
        Constraint(
            name="orders_site_fkey",
            kind="f",
            definition="FOREIGN KEY (site_id) REFERENCES public.sites(id) ON DELETE CASCADE",
            columns=("site_id",),
            references=SITES,
            referenced=("id",),
            on_delete="c",
            on_update="a",
        ),
        Constraint(
            name="orders_total_check",
            kind="c",
            definition="CHECK ((total >= (0)::numeric))",
            columns=("total",),
        ),
        Constraint(
            name="orders_note_key", kind="u", definition="UNIQUE (note, site_id)", columns=("note", "site_id")
        ),
        Constraint(name="orders_id_not_null", kind="n", definition="NOT NULL id", columns=("id",)),
    ),
    indexes=(
        Index(
            name="orders_pkey", definition="", keys=("id",), unique=True, primary=True, backs="orders_pkey"
        ),
        Index(
            name="orders_site_idx",
            definition="",
            keys=("site_id", "lower((note)::text)"),
            included=("total",),
        ),
        Index(
            name="orders_open_idx",
            definition="",
            keys=("total",),
            unique=True,
            predicate="(status = 'open'::public.status)",
        ),
    ),
    triggers=(
        Trigger(
            name="touch",
            definition="CREATE TRIGGER touch BEFORE INSERT OR UPDATE OF total ON public.orders FOR EACH ROW "
            "EXECUTE FUNCTION public.touch()",
            function=Name("public", "touch"),
        ),
    ),
    policies=(
        Policy(
            name="own",
            command="r",
            roles=("member",),
            using="(site_id = ( SELECT app.site()))",
            columns=("site_id",),
        ),
    ),
    grants=(*OWNERS, Grant("member", "SELECT"), Grant("member", "INSERT"), Grant("reader", "SELECT")),
)
TOTALS = Relation(
    name=Name("public", "totals"),
    kind="v",
    owner="postgres",
    security_invoker=True,
    columns=(Column(name="site_id", type="uuid"),),
)
HISTORY = Relation(
    name=Name("public", "history"),
    kind="p",
    owner="postgres",
    partition_key="RANGE (at)",
    row_security=True,
    constraints=(Constraint(name="history_pkey", kind="p", definition="PRIMARY KEY (id)", columns=("id",)),),
)
PART = Relation(
    name=Name("public", "history_2026"),
    owner="postgres",
    partition_of=HISTORY.name,
    constraints=(Constraint(name="history_2026_pkey", kind="p", definition="...", columns=("id",)),),
)
TOUCH = Function(
    name=Name("public", "touch"),
    arguments="kind text, at timestamp with time zone",
    returns="trigger",
    language="plpgsql",
    volatility="s",
    security_definer=True,
    settings=('search_path=""',),
    owner="postgres",
    grants=(Grant("postgres", "EXECUTE"), Grant("member", "EXECUTE")),
)
STORE = Catalog(
    server=Server(version=150018, database="store", user="gate"),
    schemas=(
        Schema(name="public", owner="postgres", grants=(Grant("postgres", "CREATE"), Grant("anon", "USAGE"))),
        Schema(name="empty", owner="postgres"),
    ),
    relations=(
        HISTORY,
        PART,
        ORDERS,
        Relation(name=Name("public", "ranks"), kind="m", owner="postgres"),
        replace(ORDERS, name=Name("public", "spatial_ref_sys"), extension="postgis", policies=()),
        TOTALS,
    ),
    functions=(TOUCH,),
    sequences=(
        Sequence(
            name=Name("public", "numbers"),
            start=1001,
            table=ORDERS.name,
            column="id",
            owner="postgres",
            grants=(Grant("member", "USAGE"),),
        ),
    ),
    types=(
        Type(name=Name("public", "amount"), kind="d", definition="integer"),
        Type(name=Name("public", "status"), kind="e", definition="'open', 'it''s paid'"),
    ),
    roles=(
        Role(name="admin", superuser=True),
        Role(name="anon", inherits=False),
        Role(name="deployer", can_login=True, member_of=(Membership(role="postgres"),)),
        Role(name="member", settings=("statement_timeout=30s",)),
        Role(name="postgres", can_login=True, connection_limit=5),
        Role(name="reader"),
        Role(name="web", member_of=(Membership(role="reader"), Membership(role="member", inherits=False))),
    ),
    extensions=(Extension(name="pg_trgm", version="1.6", schema="extensions"),),
    publications=(Publication(name="feed", operations=("insert",), tables=(Published(table=ORDERS.name),)),),
    event_triggers=(EventTrigger(name="guard", event="ddl_command_end", function=TOUCH.name),),
    buckets=(Bucket(id="avatars", public=False, size_limit=100, types=("image/png",)),),
)


def with_orders(**changes: object) -> Catalog:
    """The store with another table of orders."""
    orders = replace(ORDERS, **changes)  # type: ignore[arg-type]  # fields by name
    return replace(STORE, relations=tuple(orders if each is ORDERS else each for each in STORE.relations))


def outcomes(text: str, catalog: Catalog = STORE) -> dict[str, Outcome]:
    """What each check that a piece of YAML makes concludes from a catalog."""
    return {check.title: answer(check, catalog) for check in declare("objects", text)}


def only(text: str, catalog: Catalog = STORE) -> Outcome:
    """What the only check of a piece of YAML concludes."""
    (outcome,) = outcomes(text, catalog).values()
    return outcome


def wrong(text: str, catalog: Catalog = STORE) -> str:
    """What the only check finds wrong; nothing where it passes."""
    outcome = only(text, catalog)
    assert isinstance(outcome, Passed | Failed), outcome
    return outcome.reason if isinstance(outcome, Failed) else ""


__all__ = ["HISTORY", "ORDERS", "PUBLIC", "STORE", "TOUCH", "only", "outcomes", "with_orders", "wrong"]
