"""The YAML of canaries: a load entry whose replies name their version, and the limits of a rollout."""

from typing import Annotated, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from pytest_deploycheck.checks.language.amount import Duration, Percent, parse_duration
from pytest_deploycheck.checks.language.part import Text
from pytest_deploycheck.checks.loading.section import LoadSection
from pytest_deploycheck.checks.rollout.series import shared
from pytest_deploycheck.statistics.canary import LEAST_PAIRS
from pytest_deploycheck.statistics.rollout import Limits

_DEFAULT = Limits()

Pause = Annotated[float, PlainValidator(parse_duration), WithJsonSchema({"type": "string"})]


class CanarySection(LoadSection):
    """What is sent to both, what the canary must hold, and how long one goes on measuring.

    `canary` and `stable` are what the header `version_header` says; without `stable` it is whatever else
    answers. `stage` is the share of the requests that the canary is meant to get now, one of `stages`.
    Or, where requests choose by `canary_headers` and `stable_headers`, `pairs` of blocks are sent in turn.
    """

    preset: Literal["smoke", "baseline"] | None = None
    canary: Text | None = None
    stable: Text | None = None
    stage: Percent | None = None
    stages: list[Percent] = Field(default=[0.1, 0.25, 0.5, 0.75, 1.0], min_length=1)
    canary_headers: dict[Text, Text] = Field(default={}, min_length=1)
    stable_headers: dict[Text, Text] = Field(default={}, min_length=1)
    pairs: int = Field(default=8, ge=LEAST_PAIRS, le=100)
    slower: Percent = 0.2
    more_errors: float = Field(default=2.0, ge=1.25)
    initial_delay: Pause = 0.0
    interval: Duration = 10.0
    count: int = Field(default=_DEFAULT.count, ge=1)
    failure_limit: int = Field(default=_DEFAULT.failure, ge=-1)
    inconclusive_limit: int = Field(default=_DEFAULT.inconclusive, ge=-1)
    consecutive_error_limit: int = Field(default=_DEFAULT.consecutive_error, ge=0)
    consecutive_success_limit: int = Field(default=_DEFAULT.consecutive_success, ge=0)

    @property
    def limits(self) -> Limits:
        """When measuring ends."""
        return Limits(
            count=self.count,
            failure=self.failure_limit,
            inconclusive=self.inconclusive_limit,
            consecutive_error=self.consecutive_error_limit,
            consecutive_success=self.consecutive_success_limit,
        )

    @property
    def confidence_of_each(self) -> float:
        """How sure one measurement must be, so that all of them together are as sure as `confidence`."""
        return shared(self.confidence, self.limits)
