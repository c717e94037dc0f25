"""All lints, in the order of the documentation."""

from pytest_deploycheck.catalog.lints import (
    claims,
    constraints,
    declarations,
    functions,
    grants,
    indexes,
    policies,
    replication,
    restrictive,
    rls,
    roles,
    sequences,
    storage,
    system,
    views,
)
from pytest_deploycheck.catalog.lints.lint import Lint

LINTS: tuple[Lint, ...] = (
    *rls.LINTS,
    *policies.LINTS,
    *claims.LINTS,
    *restrictive.LINTS,
    *functions.LINTS,
    *views.LINTS,
    *grants.LINTS,
    *roles.LINTS,
    *system.LINTS,
    *storage.LINTS,
    *replication.LINTS,
    *indexes.LINTS,
    *constraints.LINTS,
    *sequences.LINTS,
    *declarations.LINTS,
)
