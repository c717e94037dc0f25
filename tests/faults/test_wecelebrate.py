"""The gate is worth what it catches: every fault by its own checks, and a healthy deployment by none."""

import os
import signal
from typing import Any

import pytest

from suites.standins.client import Standin
from suites.standins.wecelebrate.database_faults import DATABASE_DECOYS, DATABASE_FAULTS
from tests.faults.matrix import GROUPS, HEALTHY, TABLE, explains, run_gate, selection, start_gate, sweep
from tests.projects import wait_until


def test_every_switch_of_the_standin_is_in_the_table(standin: Standin) -> None:
    groups = (*GROUPS, "unproven", "inconclusive", "refused", "load", "canary", "decoys")
    listed = {name for group in groups for name in TABLE[group]}

    of_the_database = {fault.name for fault in (*DATABASE_FAULTS, *DATABASE_DECOYS)}
    assert {fault["name"] for fault in standin.faults()} == listed | of_the_database


def by_day(times: int) -> list[Any]:
    """Numbers to 20, of which the night takes the rest."""
    night = [pytest.param(time, marks=pytest.mark.nightly) for time in range(times + 1, 21)]
    return [*range(1, times + 1), *night]


@pytest.mark.parametrize("time", by_day(5))
def test_a_healthy_deployment_is_go(standin: Standin, time: int) -> None:
    run = run_gate(standin, ready=HEALTHY)

    assert (run.status, run.verdict, run.red) == (0, "GO", set()), f"run {time}:\n{run.output}"


@pytest.mark.parametrize("signer", ["standin", "key_pair_standin"])
@pytest.mark.parametrize("time", by_day(0))
def test_a_healthy_deployment_asked_by_two_workers_is_go(
    request: pytest.FixtureRequest, signer: str, time: int
) -> None:
    run = run_gate(request.getfixturevalue(signer), "-n", "2", "-m", "security or tenant_isolation")

    assert (run.status, run.verdict, run.red) == (0, "GO", set()), f"run {time}:\n{run.output}"


@pytest.mark.parametrize("time", by_day(2))
def test_a_healthy_deployment_that_signs_with_a_key_pair_is_go(key_pair_standin: Standin, time: int) -> None:
    run = run_gate(key_pair_standin, ready=HEALTHY)

    assert (run.status, run.verdict, run.red) == (0, "GO", set()), f"run {time}:\n{run.output}"


def by_day_and_night(by_day: str, by_night: str) -> list[Any]:
    """By day the first fault that turns these checks red, so that each has failed once; by night all."""
    first: dict[tuple[str, ...], str] = {}
    for name, expected in TABLE[by_day].items():
        first.setdefault(tuple(expected["red"]), name)
    daily = frozenset(first.values())
    return [
        name if name in daily else pytest.param(name, marks=pytest.mark.nightly)
        for name in (*TABLE[by_day], *TABLE[by_night])
    ]


@pytest.mark.parametrize("name", by_day_and_night("faults", "nightly"))
def test_the_fault_is_caught_by_its_own_checks_alone(standin: Standin, name: str) -> None:
    assert_caught(standin, name, {**TABLE["faults"], **TABLE["nightly"]}[name])


@pytest.mark.parametrize("name", by_day_and_night("key_pair", "key_pair_nightly"))
def test_the_fault_in_verifying_with_a_public_key_is_caught_by_its_own_checks_alone(
    key_pair_standin: Standin, name: str
) -> None:
    assert_caught(key_pair_standin, name, {**TABLE["key_pair"], **TABLE["key_pair_nightly"]}[name])


def assert_caught(standin: Standin, name: str, expected: dict[str, Any]) -> None:
    with standin.fault(name):
        run = run_gate(standin, *selection(expected["red"]), ready=HEALTHY)
    swept = sweep(standin) if run.left_behind else None

    assert [check for check in run.red if not any(explains(red, check) for red in expected["red"])] == []
    assert [red for red in expected["red"] if not any(explains(red, check) for check in run.red)] == []
    assert (run.status, run.verdict) == (1, "NO-GO"), run.output
    assert expected["says"] in run.output
    assert expected["item"] in run.output or not expected["item"].startswith("WC-")
    assert swept is None or swept.status == 0, swept


@pytest.mark.parametrize("name", ["load_noise", "load_cold_start"])
def test_what_is_slow_for_everybody_tells_nothing_by_its_time(standin: Standin, name: str) -> None:
    with standin.fault(name):
        run = run_gate(standin, "-m", "tenant_isolation", "-k", "time")

    assert (run.status, run.verdict, run.red) == (0, "GO", set()), run.output


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
