"""Short ways to say what many tests need."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.contract import Contract
from pytest_deploycheck.model.creation import Creation
from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.evidence import Evidence, Reply
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.outcome import Outcome, Passed
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.probe import HttpRequest, Probe
from pytest_deploycheck.model.run import Record
from pytest_deploycheck.safety.ledger import Entry

PLACE = Place(Path("deploycheck.yaml"), 3, 5)

CREATION = Creation(
    mark="mark-1",
    identify="$.id",
    delete="DELETE /orders/{id}",
    gone="GET /orders/{id}",
    find="GET /orders?reference={mark}",
    found="$.items[*].id",
)


class HandClock:
    """Shows the time that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def asks(*probes: Probe, then: Outcome | None = None) -> Callable[[], Steps]:
    """A conversation that asks each of the probes in a round of its own."""

    def steps() -> Steps:
        for probe in probes:
            yield (probe,)
        return then or Passed()

    return steps


def check(title: str = "GET /", **fields: Any) -> Check:  # noqa: ANN401 - as the model has them
    given: dict[str, Any] = {"marker": "smoke", "place": PLACE, "steps": asks(), **fields}
    return Check(title=title, **given)


def environment(name: str = "local", base_url: str = "http://shop.test", **fields: Any) -> Environment:  # noqa: ANN401 - as the model has them
    return Environment(name=name, place=PLACE, base_url=base_url, **fields)


def contract(*checks: Check, where: Environment | None = None, **fields: Any) -> Contract:  # noqa: ANN401 - as the model has them
    return Contract(
        path=Path("/project/deploycheck.yaml"),
        system="Shop",
        environment=where or environment(),
        checks=checks,
        **fields,
    )


def entry(resource: str | None = None, *, creation: Creation = CREATION, answered: bool = False) -> Entry:
    return Entry(
        id="entry-1",
        run="run-1",
        check="smoke::an order",
        base_url="http://shop.test",
        identity="ann",
        request="POST /orders",
        creation=creation,
        resource=resource,
        answered=answered,
    )


def get(target: str = "/", **fields: Any) -> HttpRequest:  # noqa: ANN401 - as the model has them
    return HttpRequest(method="GET", target=target, **fields)


def reply(status: int = 200, body: str = "") -> Reply:
    return Reply(status=status, body=body.encode())


def answering(*evidence: Evidence) -> Callable[[Probe], Evidence]:
    """Send nothing; give the evidence, one after the other."""
    rest = iter(evidence)
    return lambda probe: next(rest)


def identity(name: str = "ann", **fields: Any) -> Identity:  # noqa: ANN401 - as the model has them
    return Identity(name=name, place=PLACE, **fields)


def record(outcome: Outcome, name: str = "smoke::GET /", **fields: Any) -> Record:  # noqa: ANN401 - as the model has them
    return Record(id=name, marker="smoke", outcome=outcome, **fields)
