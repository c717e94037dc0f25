"""Names of checks: exact, as patterns, or of Python tests that stand beside a contract."""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from pytest_deploycheck.model.identity import Identity

_NODE_ID = re.compile(r"(?P<file>[^:]*\.py)::.+")


def covers(pattern: str, check_id: str) -> bool:
    """Whether a name or a pattern means a check; only * and ? are wild, for ids hold brackets."""
    return pattern == check_id or fnmatchcase(check_id, escaped(pattern))


def escaped(pattern: str) -> str:
    """Return the pattern as `fnmatch` understands it, with brackets that mean themselves."""
    return pattern.replace("[", "[[]")


def login_ids(identities: Mapping[str, Identity]) -> frozenset[str]:
    """Return the ids that logins have in a run's record, beside the checks."""
    return frozenset(f"identities::{name}" for name, identity in identities.items() if identity.login)


def is_test_below(name: str, folder: Path) -> bool:
    """Whether a name is a pytest node id (`test_orders.py::test_totals`) of a file below the folder."""
    match = _NODE_ID.fullmatch(name)
    return match is not None and ".." not in Path(match["file"]).parts and (folder / match["file"]).is_file()
