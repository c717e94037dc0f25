"""The whole catalog of a real PostgreSQL, in one snapshot."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from pytest_deploycheck.catalog.queries import OLDEST, queries
from pytest_deploycheck.model.catalog import Catalog, Extension, Membership, Sequence
from pytest_deploycheck.model.evidence import Silence
from pytest_deploycheck.model.probe import Snapshot
from pytest_deploycheck.model.relation import PUBLIC, Grant, Name, Relation, Unknown
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.database import Database
from suites.standins.kit.postgres import Postgres
from tests.probes.conftest import PASSWORD
from tests.probes.snapshots import snapshot

ODD = Path(__file__).with_name("odd.sql")
SINCE_15 = Path(__file__).with_name("odd_since_15.sql")


@pytest.fixture(scope="session")
def odd(postgres: Postgres) -> Catalog:
    """What the prober sees of a database with one of everything."""
    with psycopg.connect(postgres.local("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE odd")
    with psycopg.connect(postgres.local("postgres", "odd"), autocommit=True) as connection:
        connection.execute(ODD.read_bytes())
        if connection.info.server_version >= 150000:
            connection.execute(SINCE_15.read_bytes())
        return snapshot(postgres, "odd")


def relation(catalog: Catalog, name: str) -> Relation:
    found = catalog.relation(name)
    assert found is not None
    return found


def sequence(catalog: Catalog, name: str) -> Sequence:
    return next(each for each in catalog.sequences if str(each.name) == name)


@pytest.fixture
def database(postgres: Postgres) -> Iterator[Database]:
    opened = Database(Secret(postgres.url("prober", PASSWORD)), run_id="run7")
    yield opened
    opened.close()


def test_columns_are_in_their_order_and_a_dropped_one_is_gone(odd: Catalog) -> None:
    columns = relation(odd, "S p.T 1").columns

    assert [column.name for column in columns] == ["id", "Größe", "doubled", "number"]
    assert [column.type for column in columns] == ["integer", "text", "integer", "bigint"]
    assert [column.not_null for column in columns] == [True, False, False, True]
    assert columns[0].default == 'nextval(\'"S p"."T 1_id_seq"\'::regclass)'
    assert columns[1].collation == "C"
    assert (columns[2].generated, columns[2].default) == ("s", "(1 + 1)")
    assert columns[3].identity == "a"


def test_row_security_and_policies_with_what_they_use(odd: Catalog) -> None:
    table = relation(odd, "S p.T 1")
    p, q = table.policies

    assert (table.row_security, table.forced) == (True, True)
    assert (p.command, p.permissive, p.roles, p.check) == ("r", True, ("app", 'Ünï "x'), None)
    assert p.columns == ("Größe",)
    assert p.functions == (Name("public", "mine"),)
    assert p.relations == (Name("public", "other"),)
    assert (q.command, q.permissive, q.roles, q.using, q.check) == ("a", False, (PUBLIC,), None, "(id > 1)")


def test_an_index_tells_its_keys_whether_column_or_expression(odd: Catalog) -> None:
    key, index = relation(odd, "S p.T 1").indexes
    (unique,) = relation(odd, "public.other").indexes

    assert (index.name, index.keys, index.included) == ("odd idx", ('lower("Größe")', "id"), ("doubled",))
    assert (index.predicate, index.unique, index.valid, index.backs) == ("(id > 5)", False, True, "")
    assert (key.primary, key.keys, key.backs) == (True, ("id",), "T 1_pkey")
    assert (unique.unique, unique.keys, unique.included) == (True, ("a",), ("b",))
    assert index.size > 0


def test_a_foreign_key_to_a_partitioned_table_is_told_once(odd: Catalog) -> None:
    (key,) = relation(odd, "public.fk").constraints

    assert (key.kind, key.columns, key.references, key.referenced) == (
        "f",
        ("one",),
        Name("public", "pk"),
        ("id",),
    )
    assert (key.on_delete, key.on_update, key.deferrable, key.validated) == ("c", "a", True, True)


def test_a_constraint_that_is_not_validated_is_told_as_such(odd: Catalog) -> None:
    positive = next(each for each in relation(odd, "S p.T 1").constraints if each.name == "positive")

    assert (positive.kind, positive.validated, positive.enforced) == ("c", False, True)


@pytest.mark.parametrize("table", ["keeper", "kept"])
def test_a_foreign_key_whose_triggers_are_off_is_not_enforced(postgres: Postgres, table: str) -> None:
    with psycopg.connect(postgres.local("postgres"), autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE kept (id int PRIMARY KEY); CREATE TABLE keeper (id int REFERENCES kept)"
        )
        before = relation(snapshot(postgres, "postgres"), "public.keeper").constraints
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")  # as after an import
        after = relation(snapshot(postgres, "postgres"), "public.keeper").constraints
        connection.execute("DROP TABLE keeper, kept")

    assert [each.enforced for each in (*before, *after) if each.kind == "f"] == [True, False]


def test_views_tell_whose_rights_they_use_and_what_they_read(odd: Catalog) -> None:
    view, materialised = relation(odd, "public.v"), relation(odd, "public.mv")

    invokes = odd.server.major >= 15
    assert (view.kind, view.security_invoker, view.security_barrier, view.options) == ("v", invokes, True, ())
    assert view.reads == (Name("S p", "T 1"), Name("public", "other"))
    assert 'FROM (public.other\n     JOIN "S p"."T 1" t ON (true))' in view.definition
    assert (materialised.kind, materialised.populated, materialised.reads) == (
        "m",
        False,
        (Name("public", "v"),),
    )


def test_partitions_and_heirs_know_their_parents(odd: Catalog) -> None:
    part, child = relation(odd, "public.parent_26"), relation(odd, "public.child")

    assert relation(odd, "public.parent").partition_key == "RANGE (k)"
    assert part.partition_of == Name("public", "parent")
    assert part.partition_bound == "FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')"
    assert (part.inherits, child.partition_of) == ((), None)
    assert child.inherits == (Name("public", "other"),)


def test_what_else_a_table_has(odd: Catalog) -> None:
    child = relation(odd, "public.child")
    (trigger,) = relation(odd, "public.other").triggers

    assert child.options == ("autovacuum_enabled=false", "fillfactor=70")
    assert child.replica_identity == "f"
    assert relation(odd, "public.scratch").persistence == "u"
    assert (trigger.function, trigger.enabled) == (Name("public", "trg"), "D")


def test_grants_are_spelled_out_even_where_nobody_granted(odd: Catalog) -> None:
    other = relation(odd, "public.other")
    functions = {str(function.name): function for function in odd.functions}

    assert Grant("app", "SELECT", grantable=True) in other.grants
    assert Grant("postgres", "TRUNCATE") in other.grants
    assert [column.grants for column in other.columns] == [
        (Grant(PUBLIC, "SELECT"),),
        (Grant(PUBLIC, "UPDATE"),),
    ]
    assert functions["public.body"].grants == (Grant(PUBLIC, "EXECUTE"), Grant("postgres", "EXECUTE"))
    assert functions["public.mine"].grants == (Grant("postgres", "EXECUTE"),)


def test_functions_tell_what_makes_them_dangerous(odd: Catalog) -> None:
    functions = {str(function.name): function for function in odd.functions}
    mine = functions["public.mine"]

    assert (mine.arguments, mine.returns, mine.volatility) == ("t text", "boolean", "s")
    assert (mine.security_definer, mine.settings, mine.body) == (True, ('search_path=""',), "select true")
    assert functions["public.body"].body == "BEGIN ATOMIC\n SELECT 1;\nEND"
    assert functions["public.shown"].arguments == "a integer, b text, c integer"
    assert functions["public.shown"].defaults == "'x'::text, (1 + 1)"
    assert (functions["public.total"].kind, functions["public.total"].body) == ("a", "int4pl - - integer 0")
    assert (functions["public.nothing"].kind, functions["public.nothing"].returns) == ("p", "")


def test_sequences_tell_how_far_they_are_or_what_it_takes_to_know(odd: Catalog) -> None:
    seen, unused, owned = (sequence(odd, name) for name in ("public.seen", "public.unused", "S p.T 1_id_seq"))

    assert (seen.last, seen.start, seen.maximum, seen.cycle) == (6, 5, 9, True)
    assert unused.last is None
    assert owned.last == Unknown('GRANT SELECT ON SEQUENCE "S p"."T 1_id_seq" TO "prober"')
    assert (owned.table, owned.column, owned.type) == (Name("S p", "T 1"), "id", "integer")
    assert sequence(odd, "S p.T 1_number_seq").column == "number"


def test_types_of_all_kinds(odd: Catalog) -> None:
    assert {type_.name.name: (type_.kind, type_.definition) for type_ in odd.types} == {
        "mood": ("e", "'sad', 'it''s'"),
        "pos": ("d", "integer NOT NULL DEFAULT 1 CHECK ((VALUE > 0))"),
        "pair": ("c", "a integer, b text"),
        "span": ("r", "double precision"),
    }


def test_roles_their_memberships_and_what_is_set_for_them(odd: Catalog) -> None:
    app, guest, above = (odd.role(name) for name in ("app", "guest", "above"))

    assert app is not None
    assert app.member_of == (Membership(role='Ünï "x', admin=True),)
    assert (app.settings, app.valid_until) == (("statement_timeout=10s",), None)
    assert guest is not None
    assert (guest.valid_until, guest.connection_limit) == (datetime(2030, 1, 1, tzinfo=UTC), 3)
    assert above is not None
    assert (above.bypass_rls, above.superuser, above.can_login) == (True, False, False)
    assert (above.create_role, above.create_database, above.replication) == (True, True, True)
    assert odd.role("pg_monitor") is None


def test_what_is_set_for_this_database_goes_over_what_is_set_everywhere(odd: Catalog) -> None:
    assert "lock_timeout=7s" in odd.database_settings


def test_the_value_of_a_setting_that_is_a_secret_is_starred(odd: Catalog) -> None:
    assert "app.settings.jwt_secret=***" in odd.database_settings
    assert odd.setting("password_encryption") == "scram-sha-256"
    assert "hunter22" not in repr(odd)


def test_settings_are_those_the_session_began_with_and_have_units(odd: Catalog) -> None:
    assert (odd.setting("statement_timeout"), odd.unit("statement_timeout")) == ("0", "ms")
    assert (odd.setting("lock_timeout"), odd.setting("max_connections")) == ("7000", "100")
    assert (odd.unit("shared_buffers"), odd.unit("max_connections")) == ("8kB", "")


def test_publications_with_columns_rows_and_schemas(odd: Catalog) -> None:
    everything, pub, *others = odd.publications
    since_15 = odd.server.major >= 15
    part = (("a",), "(a > 3)") if since_15 else ((), "")

    assert (everything.all_tables, everything.tables) == (True, ())
    assert [(str(each.table), each.columns, each.rows) for each in pub.tables] == [
        ("public.other", *part),
        ("public.parent", (), ""),
    ]
    assert [(each.schemas, each.operations) for each in others] == [(("S p",), ("insert",))] * since_15


def test_default_privileges_extensions_schemas_and_event_triggers(odd: Catalog) -> None:
    everywhere, in_public = odd.default_privileges

    assert (everywhere.schema, everywhere.kind, everywhere.grants) == (
        "",
        "f",
        (Grant("postgres", "EXECUTE"),),
    )
    assert (in_public.schema, in_public.kind, in_public.grants) == ("public", "r", (Grant("app", "SELECT"),))
    assert Extension(name="plpgsql", version="1.0", schema="pg_catalog") in odd.extensions
    assert [schema.name for schema in odd.schemas] == ["S p", "ext", "public"]
    assert [(each.name, each.event, str(each.function)) for each in odd.event_triggers] == [
        ("et", "ddl_command_end", "public.evt")
    ]


def test_rules_are_told_but_what_makes_a_view_one(odd: Catalog) -> None:
    (rule,) = relation(odd, "public.scratch").rules

    assert (rule.name, rule.enabled) == ("held", "O")
    assert rule.definition == "CREATE RULE held AS\n    ON DELETE TO public.scratch DO INSTEAD NOTHING;"
    assert relation(odd, "public.v").rules == ()


def test_what_is_granted_on_the_database_and_the_system_beyond_what_it_grants_itself(odd: Catalog) -> None:
    held = {each.object: each.grants for each in odd.privileges}

    assert held["system pg_read_file(text)"] == (Grant("app", "EXECUTE"),)
    assert held["system pg_authid.rolpassword"] == (Grant(PUBLIC, "SELECT"),)
    assert Grant(PUBLIC, "CONNECT") in held["database"]
    assert Grant("app", "USAGE") in held["foreign server there"]
    assert set(held) == {
        "database",
        "foreign data wrapper nowhere",
        "foreign server there",
        "system pg_authid.rolpassword",
        "system pg_read_file(text)",
    }


def test_a_subscription_is_told_without_its_password(odd: Catalog) -> None:
    (moved,) = odd.subscriptions

    assert (moved.name, moved.enabled, moved.publications) == ("moved", False, ("a", "b"))
    assert "hunter22" not in repr(odd)


def test_nothing_of_the_system_and_nothing_temporary_is_told(odd: Catalog) -> None:
    assert {each.name.schema for each in odd.relations} == {"S p", "ext", "public"}
    assert odd.relation("public.passing") is None


def test_what_an_extension_owns_is_marked_as_such(odd: Catalog) -> None:
    functions = {function.extension for function in odd.functions if function.name.schema == "ext"}

    assert relation(odd, "ext.pg_stat_statements").extension == "pg_stat_statements"
    assert functions == {"pg_stat_statements"}
    assert relation(odd, "public.v").extension == ""


def test_a_foreign_table_is_one(odd: Catalog) -> None:
    assert relation(odd, "public.away").kind == "f"


def test_the_server_says_who_was_asked_and_as_whom(odd: Catalog, postgres: Postgres) -> None:
    assert (odd.server.database, odd.server.user, odd.server.superuser) == ("odd", "prober", False)
    assert odd.server.size > 1_000_000
    assert odd.server.at is not None


def test_the_newest_server_tells_what_only_it_has(odd: Catalog, postgres: Postgres) -> None:
    if odd.server.major < 18:
        assert [each for each in relation(odd, "S p.T 1").constraints if each.kind == "n"] == []
        return
    with psycopg.connect(postgres.local("postgres", "odd"), autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE fresh (a int NOT NULL, b int GENERATED ALWAYS AS (a + 1) VIRTUAL,"
            " CHECK (a > 0) NOT ENFORCED);"
            'CREATE ROLE narrow; GRANT "Ünï ""x" TO narrow WITH INHERIT FALSE, SET FALSE'
        )
        seen = snapshot(postgres, "odd")
        connection.execute("DROP TABLE fresh; DROP ROLE narrow")
    fresh, narrow = relation(seen, "public.fresh"), seen.role("narrow")

    assert [(each.kind, each.enforced) for each in fresh.constraints] == [("c", False), ("n", True)]
    assert fresh.columns[1].generated == "v"
    assert narrow is not None
    assert narrow.member_of == (Membership(role='Ünï "x', inherits=False, may_set=False),)


def test_what_older_servers_are_asked_newer_ones_understand_too(postgres: Postgres) -> None:
    newer = ("prqual", "pg_publication_namespace", "inherit_option", "conenforced")

    for version in (OLDEST, 150000, 160000, 170000):
        texts = queries(version)
        with psycopg.connect(postgres.local("postgres")) as connection:
            if version <= connection.info.server_version:
                for text in texts.values():
                    connection.execute(text)

    assert not [word for word in newer for text in queries(OLDEST).values() if word in text]


def test_a_server_that_is_too_old_is_said_to_be(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_deploycheck.probes.snapshot.OLDEST", 990000)

    seen = database.send(Snapshot())

    assert isinstance(seen, Silence)
    assert seen.reason.endswith("the catalog is known from PostgreSQL 99 on (SQLSTATE 0A000)")


def test_a_snapshot_is_taken_once(database: Database, postgres: Postgres) -> None:
    before = database.send(Snapshot())
    with psycopg.connect(postgres.local("postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE later (id int)")
        after = database.send(Snapshot())
        connection.execute("DROP TABLE later")

    assert before is after
