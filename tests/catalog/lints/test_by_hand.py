"""Lints over catalogs made by hand: what no migration of the stand-in can show.

`test_found__ID` proves that the lint ID finds its fault; `test_registry` counts them.
"""

from dataclasses import replace

import pytest

from pytest_deploycheck.catalog.lints.lint import Blind, Finding
from pytest_deploycheck.catalog.lints.names import listed, quoted
from pytest_deploycheck.model.catalog import (
    Bucket,
    Extension,
    Function,
    Membership,
    Privileges,
    Role,
    Sequence,
)
from pytest_deploycheck.model.relation import PUBLIC, Column, Constraint, Grant, Name, Relation, Rule, Unknown
from tests.catalog.lints.shop import (
    CATALOG,
    DECLARED,
    ORDERS,
    TENANT,
    everything,
    found,
    policy,
    with_orders,
)


def function(name: str, body: str) -> Function:
    return Function(name=Name("private", name), body=body)


def test_a_catalog_without_a_fault_has_no_finding() -> None:
    assert everything(CATALOG) == {}


def test_found__extension_served() -> None:
    catalog = replace(CATALOG, extensions=(Extension(name="citext", version="1.6", schema="public"),))

    assert found("extension_served", catalog) == [
        Finding(
            "extension citext",
            "is in public, which the API serves: its functions can be called from outside",
            "ALTER EXTENSION citext SET SCHEMA extensions;",
        )
    ]


@pytest.mark.parametrize(
    ("thing", "grant", "what", "mend"),
    [
        ("database", Grant("anon", "CREATE"), "anon may CREATE", "REVOKE CREATE ON DATABASE shop FROM anon;"),
        (
            "parameter session_replication_role",
            Grant(PUBLIC, "SET"),
            "PUBLIC may SET",
            "REVOKE SET ON PARAMETER session_replication_role FROM PUBLIC;",
        ),
        (
            "foreign server Elsewhere",
            Grant("authenticator", "USAGE"),
            "authenticator may USAGE",
            'REVOKE USAGE ON FOREIGN SERVER "Elsewhere" FROM authenticator;',
        ),
        (
            "system lo_export(oid,text)",
            Grant("anon", "EXECUTE"),
            "anon may EXECUTE",
            "REVOKE EXECUTE ON FUNCTION pg_catalog.lo_export(oid,text) FROM anon;",
        ),
        (
            "system pg_shadow",
            Grant("anon", "SELECT"),
            "anon may SELECT",
            "REVOKE SELECT ON pg_catalog.pg_shadow FROM anon;",
        ),
        (
            "system pg_authid.rolpassword",
            Grant("anon", "SELECT"),
            "anon may SELECT",
            "REVOKE SELECT (rolpassword) ON pg_catalog.pg_authid FROM anon;",
        ),
    ],
)
def test_found__system_granted(thing: str, grant: Grant, what: str, mend: str) -> None:
    catalog = replace(CATALOG, privileges=(Privileges(object=thing, owner="postgres", grants=(grant,)),))

    assert found("system_granted", catalog) == [Finding(thing, what, mend)]


@pytest.mark.parametrize(
    ("thing", "grant"),
    [
        ("database", Grant(PUBLIC, "CONNECT")),
        ("database", Grant(PUBLIC, "TEMPORARY")),
        ("database", Grant("migrator", "CREATE")),
        ("foreign server elsewhere", Grant("postgres", "USAGE")),
        ("system pg_read_file(text)", Grant("monitoring", "EXECUTE")),
    ],
)
def test_what_everybody_has_and_what_others_have_is_no_finding(thing: str, grant: Grant) -> None:
    catalog = replace(CATALOG, privileges=(Privileges(object=thing, owner="postgres", grants=(grant,)),))

    assert found("system_granted", catalog) == []


def test_found__rule_on_table() -> None:
    rule = Rule(
        name="kept", definition="CREATE RULE kept AS\n    ON DELETE TO public.orders DO INSTEAD NOTHING;"
    )

    assert found("rule_on_table", with_orders(rules=(rule,))) == [
        Finding(
            "public.orders.kept",
            "is a rule: CREATE RULE kept AS ON DELETE TO public.orders DO INSTEAD NOTHING;",
            "DROP RULE kept ON public.orders;",
        )
    ]
    assert found("rule_on_table", with_orders(rules=(replace(rule, enabled="D"),))) == []


