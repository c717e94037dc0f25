"""Functions, roles, sequences, enums, extensions, schemas, publications, buckets."""

from dataclasses import replace

import pytest

from pytest_deploycheck.model.catalog import Catalog, Role
from pytest_deploycheck.model.outcome import Failed
from pytest_deploycheck.model.relation import PUBLIC, Grant
from tests.checks.expectations.store import STORE, TOUCH, only, wrong


def touch(text: str) -> str:
    return f"functions: {{named: {{'touch(text, timestamptz)': {{{text}}}}}}}"


@pytest.mark.parametrize(
    "text",
    [
        touch("volatility: stable, definer: true, search_path: '', execute: [member], kind: function"),
        touch("returns: trigger, language: plpgsql, strict: false, leakproof: false, owner: postgres"),
        "functions: {named: {touch: {definer: true}}}",
        "functions: {named: {public.touch: {definer: true}}}",
        "sequences: {named: {numbers: {start: 1001, type: int8, cycle: false, owned_by: orders.id}}}",
        "sequences: {named: {numbers: {increment: 1, minimum: 1, privileges: {member: [usage]}}}}",
        "enums: {named: {status: [open, it's paid]}}",
        "roles: {named: {anon: {superuser: false, bypass_rls: false, inherit: false, member_of: []}}}",
        "roles: {named: {web: {member_of: [member, reader]}, }}",
        "roles: {named: {postgres: {login: true, connection_limit: 5}}}",
        "roles: {named: {member: {settings: {statement_timeout: 30s}}}}",
        "extensions: {named: {pg_trgm: '>=1.6'}}",
        "extensions: {named: {pg_trgm: {version: '1.6', schema: extensions}}}",
        "schemas: {named: {public: {owner: postgres, privileges: {anon: [usage], PUBLIC: []}}}}",
        "publications: {named: {feed: {tables: [orders], all_tables: false, operations: [insert]}}}",
        "buckets: {named: {avatars: {public: false, size_limit: 100, types: [image/png]}}}",
    ],
)
def test_an_object_is_as_expected(text: str) -> None:
    assert wrong(text) == ""


WHERE = "public.touch(kind text, at timestamp with time zone)"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("functions: {named: {gone: {definer: true}}}", "there is no function public.gone"),
        ("functions: {named: {touch(int): {definer: true}}}", "there is no function public.touch(int)"),
        (touch("volatility: immutable"), f"{WHERE} is stable, expected immutable"),
        (touch("definer: false"), f"{WHERE} acts with its owner's rights, expected not to"),
        (touch("strict: true"), f"{WHERE}: expected that it is strict"),
        (touch("search_path: app"), f'{WHERE} has search_path "", expected app'),
        (touch("execute: []"), f"member may call {WHERE}"),
        (touch("execute: [member, anon]"), f"anon may not call {WHERE}"),
        (touch("returns: int"), f"{WHERE} returns trigger, expected integer"),
        (touch("owner: ann"), f"{WHERE} is owned by postgres, expected ann"),
        ("sequences: {named: {gone: {start: 1}}}", "there is no sequence public.gone"),
        ("sequences: {named: {numbers: {start: 1}}}", "public.numbers has start 1001, expected 1"),
        (
            "sequences: {named: {numbers: {owned_by: sites.id}}}",
            "public.numbers has owning column orders.id, expected sites.id",
        ),
        (
            "sequences: {named: {numbers: {privileges: {anon: [usage]}}}}",
            "anon may not USAGE on public.numbers",
        ),
        ("enums: {named: {amount: [open]}}", "there is no enum public.amount"),
        (
            "enums: {named: {status: [open, shut]}}",
            "enum public.status has 'open', 'it''s paid', expected 'open', 'shut'",
        ),
        ("roles: {named: {gone: {login: true}}}", "there is no role gone"),
        ("roles: {named: {postgres: {login: false}}}", "role postgres has LOGIN"),
        ("roles: {named: {anon: {replication: true}}}", "role anon lacks REPLICATION"),
        (
            "roles: {named: {postgres: {connection_limit: 9}}}",
            "role postgres has connection limit 5, expected 9",
        ),
        ("roles: {named: {web: {member_of: [reader]}}}", "role web is a member of member"),
        ("roles: {named: {anon: {member_of: [reader]}}}", "role anon is no member of reader"),
        (
            "roles: {named: {anon: {settings: {statement_timeout: 30s}}}}",
            "role anon has statement_timeout none, expected 30s",
        ),
        ("extensions: {named: {gone: '1'}}", "there is no extension gone"),
        (
            "extensions: {named: {pg_trgm: '>=1.10'}}",
            "extension pg_trgm has version 1.6, expected >=1.10",
        ),
        (
            "extensions: {named: {pg_trgm: {schema: public}}}",
            "extension pg_trgm has schema extensions, expected public",
        ),
        ("schemas: {named: {gone: {owner: x}}}", "there is no schema gone"),
        ("schemas: {named: {public: {owner: ann}}}", "schema public has owner postgres, expected ann"),
        (
            "schemas: {named: {public: {privileges: {anon: []}}}}",
            "anon may USAGE on schema public",
        ),
        ("publications: {named: {gone: {all_tables: true}}}", "there is no publication gone"),
        (
            "publications: {named: {feed: {all_tables: true}}}",
            "publication feed publishes some tables only, expected the opposite",
        ),
        (
            "publications: {named: {feed: {operations: [delete]}}}",
            "publication feed has operations insert, expected delete",
        ),
        (
            "publications: {named: {feed: {tables: [sites]}}}",
            "publication feed publishes public.orders; 2 in all\npublication feed publishes public.orders\n"
            "publication feed lacks public.sites",
        ),
        ("buckets: {named: {gone: {public: true}}}", "there is no bucket gone"),
        ("buckets: {named: {avatars: {public: true}}}", "bucket avatars is not public"),
        ("buckets: {named: {avatars: {size_limit: 5}}}", "bucket avatars has size limit 100, expected 5"),
    ],
)
def test_what_is_not_as_expected_is_named(text: str, reason: str) -> None:
    assert wrong(text) == reason


