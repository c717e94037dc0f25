"""Leftovers are worked off, newest first; what stays is told."""

from pathlib import Path

from pytest_deploycheck.model.environment import Start
from pytest_deploycheck.model.evidence import Evidence
from pytest_deploycheck.model.probe import HttpRequest, Probe
from pytest_deploycheck.run.janitor import Janitor, Swept
from pytest_deploycheck.safety.ledger import Ledger
from pytest_deploycheck.safety.redact import Redactor
from tests.words import CREATION, environment, reply


class Orders:
    """Answers as a shop that holds orders; `stuck` keeps them."""

    def __init__(self, *there: str, stuck: bool = False) -> None:
        self.there = list(there)
        self.stuck = stuck
        self.asked: list[str] = []

    def __call__(self, probe: Probe) -> Evidence:
        assert isinstance(probe, HttpRequest)
        self.asked.append(f"{probe.method} {probe.target}")
        name = probe.target.rpartition("/")[2]
        if "?" in probe.target:
            return reply(200, '{"items": []}')
        if probe.method == "DELETE":
            self.there = self.there if self.stuck else [one for one in self.there if one != name]
            return reply(204)
        return reply(200 if name in self.there else 404)


def left_by(run: str, folder: Path, *resources: str | None, base_url: str = "http://shop.test") -> None:
    ledger = Ledger(folder, run)
    for resource in resources:
        made = ledger.record(
            check="c", base_url=base_url, identity="ann", request="POST /orders", creation=CREATION
        )
        if resource:
            ledger.answer(made, resource)
    ledger.release()


def test_the_leftovers_of_ended_runs_are_removed_newest_first(tmp_path: Path) -> None:
    left_by("run-1", tmp_path, "1", "2")
    orders, ledger = Orders("1", "2"), Ledger(tmp_path, "run-9")

    swept = Janitor(ledger, orders, Redactor()).sweep(environment(), allow_writes=False)

    assert swept == Swept((), ("removed 2 of 2 leftovers of earlier runs",))
    assert [line for line in orders.asked if line.startswith("DELETE")] == [
        "DELETE /orders/2",
        "DELETE /orders/1",
    ]
    assert ledger.leftovers() == ()
    ledger.release()


def test_what_stays_is_told_and_kept_in_the_ledger_without_secrets(tmp_path: Path) -> None:
    left_by("run-1", tmp_path, "order-7")
    redactor, ledger = Redactor(), Ledger(tmp_path, "run-9")
    redactor.add("order-7")

    swept = Janitor(ledger, Orders("order-7", stuck=True), redactor).sweep(environment(), allow_writes=False)

    told = "POST /orders (***), made by c as ann: GET /orders/*** answered 200 after its removal"
    assert swept == Swept((told,), ("removed 0 of 1 leftover of earlier runs",))
    assert len(ledger.leftovers()) == 1
    ledger.release()


def test_on_a_protected_environment_nothing_is_removed_without_leave(tmp_path: Path) -> None:
    left_by("run-1", tmp_path, "1")
    orders, ledger = Orders("1"), Ledger(tmp_path, "run-9")
    janitor = Janitor(ledger, orders, Redactor())

    refused = janitor.sweep(environment(protected=True), allow_writes=False)
    asked = list(orders.asked)
    allowed = janitor.sweep(environment(protected=True), allow_writes=True)

    assert refused.leftovers == (
        "POST /orders (1), made by c as ann: "
        "left by an earlier run; remove it with `deploycheck sweep --allow-writes`",
    )
    assert asked == []
    assert allowed.leftovers == ()
    assert orders.there == []
    ledger.release()


def test_leftovers_at_another_address_are_told_and_left(tmp_path: Path) -> None:
    left_by("run-1", tmp_path, "1", base_url="http://other.test")
    orders, ledger = Orders("1"), Ledger(tmp_path, "run-9")

    swept = Janitor(ledger, orders, Redactor()).sweep(environment(), allow_writes=True)

    assert swept == Swept((), ("1 leftover of earlier runs is at other base URLs: http://other.test",))
    assert orders.asked == []
    assert len(ledger.leftovers()) == 1


def test_leftovers_in_a_deployment_that_a_run_had_started_are_gone_with_it(tmp_path: Path) -> None:
    left_by("run-1", tmp_path, "1", base_url="http://127.0.0.1:1234")
    ledger = Ledger(tmp_path, "run-9")
    started = environment(start=Start(command="serve", cwd=tmp_path))

    swept = Janitor(ledger, Orders(), Redactor()).sweep(started, allow_writes=True)

    assert swept == Swept()
    assert ledger.leftovers() == ()
    ledger.release()


def test_a_creation_that_was_never_answered_is_looked_for_again_by_the_next_run(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "run-1")
    ledger.record(check="c", base_url="u", identity="ann", request="POST /orders", creation=CREATION)

    now = Janitor(ledger, Orders(), Redactor()).remove(ledger.open_entries())
    kept = ledger.open_entries()
    later = Janitor(ledger, Orders(), Redactor()).remove(ledger.open_entries(), later=True)

    assert now.notes == ("1 creation was never answered and is not to be found: the next run looks again",)
    assert len(kept) == 1
    assert later == Swept()
    assert ledger.open_entries() == ()
    ledger.release()
