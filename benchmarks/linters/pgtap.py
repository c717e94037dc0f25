"""The healthy schema in pgTAP's words: all it can assert of names, kinds, keys, owners and privileges.

Nobody writes all of these by hand; it is the most that pgTAP can see.
"""

import re
from collections.abc import Iterable, Iterator

import psycopg
from psycopg import sql

from benchmarks.linters.contenders import Contender
from pytest_deploycheck.model.catalog import Catalog, Function
from pytest_deploycheck.model.relation import Constraint, Index, Policy, Relation

ROLES = ("anon", "authenticated", "authenticator", "service_role")
COMMANDS = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "*": "ALL"}
KINDS = {"r": "tables_are", "v": "views_are", "m": "materialized_views_are", "f": "foreign_tables_are"}
_PLAIN = re.compile(r"\w+")

Assertion = sql.Composed


def call(name: str, *arguments: "str | Iterable[str] | None") -> Assertion:
    """A call of a pgTAP function: texts are names, other iterables arrays of names."""
    return sql.SQL("SELECT tap.{}({})").format(
        sql.Identifier(name), sql.SQL(", ").join(_literal(one) for one in arguments)
    )


def _literal(argument: "str | Iterable[str] | None") -> sql.Composable:
    if argument is None or isinstance(argument, str):
        return (
            sql.SQL("{}::text").format(sql.Literal(argument)) if argument is None else sql.Literal(argument)
        )
    return sql.SQL("{}::name[]").format(sql.Literal(list(argument)))


def pgtap(admin: str, catalog: Catalog) -> Contender:
    """Assert all of `catalog` in one transaction, the extension in it, which is rolled back."""
    assertions = tuple(_all(catalog))

    def find() -> frozenset[str]:
        with psycopg.connect(admin) as connection:
            connection.execute("CREATE SCHEMA tap; CREATE EXTENSION pgtap SCHEMA tap")
            connection.execute("SET LOCAL search_path = tap, public, pg_catalog; SELECT tap.no_plan()")
            failed = {number for number, each in enumerate(assertions) if not _holds(connection, each)}
            connection.rollback()
        return frozenset(assertions[number].as_string(None) for number in failed)

    return Contender("pgTAP", find)


def _holds(connection: psycopg.Connection[tuple[object, ...]], assertion: Assertion) -> bool:
    try:
        with connection.transaction():
            (told,) = connection.execute(assertion).fetchone() or ("",)
    except psycopg.Error:
        return False
    return str(told).startswith("ok")


def _all(catalog: Catalog) -> Iterator[Assertion]:
    schemas = [schema.name for schema in catalog.schemas]
    yield call("schemas_are", [*schemas, "tap"])
    yield call("extensions_are", [*(extension.name for extension in catalog.extensions), "pgtap"])
    yield call("roles_are", _all_roles(catalog))
    yield from _roles(catalog)
    for schema in catalog.schemas:
        yield from _schema(catalog, schema.name)
    for relation in catalog.relations:
        yield from _relation(relation)
    for function in catalog.functions:
        if not function.extension:
            yield from _function(function)


def _roles(catalog: Catalog) -> Iterator[Assertion]:
    for role in catalog.roles:
        yield sql.SQL("SELECT tap.ok((SELECT rolsuper FROM pg_roles WHERE rolname = {}) = {})").format(
            role.name, role.superuser
        )
        for member in role.member_of:
            yield call("is_member_of", member.role, role.name)
    for one in ("anon", "authenticated"):
        for other in ("postgres", "service_role"):
            yield call("isnt_member_of", other, one)


def _all_roles(catalog: Catalog) -> list[str]:
    predefined = {membership.role for role in catalog.roles for membership in role.member_of}
    return sorted({role.name for role in catalog.roles} | predefined | _PREDEFINED)


_PREDEFINED = {
    "pg_checkpoint",
    "pg_database_owner",
    "pg_execute_server_program",
    "pg_monitor",
    "pg_read_all_data",
    "pg_read_all_settings",
    "pg_read_all_stats",
    "pg_read_server_files",
    "pg_signal_backend",
    "pg_stat_scan_tables",
    "pg_write_all_data",
    "pg_write_server_files",
}


