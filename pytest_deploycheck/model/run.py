"""What a run did and saw, as plain data: the reports render it, the workers send it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pytest_deploycheck.model.budget import Budget, Spend
from pytest_deploycheck.model.check import Severity, Weakness
from pytest_deploycheck.model.measurement import Measurement
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed, Waived


@dataclass(frozen=True, slots=True)
class Exchange:
    """One probe and its evidence as redacted text."""

    purpose: str
    asked: str
    got: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The outcome of one check, with its evidence. `seconds` is how long its conversation took."""

    id: str
    marker: str
    outcome: Outcome
    exchanges: tuple[Exchange, ...] = ()
    spend: Spend = field(default_factory=Spend)
    seconds: float = 0.0
    runbook: tuple[str, ...] = ()
    hint: str = ""
    place: str = ""
    cause: str = ""
    """What kept this check and others from running, if something did: printed once for all of them."""
    weakness: Weakness | None = None
    """What the failure of a security check means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemRun:
    """What was found out about one system in one environment."""

    system: str
    environment: str
    base_url: str
    version: str
    records: tuple[Record, ...]
    spent: Spend
    budget: Budget
    leftovers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    """What its load runs have measured."""


_OUTCOMES: dict[str, type[Passed | Failed | Inconclusive | Waived]] = {
    kind.__name__: kind for kind in (Passed, Failed, Inconclusive, Waived)
}


def to_json(record: Record) -> dict[str, Any]:
    """Return `record` as JSON values."""
    outcome = {name: getattr(record.outcome, name) for name in record.outcome.__slots__}
    if isinstance(record.outcome, Waived):
        outcome["until"] = record.outcome.until.isoformat()
    return {
        "id": record.id,
        "marker": record.marker,
        "outcome": {"kind": type(record.outcome).__name__, **outcome},
        "exchanges": [[e.purpose, e.asked, e.got] for e in record.exchanges],
        "spend": [record.spend.requests, record.spend.writes, record.spend.queries, record.spend.load],
        "seconds": record.seconds,
        "runbook": list(record.runbook),
        "hint": record.hint,
        "place": record.place,
        "cause": record.cause,
        "weakness": [int(found.severity), found.cwe, found.owasp] if (found := record.weakness) else None,
    }


def from_json(data: dict[str, Any]) -> Record:
    """Return the record that `to_json` was given."""
    outcome = dict(data["outcome"])
    kind = _OUTCOMES[outcome.pop("kind")]
    if kind is Waived:
        outcome["until"] = date.fromisoformat(outcome["until"])
    return Record(
        **{
            **data,
            "outcome": kind(**outcome),
            "exchanges": tuple(Exchange(*exchange) for exchange in data["exchanges"]),
            "spend": Spend(*data["spend"]),
            "runbook": tuple(data["runbook"]),
            "weakness": Weakness(Severity(found[0]), *found[1:]) if (found := data["weakness"]) else None,
        }
    )
