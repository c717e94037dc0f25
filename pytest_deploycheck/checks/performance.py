"""What the server says about its own work: slow statements, cache, sizes, sessions, standbys, archive."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from pydantic import BaseModel

from pytest_deploycheck.checks.activity import (
    archiving,
    cache,
    planner,
    replication,
    scans,
    sizes,
    statements,
    transactions,
)
from pytest_deploycheck.checks.activity.archiving import Archiving
from pytest_deploycheck.checks.activity.cache import CacheHitRate
from pytest_deploycheck.checks.activity.item import Part
from pytest_deploycheck.checks.activity.planner import Statistics
from pytest_deploycheck.checks.activity.replication import Replication
from pytest_deploycheck.checks.activity.scans import SequentialScans
from pytest_deploycheck.checks.activity.sizes import Sizes
from pytest_deploycheck.checks.activity.statements import Statements
from pytest_deploycheck.checks.activity.transactions import Transactions
from pytest_deploycheck.checks.language.part import PART, Runbook
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.kind import Context, Misuse

_ITEMS: dict[str, tuple[Callable[[Any, str | None], Steps], int]] = {
    "archiving": (archiving.steps, archiving.QUERIES),
    "cache_hit_rate": (cache.steps, cache.QUERIES),
    "replication": (replication.steps, replication.QUERIES),
    "sequential_scans": (scans.steps, scans.QUERIES),
    "sizes": (sizes.steps, sizes.QUERIES),
    "statements": (statements.steps, statements.QUERIES),
    "statistics": (planner.steps, planner.QUERIES),
    "transactions": (transactions.steps, transactions.QUERIES),
}
"""Key → its conversation, and what it asks at most."""


class Section(BaseModel):
    """Each key is a check of its own; an empty mapping takes the limits that are usual."""

    model_config = PART

    archiving: Archiving | None = None
    cache_hit_rate: CacheHitRate | None = None
    replication: Replication | None = None
    sequential_scans: SequentialScans | None = None
    sizes: Sizes | None = None
    statements: Statements | None = None
    statistics: Statistics | None = None
    transactions: Transactions | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return a check for each key that is given.

    Raises:
        Misuse: if there is none.
    """
    parts = [(key, part) for key in _ITEMS if isinstance(part := getattr(section, key), Part)]
    if not parts:
        raise Misuse("nothing is asked", expected=f"one of {', '.join(_ITEMS)}")
    for key, part in parts:
        steps, queries = _ITEMS[key]
        yield Check(
            marker=context.marker,
            title=part.name or f"performance {key}",
            place=context.place((key,)),
            steps=partial(steps, part, context.environment.database_reader),
            spend=Spend(queries=queries),
            runbook=(*section.runbook, *part.runbook),
            hint=part.hint or section.hint,
        )
