"""What a contract may expect of the generated database: every aspect of every table, and its lock file."""

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from benchmarks.database.generated import INDEXES
from pytest_deploycheck.catalog.drift.diff import compare
from pytest_deploycheck.catalog.drift.facts import facts
from pytest_deploycheck.catalog.drift.read import read
from pytest_deploycheck.checks import objects
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.check import Check
from tests.checks.contracts import context

_STEP = 7919
"""A prime: from one check to the next, so that all sorts come in turn."""


def expectations(tables: int, count: int) -> list[Check]:
    """Return so many checks of the kind `objects`, of all sorts alike; some twice if there are too few."""
    section = {
        "tables": {"at_least": tables, "named": {f"t{number}": _table(number) for number in range(tables)}}
    }
    section["indexes"] = {"at_least": tables * INDEXES}
    made = list(objects.checks(TypeAdapter(objects.Section).validate_python(section), context("schema")))
    return [made[number * _STEP % len(made)] for number in range(count)]


def differences(catalog: Catalog, lock: str) -> int:
    """How many differences there are from a lock file: to read it, to make facts, to compare."""
    comparison = compare(read(lock, Path("schema.lock.yaml")), facts(catalog))
    return len(comparison.differences)


def _table(number: int) -> dict[str, Any]:
    return {
        "columns": {
            "id": {"type": "bigint", "nullable": False, "identity": "by default"},
            "tenant": "uuid not null",
            "parent": "int8",
            "name": "text not null default ''",
            "email": "text",
            "state": "text not null default 'new'",
            "amount": "numeric(12, 2)",
            "payload": "jsonb not null default '{}'",
            "created_at": "timestamptz not null default now()",
            "updated_at": "timestamptz not null default now()",
        },
        "no_other_columns": True,
        "primary_key": ["id"],
        "unique": [["tenant", "id"]],
        **({"foreign_keys": [f"parent references t{number - 1} (id)"]} if number else {}),
        "checks": {"email": "email like '%@%'".replace("like", "~~"), "state": None},
        "indexes": {
            f"t{number}_state_idx": {"columns": ["state"], "where": "state <> 'closed'"},
            f"t{number}_tenant_amount_idx": {"columns": ["tenant"], "includes": ["amount"]},
            f"t{number}_lower_idx": {"columns": ["lower(email)"], "unique": False},
        },
        "indexed": [["tenant", "parent"], ["tenant", "state"]],
        "triggers": {"touched": {"function": f"touch{number}", "timing": "before", "events": ["update"]}},
        "policies": {
            "mine": {"command": "select", "roles": ["authenticated"], "uses": ["tenant"]},
            "own": {"command": "insert", "roles": ["authenticated"], "uses": ["tenant"]},
        },
        "no_other_policies": True,
        "privileges": {"authenticated": ["select", "insert"], "anon": []},
        "row_security": True,
        "owner": "postgres",
    }
