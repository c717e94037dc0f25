"""Whether an event took effect: looked for until it shows, and once more after it came again."""

from collections.abc import Generator
from typing import TypeAlias

from pytest_deploycheck.checks.exchange.act import Act
from pytest_deploycheck.checks.exchange.judge import broken_expectations
from pytest_deploycheck.checks.exchange.request import request_of
from pytest_deploycheck.checks.exchange.silence import unanswered
from pytest_deploycheck.checks.language.template import MARK
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.evidence import Evidence, Reply
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import Pause, Probe

LOOKS = 5
"""How often an effect is looked for: an event may be worked on after it was answered."""

Part: TypeAlias = Generator[tuple[Probe, ...], tuple[Evidence, ...], Failed | Inconclusive | None]


def wait_for(effect: Act, mark: str, every: float) -> Part:
    """Look until the effect shows, `LOOKS` times at most."""
    faults: tuple[str, ...] = ()
    for look in range(LOOKS):
        if look:
            yield (Pause(every),)
        (seen,) = yield (request_of(effect, {MARK: mark}, "effect"),)
        if (why := unanswered(seen, effect.statuses)) or not isinstance(seen, Reply):
            return Inconclusive(f"{effect}: {why}")
        faults = tuple(broken_expectations(effect, seen, {MARK: mark}))
        if not faults:
            return None
    return Failed(f"{effect}: {'; '.join(faults)} (looked {LOOKS} times, every {every:g} s)")


def still_once(effect: Act, mark: str) -> Steps:
    """Look once more; what has come twice shows now."""
    (seen,) = yield (request_of(effect, {MARK: mark}, "effect after the repetition"),)
    if (why := unanswered(seen, effect.statuses)) or not isinstance(seen, Reply):
        return Inconclusive(f"{effect}: {why}")
    faults = tuple(broken_expectations(effect, seen, {MARK: mark}))
    return Failed(f"after the repetition: {effect}: {'; '.join(faults)}") if faults else Passed()
