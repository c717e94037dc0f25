"""Views, and what else shows rows without asking the policies of their tables."""

from collections.abc import Iterator, Sequence

from pytest_deploycheck.catalog.lints.case import Case, allowed, signature
from pytest_deploycheck.catalog.lints.expressions import words
from pytest_deploycheck.catalog.lints.lint import Finding, Found, Level, Lint
from pytest_deploycheck.catalog.lints.names import listed, qualified, quoted
from pytest_deploycheck.model.catalog import Function, Role
from pytest_deploycheck.model.relation import Name, Relation

_AUTH = "auth"


def _readable(case: Case, kinds: str) -> Iterator[Relation]:
    """Relations of some kinds that an API role may read, and that are not public."""
    for relation in case.of_kind(kinds):
        access = case.access(relation)
        if not case.is_public(relation.name) and any("SELECT" in held for held in access.values()):
            yield relation


def _below(case: Case, view: Relation) -> Iterator[tuple[Relation, Relation]]:
    """Each table that a view shows, however deep, and the view that reads it."""
    new, seen = [view], set[Name]()
    while new:
        reader = new.pop()
        seen.add(reader.name)
        for name in reader.reads:
            if (read := case.relations.get(name)) is None:
                continue
            if read.kind in "vm" and name not in seen:
                new.append(read)
            elif read.kind in "rpf":
                yield reader, read


def _bypasses(case: Case) -> Found:
    """A view reads as its owner; a security_invoker as who asks, also below another view."""
    for view in _readable(case, "v"):
        hidden = {
            (reader, table)
            for reader, table in _below(case, view)
            if reader.kind == "v"
            and not reader.security_invoker
            and table.row_security
            and case.exempt(reader.owner, table)
            and not case.is_public(table.name)
        }
        if hidden:
            tables = sorted({str(table.name) for _, table in hidden})
            readers = sorted({reader.name for reader, _ in hidden})
            through = [str(name) for name in readers if name != view.name]
            owners = sorted({reader.owner for reader, _ in hidden})
            what = (
                f"shows all rows of {listed(tables)}{f' by {listed(through)}' if through else ''}: it reads "
                f"as {listed(owners)}, for whom no policy holds, and {allowed(case.access(view))}"
            )
            yield Finding(str(view.name), what, _as_whoever_asks(case, view, readers))


def _as_whoever_asks(case: Case, view: Relation, readers: Sequence[Name]) -> str:
    server = case.catalog.server
    if server.has_security_invoker:
        return " ".join(f"ALTER VIEW {qualified(name)} SET (security_invoker = true);" for name in readers)
    return f"{_revoke(case, view)} -- a view of PostgreSQL {server.major} always reads as its owner"


def _over_definer(case: Case) -> Found:
    for view in _readable(case, "v"):
        for function in sorted(set(_sources(case, view)), key=signature):
            owner = case.roles.get(function.owner)
            rights = ", for whom no policy holds" if owner and _exempt(owner) else ""
            what = f"shows the rows of {signature(function)}, which runs as {function.owner}{rights}"
            mend = f"ALTER FUNCTION {qualified(function.name)}({function.arguments}) SECURITY INVOKER;"
            yield Finding(str(view.name), what, mend)


def _exempt(role: Role) -> bool:
    return role.superuser or role.bypass_rls


def _sources(case: Case, view: Relation) -> Iterator[Function]:
    """The SECURITY DEFINER functions that a view selects from, as it selects from tables."""
    text = words(view.definition)
    for place, word in enumerate(text):
        named = text[place + 1 : place + 5]
        if word in ("FROM", "JOIN", "LATERAL") and len(named) == 4 and named[1] == "." and named[3] == "(":
            found = case.functions.get(Name(named[0], named[2]), ())
            yield from (f for f in found if f.security_definer and not case.is_public(f.name))


def _matview(case: Case) -> Found:
    for view in _readable(case, "m"):
        what = f"is a materialised view, and no policy holds for it: {allowed(case.access(view))}"
        yield Finding(str(view.name), what, _revoke(case, view))