def test_found__declared_missing() -> None:
    declared = replace(
        DECLARED,
        public=frozenset({"public.countires", "public.orders"}),
        service_only=frozenset({"public.jobs"}),
        tenant_columns=("client_id", "org_id", "public.orders.tenant"),
    )

    said = found("declared_missing", CATALOG, declared)
    assert [one.object for one in said] == [
        "org_id",
        "public.countires",
        "public.jobs",
        "public.orders.tenant",
    ]


def test_found__service_only_open() -> None:
    declared = replace(DECLARED, service_only=frozenset({"public.orders"}))

    assert found("service_only_open", CATALOG, declared) == [
        Finding(
            "public.orders.orders_select",
            "lets authenticated in, and the table is for the service alone",
            "DROP POLICY orders_select ON public.orders;",
        )
    ]
    assert found("service_only_open", with_orders(policies=(), row_security=False), declared)


def test_a_view_is_mended_as_its_server_can() -> None:
    view = Relation(
        name=Name("public", "all_orders"),
        kind="v",
        owner="postgres",
        reads=(ORDERS.name,),
        grants=(Grant("authenticated", "SELECT"),),
    )
    catalog = replace(CATALOG, relations=(ORDERS, view))
    old = replace(catalog, server=replace(CATALOG.server, version=140023))

    (now,), (before,) = found("view_bypasses_rls", catalog), found("view_bypasses_rls", old)

    assert isinstance(now, Finding)
    assert isinstance(before, Finding)
    assert now.mend == "ALTER VIEW public.all_orders SET (security_invoker = true);"
    assert before.mend == (
        "REVOKE ALL ON public.all_orders FROM authenticated;"
        " -- a view of PostgreSQL 14 always reads as its owner"
    )


def test_found__restrictive_lost() -> None:
    declared = replace(DECLARED, restrictive=("public.orders.aal2", "public.orders.orders_select"))

    gone, permissive = found("restrictive_lost", CATALOG, declared)
    assert isinstance(gone, Finding)
    assert isinstance(permissive, Finding)
    assert "is not there" in gone.what
    assert "is permissive" in permissive.what
    guarded = with_orders(policies=(policy(name="aal2", permissive=False),))
    assert found("restrictive_lost", guarded, replace(DECLARED, restrictive=("public.orders.aal2",))) == []


def test_found__policy_for_public() -> None:
    open_to_all = with_orders(policies=(policy(roles=("",)),), grants=(Grant("anon", "SELECT"),))

    assert found("policy_for_public", open_to_all) == [
        Finding(
            "public.orders.orders_select",
            "is for every role, anon included",
            "ALTER POLICY orders_select ON public.orders TO authenticated;",
        )
    ]


def test_found__bucket_unlimited() -> None:
    catalog = replace(
        CATALOG, buckets=(Bucket(id="a", public=False), Bucket(id="b", public=False, size_limit=1))
    )

    a, b = found("bucket_unlimited", catalog)
    assert isinstance(a, Finding)
    assert isinstance(b, Finding)
    assert "no size limit and no list of types" in a.what
    assert "has no list of types" in b.what


def test_found__foreign_key_crosses_tenants() -> None:
    key = Constraint(
        name="fk",
        kind="f",
        definition="",
        columns=("id",),
        references=ORDERS.name,
        referenced=("id",),
    )
    (finding,) = found("foreign_key_crosses_tenants", with_orders(constraints=(ORDERS.constraints[0], key)))

    assert finding.object == "public.orders.fk"
    within = replace(key, columns=("client_id", "id"), referenced=("client_id", "id"))
    assert found("foreign_key_crosses_tenants", with_orders(constraints=(within,))) == []


