"""The kinds of checks: each turns its part of the contract into conversations."""

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, Protocol

from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.kind import Context

KINDS = {
    "authentication": "pytest_deploycheck.checks.authentication",
    "authorization": "pytest_deploycheck.checks.authorization",
    "canary": "pytest_deploycheck.checks.canary",
    "connections": "pytest_deploycheck.checks.connections",
    "cookies": "pytest_deploycheck.checks.cookies",
    "cors": "pytest_deploycheck.checks.cors",
    "coverage": "pytest_deploycheck.checks.coverage",
    "drift": "pytest_deploycheck.checks.drift",
    "errors": "pytest_deploycheck.checks.errors",
    "exposure": "pytest_deploycheck.checks.exposure",
    "headers": "pytest_deploycheck.checks.headers",
    "http": "pytest_deploycheck.checks.http",
    "inputs": "pytest_deploycheck.checks.inputs",
    "lints": "pytest_deploycheck.checks.lints",
    "load": "pytest_deploycheck.checks.load",
    "json_shape": "pytest_deploycheck.checks.json_shape",
    "login_hygiene": "pytest_deploycheck.checks.login_hygiene",
    "migrations": "pytest_deploycheck.checks.migrations",
    "objects": "pytest_deploycheck.checks.objects",
    "orphans": "pytest_deploycheck.checks.orphans",
    "performance": "pytest_deploycheck.checks.performance",
    "pgrls": "pytest_deploycheck.checks.pgrls",
    "plain_http": "pytest_deploycheck.checks.plain_http",
    "plans": "pytest_deploycheck.checks.plans",
    "policies": "pytest_deploycheck.checks.policies",
    "rate_limit": "pytest_deploycheck.checks.rate_limit",
    "ready": "pytest_deploycheck.checks.ready",
    "release_files": "pytest_deploycheck.checks.release_files",
    "row_counts": "pytest_deploycheck.checks.row_counts",
    "row_level_security": "pytest_deploycheck.checks.row_level_security",
    "settings": "pytest_deploycheck.checks.settings",
    "sql": "pytest_deploycheck.checks.sql",
    "tables": "pytest_deploycheck.checks.tables",
    "tenants": "pytest_deploycheck.checks.tenants",
    "tls": "pytest_deploycheck.checks.tls",
    "token": "pytest_deploycheck.checks.token",
    "variables": "pytest_deploycheck.checks.variables",
    "version": "pytest_deploycheck.checks.version",
    "webhook": "pytest_deploycheck.checks.webhook",
}
"""Key of the contract → module. Imported on first use."""


class Kind(Protocol):
    """What a module of this folder offers.

    `Section` is what the key's value must look like: a pydantic model, or a type for a TypeAdapter.
    """

    Section: Any

    def checks(self, section: Any, context: Context) -> Iterable[Check]:  # noqa: ANN401 - its own Section
        """Return the checks that a validated section asks for.

        Raises:
            Misuse: for what the types of the section cannot say.
        """


class _Kinds(Mapping[str, Kind]):
    def __getitem__(self, name: str) -> Kind:
        kind: Any = import_module(KINDS[name])
        return kind  # type: ignore[no-any-return]  # a module cannot declare that it keeps a protocol

    def __iter__(self) -> Iterator[str]:
        return iter(KINDS)

    def __len__(self) -> int:
        return len(KINDS)


def kinds() -> Mapping[str, Kind]:
    """Return the kinds by their key; each is imported when it is first looked up."""
    return _Kinds()
