"""A run as it is kept: what was verified, what came out, what was measured."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pytest_deploycheck.model.measurement import Measurement
from pytest_deploycheck.model.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRun:
    """One run against one environment of one system; `at` is when it ended (aware, UTC).

    `records` are the outcomes of its checks as JSON values, without their evidence.
    """

    run_id: str
    at: datetime
    system: str
    environment: str
    base_url: str
    version: str
    verdict: Verdict
    seconds: float
    records: tuple[dict[str, Any], ...] = ()
    measurements: tuple[Measurement, ...] = ()
    leftovers: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def measured(self, name: str) -> Measurement | None:
        """Return the measurement of the load scenario `name`."""
        return next((each for each in self.measurements if each.name == name), None)