def test_found__constraint_not_enforced() -> None:
    loose = Constraint(
        name="small", kind="c", definition="CHECK (a) NOT ENFORCED", validated=False, enforced=False
    )
    catalog = with_orders(constraints=(ORDERS.constraints[0], loose))

    assert everything(catalog) == {
        "constraint_not_enforced": [
            Finding(
                "public.orders.small",
                "is a check that no row is held to: it is NOT ENFORCED",
                "ALTER TABLE public.orders ALTER CONSTRAINT small ENFORCED;",
            )
        ]
    }


@pytest.mark.parametrize("id_", ["bucket_public", "bucket_unlimited"])
def test_buckets_that_may_not_be_read_leave_it_open(id_: str) -> None:
    catalog = replace(CATALOG, buckets=Unknown("storage.buckets: permission denied"))

    (said,) = found(id_, catalog)
    assert isinstance(said, Blind)
    assert said.object == "storage.buckets"
    assert said.reason.startswith("storage.buckets: permission denied")


def test_a_declared_bucket_among_buckets_that_may_not_be_read_is_not_missing() -> None:
    catalog = replace(CATALOG, buckets=Unknown("denied"))
    declared = replace(DECLARED, public=frozenset({"bucket logos"}))

    assert isinstance(found("declared_missing", catalog, declared)[0], Blind)


def test_a_sequence_that_may_not_be_read_leaves_it_open() -> None:
    hidden = Sequence(name=Name("public", "ids"), last=Unknown("GRANT SELECT ON SEQUENCE public.ids TO gate"))

    assert found("sequence_near_end", replace(CATALOG, sequences=(hidden,))) == [
        Blind("public.ids", "it may not be read: GRANT SELECT ON SEQUENCE public.ids TO gate")
    ]


@pytest.mark.parametrize(
    ("sequence", "near"),
    [
        (Sequence(name=Name("public", "ids"), maximum=100, last=79), False),
        (Sequence(name=Name("public", "ids"), maximum=100, last=81), True),
        (Sequence(name=Name("public", "ids"), maximum=100, last=100, cycle=True), False),
        (Sequence(name=Name("public", "ids"), increment=-1, minimum=-100, maximum=-1, last=-90), True),
        (Sequence(name=Name("public", "ids"), increment=-1, minimum=-100, maximum=-1, last=-2), False),
        (Sequence(name=Name("public", "ids"), last=None), False),
    ],
)
def test_a_sequence_is_near_its_end_from_four_fifths_on(sequence: Sequence, *, near: bool) -> None:
    assert bool(found("sequence_near_end", replace(CATALOG, sequences=(sequence,)))) is near


def test_the_column_of_a_sequence_may_end_before_it() -> None:
    table = replace(ORDERS, columns=(*ORDERS.columns, Column(name="number", type="smallint")))
    sequence = Sequence(name=Name("public", "ids"), last=30_000, table=ORDERS.name, column="number")

    (finding,) = found("sequence_near_end", replace(CATALOG, relations=(table,), sequences=(sequence,)))
    assert isinstance(finding, Finding)
    assert finding.what == "has used 92% of its numbers (30000, and number holds 32767)"


def test_privileges_come_by_inherited_roles_and_by_columns() -> None:
    roles = (Role(name="authenticated", member_of=(Membership(role="staff"),)), Role(name="staff"))
    column = Column(name="id", type="uuid", not_null=True, grants=(Grant("staff", "SELECT"),))
    catalog = replace(with_orders(row_security=False, policies=(), grants=(), columns=(column,)), roles=roles)

    (finding,) = found("rls_disabled", catalog)
    assert isinstance(finding, Finding)
    assert finding.what == "row-level security is off, and authenticated may SELECT"


def test_a_role_that_must_be_set_first_lends_no_privileges() -> None:
    roles = (
        Role(name="authenticated", member_of=(Membership(role="staff", inherits=False),)),
        Role(name="staff"),
    )
    catalog = replace(
        with_orders(row_security=False, policies=(), grants=(Grant("staff", "SELECT"),)), roles=roles
    )

    assert found("rls_disabled", catalog) == []


def test_without_the_right_to_use_its_schema_a_table_is_closed() -> None:
    catalog = with_orders(row_security=False, policies=(), name=Name("internal", "orders"))

    assert found("rls_disabled", catalog) == []


