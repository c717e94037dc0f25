"""Functions: what they are, whose rights they act with, and who may call them."""

from collections.abc import Iterator
from typing import Literal

from pytest_deploycheck.catalog.quoting import quote, quoted
from pytest_deploycheck.checks.expectations.known import EVERYBODY, Known
from pytest_deploycheck.checks.expectations.named import Spec
from pytest_deploycheck.checks.expectations.types import argument_types, declared_types, type_name
from pytest_deploycheck.checks.expectations.wrong import Wrong
from pytest_deploycheck.checks.language.part import Text
from pytest_deploycheck.model.catalog import Function
from pytest_deploycheck.model.relation import PUBLIC

_VOLATILITY = {"i": "immutable", "s": "stable", "v": "volatile"}
_KINDS = {"f": "function", "p": "procedure", "a": "aggregate", "w": "window"}


class FunctionSpec(Spec):
    """What a function must be. `execute` are all that may call it beside its owner, PUBLIC for everybody."""

    kind: Literal["function", "procedure", "aggregate", "window"] | None = None
    returns: Text | None = None
    language: Text | None = None
    volatility: Literal["immutable", "stable", "volatile"] | None = None
    definer: bool | None = None
    strict: bool | None = None
    leakproof: bool | None = None
    search_path: str | None = None
    owner: Text | None = None
    execute: tuple[Text, ...] | None = None


def found(name: str, schema: str, known: Known) -> list[Function]:
    """Return the functions of a name; with arguments in brackets, the one that has their types."""
    title, bracket, arguments = name.partition("(")
    whole = title.strip() if "." in title else f"{schema}.{title.strip()}"
    functions = known.functions.get(whole, [])
    if not bracket:
        return functions
    wanted = declared_types(arguments.rstrip().removesuffix(")"), schema)
    return [each for each in functions if argument_types(each.arguments, schema) == wanted]


def wrong_functions(name: str, schema: str, spec: FunctionSpec, known: Known) -> Iterator[Wrong]:
    """Yield what is wrong with the functions of a name."""
    functions = found(name, schema, known)
    if not functions:
        yield Wrong(f"there is no function {name if '.' in name.partition('(')[0] else f'{schema}.{name}'}")
    for each in functions:
        yield from _wrong(each, schema, spec)


def _wrong(function: Function, schema: str, spec: FunctionSpec) -> Iterator[Wrong]:
    where = f"{function.name}({function.arguments})"
    alter = f"ALTER {'PROCEDURE' if function.kind == 'p' else 'FUNCTION'} {_sql(function)}"
    for words, has, wanted, change in (
        ("is a", _KINDS.get(function.kind), spec.kind, ""),
        (
            "returns",
            type_name(function.returns, schema),
            spec.returns and type_name(spec.returns, schema),
            "",
        ),
        ("is written in", function.language, spec.language, ""),
        ("is", _VOLATILITY.get(function.volatility), spec.volatility, str(spec.volatility).upper()),
        ("is owned by", function.owner, spec.owner, f"OWNER TO {quote(spec.owner or '')}"),
    ):
        if wanted is not None and has != wanted:
            yield Wrong(f"{where} {words} {has}, expected {wanted}", f"{alter} {change};" if change else "")
    yield from _switches(where, alter, function, spec)
    yield from _search_path(where, alter, function, spec)
    yield from _execute(where, function, spec)


def _switches(where: str, alter: str, function: Function, spec: FunctionSpec) -> Iterator[Wrong]:
    for words, has, wanted, sql in (
        (
            "acts with its owner's rights",
            function.security_definer,
            spec.definer,
            ("SECURITY INVOKER", "SECURITY DEFINER"),
        ),
        ("is strict", function.strict, spec.strict, ("CALLED ON NULL INPUT", "STRICT")),
        ("is leakproof", function.leakproof, spec.leakproof, ("NOT LEAKPROOF", "LEAKPROOF")),
    ):
        if wanted is not None and has is not wanted:
            told = f" {words}, expected not to" if has else f": expected that it {words}"
            yield Wrong(f"{where}{told}", f"{alter} {sql[wanted]};")


def _search_path(where: str, alter: str, function: Function, spec: FunctionSpec) -> Iterator[Wrong]:
    if spec.search_path is None:
        return
    paths = [each.partition("=")[2] for each in function.settings if each.startswith("search_path=")]
    mend = f"{alter} SET search_path = {spec.search_path.strip() or chr(39) * 2};"
    if not paths:
        yield Wrong(f"{where} has no search_path of its own: its caller decides which objects it means", mend)
    elif _schemas(paths[0]) != _schemas(spec.search_path):
        yield Wrong(f"{where} has search_path {paths[0]}, expected {spec.search_path or 'nothing'}", mend)


def _schemas(path: str) -> list[str]:
    names = (each.strip().strip("\"'") for each in path.split(","))
    return [name for name in names if name]


def _execute(where: str, function: Function, spec: FunctionSpec) -> Iterator[Wrong]:
    if spec.execute is None:
        return
    may = {
        EVERYBODY if each.grantee == PUBLIC else each.grantee
        for each in function.grants
        if each.privilege == "EXECUTE" and each.grantee != function.owner
    }
    for role in sorted(may - set(spec.execute)):
        source = role if role == EVERYBODY else quote(role)
        yield Wrong(f"{role} may call {where}", f"REVOKE EXECUTE ON ROUTINE {_sql(function)} FROM {source};")
    for role in sorted(set(spec.execute) - may):
        target = role if role == EVERYBODY else quote(role)
        yield Wrong(f"{role} may not call {where}", f"GRANT EXECUTE ON ROUTINE {_sql(function)} TO {target};")


def _sql(function: Function) -> str:
    return f"{quoted(function.name)}({function.arguments})"
