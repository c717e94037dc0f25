"""How to run, from the options of a session."""

import uuid
from datetime import UTC, datetime

import pytest

from pytest_deploycheck import options
from pytest_deploycheck.checks.language.amount import parse_duration
from pytest_deploycheck.checks.language.part import MistakeError
from pytest_deploycheck.live import live_line
from pytest_deploycheck.model.settings import Settings


def settings(config: pytest.Config, run_id: str | None) -> Settings:
    """Return the settings of a session; `run_id` is that of the run it is a part of, if it is one's worker.

    Raises:
        pytest.UsageError: for an option whose value means nothing.
    """
    return Settings(
        run_id=run_id or f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}",
        today=datetime.now(UTC).date(),
        concurrency=_concurrency(config),
        allow_writes=bool(options.value(config, options.ALLOW_WRITES)),
        allow_load=bool(options.value(config, options.ALLOW_LOAD)),
        max_wait=_max_wait(config),
        show=live_line(config),
    )


def _concurrency(config: pytest.Config) -> int:
    told = options.value(config, options.CONCURRENCY)
    if not told.isdecimal() or int(told) < 1:
        raise pytest.UsageError(
            f"--{options.CONCURRENCY.name}: expected a whole number above 0, got {told!r}"
        )
    return int(told)


def _max_wait(config: pytest.Config) -> float:
    try:
        return parse_duration(options.value(config, options.MAX_WAIT))
    except MistakeError as error:
        raise pytest.UsageError(f"--{options.MAX_WAIT.name}: {error}: expected {error.expected}") from None