def with_touch(**changes: object) -> Catalog:
    return replace(STORE, functions=(replace(TOUCH, **changes),))  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("text", "catalog", "reason", "hint"),
    [
        (
            touch("search_path: ''"),
            with_touch(settings=()),
            f"{WHERE} has no search_path of its own: its caller decides which objects it means",
            'ALTER FUNCTION "public"."touch"(kind text, at timestamp with time zone) SET search_path = \'\';',
        ),
        (
            touch("execute: [member]"),
            with_touch(grants=(*TOUCH.grants, Grant(PUBLIC, "EXECUTE"))),
            f"PUBLIC may call {WHERE}",
            'REVOKE EXECUTE ON ROUTINE "public"."touch"(kind text, at timestamp with time zone) FROM PUBLIC;',
        ),
        (
            "roles: {named: {anon: {bypass_rls: false}}}",
            replace(STORE, roles=(Role(name="anon", bypass_rls=True),)),
            "role anon has BYPASSRLS",
            'ALTER ROLE "anon" NOBYPASSRLS;',
        ),
        (
            "enums: {named: {status: [open, it's paid, sent]}}",
            STORE,
            "enum public.status has 'open', 'it''s paid', expected 'open', 'it''s paid', 'sent'",
            'ALTER TYPE "public"."status" ADD VALUE \'sent\';',
        ),
        (
            "buckets: {named: {avatars: {public: false}}}",
            replace(STORE, buckets=(replace(STORE.buckets[0], public=True),)),  # type: ignore[index]  # the store's buckets are known
            "bucket avatars is public: anybody reads its objects",
            "UPDATE storage.buckets SET public = false WHERE id = 'avatars';",
        ),
    ],
)
def test_how_to_mend_it_is_told(text: str, catalog: Catalog, reason: str, hint: str) -> None:
    assert only(text, catalog) == Failed(reason, hint=hint)


def test_all_functions_of_a_name_are_meant_where_no_arguments_are_named() -> None:
    more = replace(STORE, functions=(TOUCH, replace(TOUCH, arguments="", security_definer=False)))

    assert wrong("functions: {named: {touch: {definer: true}}}", more) == (
        "public.touch(): expected that it acts with its owner's rights"
    )
