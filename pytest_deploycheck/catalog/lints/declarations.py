"""What is declared and isn't there, and what stands where the API serves it by mistake."""

from pytest_deploycheck.catalog.lints.case import Case, of, signature
from pytest_deploycheck.catalog.lints.lint import Blind, Finding, Found, Level, Lint
from pytest_deploycheck.catalog.lints.names import quoted
from pytest_deploycheck.model.relation import Unknown

_MEND = "-- mend the name in the contract, or remove it"


def _unknown(case: Case) -> Found:
    there = _names(case)
    buckets = case.catalog.buckets
    for name in sorted(case.declared.public | case.declared.service_only | _qualified(case)):
        if name in there:
            continue
        if name.startswith("bucket ") and isinstance(buckets, Unknown):
            yield Blind(name, f"{buckets.reason}; GRANT SELECT on storage.buckets would decide")
        else:
            yield Finding(name, "is declared, and is not there", _MEND)
    for name in case.declared.tenant_columns:
        if "." not in name and not any(table.column(name) for table in case.own_tables):
            yield Finding(name, "is declared a tenant's column, and no table has it", _MEND)


def _names(case: Case) -> set[str]:
    """Everything that a declaration can name."""
    catalog = case.catalog
    found = {str(relation.name) for relation in catalog.relations}
    found |= {of(relation, policy.name) for relation in catalog.relations for policy in relation.policies}
    found |= {of(relation, column.name) for relation in catalog.relations for column in relation.columns}
    found |= {name for f in catalog.functions for name in (str(f.name), signature(f))}
    found |= {f"publication {publication.name}" for publication in catalog.publications}
    if not isinstance(catalog.buckets, Unknown):
        found |= {f"bucket {bucket.id}" for bucket in catalog.buckets}
    return found


def _qualified(case: Case) -> set[str]:
    return {name for name in case.declared.tenant_columns if "." in name}


def _extensions(case: Case) -> Found:
    for extension in case.catalog.extensions:
        if extension.schema in case.declared.schemas:
            what = f"is in {extension.schema}, which the API serves: its functions can be called from outside"
            mend = f"ALTER EXTENSION {quoted(extension.name)} SET SCHEMA extensions;"
            yield Finding(f"extension {extension.name}", what, mend)


LINTS = (
    Lint(
        id="declared_missing",
        level=Level.WARNING,
        finds="a name under `public`, `service_only` or `tenant_columns` that is not in the database",
        why="a misspelt declaration protects nothing; one that outlived its object opens the next",
        mend="mend the name in the contract, or remove it",
        look=_unknown,
    ),
    Lint(
        id="extension_served",
        level=Level.WARNING,
        finds="an extension in a served schema",
        why="its functions are executable by PUBLIC and can be called through the API",
        mend="ALTER EXTENSION e SET SCHEMA extensions",
        look=_extensions,
    ),
)
