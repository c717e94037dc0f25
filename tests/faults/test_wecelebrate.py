"""The gate is worth what it catches: every fault by its own checks, and a healthy deployment by none."""

import os
import signal

import pytest

from suites.standins.client import Standin
from tests.faults.matrix import TABLE, explains, run_gate, selection, start_gate, sweep
from tests.projects import wait_until


def test_every_switch_of_the_standin_is_in_the_table(standin: Standin) -> None:
    groups = ("faults", "nightly", "unproven", "inconclusive", "refused", "later")
    listed = {name for group in groups for name in TABLE[group]}

    assert {fault["name"] for fault in standin.faults()} == listed


@pytest.mark.parametrize("time", range(1, 21))
def test_a_healthy_deployment_is_go(standin: Standin, time: int) -> None:
    run = run_gate(standin)

    assert (run.status, run.verdict, run.red) == (0, "GO", set()), f"run {time}:\n{run.output}"


FAULTS = {**TABLE["faults"], **TABLE["nightly"]}


@pytest.mark.parametrize(
    "name",
    [
        *TABLE["faults"],
        *(pytest.param(name, marks=pytest.mark.nightly) for name in TABLE["nightly"]),
    ],
)
def test_the_fault_is_caught_by_its_own_checks_alone(standin: Standin, name: str) -> None:
    expected = FAULTS[name]
    with standin.fault(name):
        run = run_gate(standin, *selection(expected["red"]))
    swept = sweep(standin) if run.left_behind else None

    assert [check for check in run.red if not any(explains(red, check) for red in expected["red"])] == []
    assert [red for red in expected["red"] if not any(explains(red, check) for check in run.red)] == []
    assert (run.status, run.verdict) == (1, "NO-GO"), run.output
    assert expected["says"] in run.output
    assert expected["item"] in run.output or not expected["item"].startswith("WC-")
    assert swept is None or swept.status == 0, swept


@pytest.mark.parametrize("name", TABLE["unproven"])
def test_a_denial_without_its_proof_does_not_pass(standin: Standin, name: str) -> None:
    expected = TABLE["unproven"][name]
    with standin.fault(name):
        run = run_gate(standin, "-m", expected["run"])

    assert (run.status, run.verdict, run.red) == (2, "INCONCLUSIVE", set()), run.output
    assert expected["says"] in run.output


@pytest.mark.parametrize("name", TABLE["inconclusive"])
def test_a_deployment_that_does_not_answer_is_inconclusive(standin: Standin, name: str) -> None:
    expected = TABLE["inconclusive"][name]
    with standin.fault(name):
        run = run_gate(standin, *(("-m", expected["run"]) if "run" in expected else ()))

    assert (run.status, run.verdict, run.red) == (2, "INCONCLUSIVE", set()), run.output
    assert run.output.count(expected["says"]) == 1, "one clear message, not one a check"


@pytest.mark.parametrize("name", TABLE["refused"])
def test_a_contract_that_cannot_be_read_sends_nothing(standin: Standin, name: str) -> None:
    before = standin.state()
    with standin.fault(name):
        run = run_gate(standin)

    assert run.status == 4, run.output
    assert "Traceback" not in run.output
    assert standin.state() == before


def test_the_gate_leaves_the_data_as_they_were(standin: Standin) -> None:
    before = standin.state()["rows"]
    run = run_gate(standin)

    assert run.status == 0, run.output
    assert standin.state()["rows"] == before


def test_after_a_kill_in_the_middle_of_an_order_a_sweep_leaves_the_data_as_they_were(
    standin: Standin,
) -> None:
    before = standin.state()["rows"]
    with standin.fault("order_create_hangs"):
        gate = start_gate(standin)
        try:
            wait_until(lambda: standin.state()["rows"] != before, "the order is in the database")
        finally:
            os.killpg(gate.pid, signal.SIGKILL)
            gate.wait()
    left = standin.state()["rows"]
    swept = sweep(standin)

    assert left != before
    assert swept.status == 0, swept.output
    assert "removed" in swept.output
    assert standin.state()["rows"] == before