def test_a_public_table_may_be_read_and_not_written() -> None:
    declared = replace(DECLARED, public=frozenset({"public.orders"}))
    readable = with_orders(row_security=False, policies=())
    writable = with_orders(row_security=False, policies=(), grants=(Grant("anon", "INSERT"),))

    assert found("rls_disabled", readable, declared) == []
    assert [one.object for one in found("rls_disabled", writable, declared)] == ["public.orders"]


def test_a_public_table_is_not_open_to_changes_by_a_policy_that_is_true() -> None:
    declared = replace(DECLARED, public=frozenset({"public.orders"}))
    reading = with_orders(policies=(policy(using="true"),))
    changing = with_orders(policies=(policy(using="true", command="w"),))

    assert found("policy_always_true", reading, declared) == []
    assert found("policy_always_true", changing, declared)


def test_who_connects_may_become_the_service_but_not_be_it() -> None:
    switching = Role(name="authenticator", member_of=(Membership(role="service_role", inherits=False),))
    inheriting = Role(name="authenticator", member_of=(Membership(role="service_role"),))
    others = tuple(role for role in CATALOG.roles if role.name != "authenticator")

    assert found("role_bypasses_rls", replace(CATALOG, roles=(*others, switching))) == []
    assert found("role_bypasses_rls", replace(CATALOG, roles=(*others, inheriting)))


@pytest.mark.parametrize(
    ("using", "opens"),
    [
        (TENANT, False),
        (f"({TENANT} OR ((auth.jwt() ->> 'client_id'::text) IS NULL))", True),
        (f"({TENANT} AND ((auth.jwt() ->> 'client_id'::text) IS NOT NULL))", False),
        (f"({TENANT} AND ((auth.jwt() ->> 'aal'::text) IS NULL))", False),
        ("(client_id = COALESCE((auth.jwt() ->> 'c'::text), client_id))", True),
        ("(client_id = COALESCE((auth.jwt() ->> 'c'::text), '0'::text))", False),
        ("(NOT (status IS DISTINCT FROM (auth.jwt() ->> 'c'::text)))", True),
        ("(NOT (client_id IS DISTINCT FROM (auth.jwt() ->> 'c'::text)))", False),
        ("CASE WHEN ((auth.jwt() ->> 'c'::text) IS NULL) THEN true ELSE false END", True),
        (f"({TENANT} OR (current_setting('app.t'::text, true) = ''::text))", True),
        (f"({TENANT} OR (status IS NULL))", False),
    ],
)
def test_a_missing_claim_must_not_open_a_row(using: str, *, opens: bool) -> None:
    assert bool(found("policy_absent_claim", with_orders(policies=(policy(using=using),)))) is opens


def test_a_subselect_of_an_open_table_ties_nobody() -> None:
    text = "(client_id IN ( SELECT m.client_id FROM members m))"
    bound = replace(policy(using=text), functions=(), relations=(Name("public", "members"),))
    members = Relation(name=Name("public", "members"), owner="postgres")

    open_ = replace(with_orders(policies=(bound,)), relations=(replace(ORDERS, policies=(bound,)), members))
    secured = replace(open_, relations=(open_.relations[0], replace(members, row_security=True)))
    assert found("policy_ignores_tenant", open_)
    assert found("policy_ignores_tenant", secured) == []


def test_user_metadata_is_found_through_functions_that_call_functions() -> None:
    helper = policy(using="(client_id = private.tenant())")
    catalog = replace(
        with_orders(policies=(replace(helper, functions=(Name("private", "tenant"),)),)),
        functions=(
            function("tenant", "select private.claim('client_id')"),
            function("claim", "select auth.jwt() -> 'user_metadata' ->> $1"),
        ),
    )

    (finding,) = found("policy_user_metadata", catalog)
    assert isinstance(finding, Finding)
    assert "(in private.claim())" in finding.what


def test_names_are_quoted_where_sql_needs_it() -> None:
    assert [quoted(name) for name in ("orders", "order", "Orders", 'a"b', "größe", "a b")] == [
        "orders", '"order"', '"Orders"', '"a""b"', '"größe"', '"a b"',
    ]  # fmt: skip
    assert (listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])) == ("a", "a and b", "a, b and c")
