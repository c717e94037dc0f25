"""A canary that is worse is caught at a tenth of the traffic; one that is no worse is let through."""

import pytest

from suites.standins.client import Standin
from tests.faults.matrix import TABLE, run_gate

CANARY = ("-m", "load", "-k", "canary")

pytestmark = pytest.mark.nightly
"""Alone: beside other work on the machine it is rightly undecided which of two is slower."""


@pytest.mark.parametrize("name", TABLE["canary"])
def test_the_fault_is_caught_by_its_own_checks_alone(standin: Standin, name: str, time: int) -> None:
    with standin.fault(name):
        run = run_gate(standin, *CANARY)

    assert (run.status, run.verdict, run.red) == (1, "NO-GO", {"load::canary"}), f"run {time}:\n{run.output}"
    assert TABLE["canary"][name]["says"] in run.output
    assert "WC-34" in run.output


def test_a_canary_that_is_no_worse_is_go(standin: Standin, time: int) -> None:
    with standin.fault("canary_alike"):
        run = run_gate(standin, *CANARY)

    assert (run.status, run.verdict) == (0, "GO"), f"run {time}:\n{run.output}"