def _foreign(case: Case) -> Found:
    for table in _readable(case, "f"):
        what = f"is a foreign table, and no policy holds for it: {allowed(case.access(table))}"
        yield Finding(str(table.name), what, _revoke(case, table))


def _revoke(case: Case, relation: Relation) -> str:
    roles = ", ".join(map(quoted, sorted(case.access(relation))))
    return f"REVOKE ALL ON {qualified(relation.name)} FROM {roles};"


def _not_populated(case: Case) -> Found:
    for view in case.of_kind("m"):
        if not view.populated:
            mend = f"REFRESH MATERIALIZED VIEW {qualified(view.name)};"
            yield Finding(str(view.name), "is not populated: to read it is an error", mend)


def _auth(case: Case) -> Found:
    for relation in case.catalog.relations:
        if (
            relation.name.schema == _AUTH
            and not case.is_public(relation.name)
            and (access := case.access(relation))
        ):
            what = f"holds the accounts, and {allowed(access)}"
            yield Finding(str(relation.name), what, _revoke(case, relation))
    for view in (*_readable(case, "v"), *_readable(case, "m")):
        found = sorted({str(t.name) for reader, t in _below(case, view) if _shows_accounts(case, reader, t)})
        if found:
            what = f"shows {listed(found)}: {allowed(case.access(view))}"
            yield Finding(str(view.name), what, _revoke(case, view))
    if _AUTH in case.declared.schemas:
        yield Finding(
            "schema auth", "is served by the API", "-- take it out of the API's schemas (db-schemas)"
        )


def _no_accounts(case: Case) -> str:
    is_there = any(relation.name.schema == _AUTH for relation in case.catalog.relations)
    return "" if is_there else f"there is no table in schema {_AUTH}"


def _shows_accounts(case: Case, reader: Relation, table: Relation) -> bool:
    return table.name.schema == _AUTH and not (reader.security_invoker and not case.access(table))


LINTS = (
    Lint(
        id="view_bypasses_rls",
        level=Level.ERROR,
        finds="a view that an API role may read, over a table whose policies don't hold for the view's owner",
        why="a view reads as its owner, unless it is a security_invoker: it shows every tenant's rows",
        mend="ALTER VIEW v SET (security_invoker = true); or declare the view, or the table, under `public`",
        look=_bypasses,
    ),
    Lint(
        id="view_over_definer",
        level=Level.WARNING,
        finds="a view that an API role may read, over the rows of a SECURITY DEFINER function",
        why="it reads with its owner's rights, whatever the view says: only its body keeps tenants apart",
        mend="ALTER FUNCTION f() SECURITY INVOKER; or declare the function, or the view, under `public`",
        look=_over_definer,
    ),
    Lint(
        id="matview_exposed",
        level=Level.ERROR,
        finds="a materialised view that an API role may read",
        why="it has no policies: what was computed of all tenants is there for all",
        mend="REVOKE ALL ON v FROM anon, authenticated; or declare it under `public`",
        look=_matview,
    ),
    Lint(
        id="foreign_table_exposed",
        level=Level.ERROR,
        finds="a foreign table that an API role may read",
        why="no policy holds for it, and the other server sees one user for all",
        mend="REVOKE ALL ON t FROM anon, authenticated",
        look=_foreign,
    ),
    Lint(
        id="matview_not_populated",
        level=Level.WARNING,
        finds="a materialised view that was never filled",
        why="whoever reads it gets an error",
        mend="REFRESH MATERIALIZED VIEW v",
        look=_not_populated,
    ),
    Lint(
        id="auth_exposed",
        level=Level.ERROR,
        finds="accounts of the schema auth within reach of an API role, or shown by a view",
        why="they hold addresses, password hashes and tokens",
        mend="revoke the privileges; show what is needed of an account in a table of your own",
        look=_auth,
        lacking=_no_accounts,
    ),
)