def _schema(catalog: Catalog, schema: str) -> Iterator[Assertion]:
    owner = next(one.owner for one in catalog.schemas if one.name == schema)
    yield call("schema_owner_is", schema, owner)
    for kind, name in KINDS.items():
        kinds = "rp" if kind == "r" else kind
        yield call(
            name, schema, [r.name.name for r in catalog.relations if _of(r, schema) and r.kind in kinds]
        )
    yield call("sequences_are", schema, [s.name.name for s in catalog.sequences if s.name.schema == schema])
    yield call(
        "functions_are", schema, sorted({f.name.name for f in catalog.functions if f.name.schema == schema})
    )
    grants = next(one.grants for one in catalog.schemas if one.name == schema)
    for role in ROLES:
        held = [g.privilege for g in grants if g.grantee in (role, "")]
        yield call("schema_privs_are", schema, role, held)
    for sequence in catalog.sequences:
        if sequence.name.schema == schema:
            for role in ROLES:
                held = [g.privilege for g in sequence.grants if g.grantee == role]
                yield call("sequence_privs_are", schema, sequence.name.name, role, held)


def _of(relation: Relation, schema: str) -> bool:
    return relation.name.schema == schema


def _relation(relation: Relation) -> Iterator[Assertion]:
    at = (relation.name.schema, relation.name.name)
    yield call("columns_are", *at, [column.name for column in relation.columns])
    if relation.kind not in "rp":
        return
    yield call("table_owner_is", *at, relation.owner, "its owner")
    yield call("indexes_are", *at, [index.name for index in relation.indexes])
    yield call("triggers_are", *at, [trigger.name for trigger in relation.triggers])
    yield call("policies_are", *at, [policy.name for policy in relation.policies])
    for role in ROLES:
        yield call("table_privs_are", *at, role, [g.privilege for g in relation.grants if g.grantee == role])
        held = {g.privilege for c in relation.columns for g in c.grants if g.grantee == role}
        whole = {g.privilege for g in relation.grants if g.grantee == role} & _OF_COLUMNS
        yield call("any_column_privs_are", *at, role, sorted(held | whole))
    for column in relation.columns:
        type_of = column.type.partition(".")[::2] if "." in column.type else (column.type,)
        yield call("col_type_is", *at, column.name, *type_of, f"{column.name} is of its type")
        yield call("col_not_null" if column.not_null else "col_is_null", *at, column.name, "its nullness")
        yield call(
            "col_has_default" if column.default else "col_hasnt_default", *at, column.name, "its default"
        )
    yield from _keys(at, relation.constraints)
    for index in relation.indexes:
        yield from _index(at, index)
    for policy in relation.policies:
        yield from _policy(at, policy)


_OF_COLUMNS = {"SELECT", "INSERT", "UPDATE", "REFERENCES"}


def _keys(at: tuple[str, str], constraints: Iterable[Constraint]) -> Iterator[Assertion]:
    for key in constraints:
        if key.kind == "p":
            yield call("col_is_pk", *at, list(key.columns), "its primary key")
        elif key.kind == "f" and key.references:
            there = (key.references.schema, key.references.name)
            yield call("fk_ok", *at, list(key.columns), *there, list(key.referenced), "its foreign key")


def _index(at: tuple[str, str], index: Index) -> Iterator[Assertion]:
    if all(_PLAIN.fullmatch(column) for column in index.keys):
        yield call("has_index", *at, index.name, list(index.keys), "its index")
    yield call("index_is_type", *at, index.name, index.method)
    if index.unique:
        yield call("index_is_unique", *at, index.name)


def _policy(at: tuple[str, str], policy: Policy) -> Iterator[Assertion]:
    yield call("policy_cmd_is", *at, policy.name, COMMANDS[policy.command], "its command")
    yield call("policy_roles_are", *at, policy.name, [role or "public" for role in policy.roles])


def _function(function: Function) -> Iterator[Assertion]:
    at = (function.name.schema, function.name.name)
    arguments = [each.rpartition(" ")[2] for each in function.arguments.split(", ") if each]
    yield call("is_definer" if function.security_definer else "isnt_definer", *at, arguments)
    yield call("function_lang_is", *at, arguments, function.language)
    volatility = {"i": "immutable", "s": "stable", "v": "volatile"}[function.volatility]
    yield call("volatility_is", *at, arguments, volatility)
    yield call("function_owner_is", *at, arguments, function.owner)
    for role in ROLES:
        held = [g.privilege for g in function.grants if g.grantee in (role, "")]
        yield call("function_privs_are", *at, arguments, role, held)
