"""What only load shows is caught by the load's own checks; what is allowed is not."""

import pytest

from suites.standins.client import Standin
from tests.faults.matrix import TABLE, explains, run_gate

LOAD = ("-m", "load")
SENSITIVE = frozenset(
    {
        "load_slow_tail",
        "load_slow_mean",
        "load_slow_replica",
        "load_errors_half_percent",
        "load_stalls",
        "load_capped",
        "load_tires",
        "load_slow_endpoint",
    }
)
"""Long, or close to a limit that other work on the machine can break: for the night, alone."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.nightly] * (name in SENSITIVE)) for name in TABLE["load"]]
)
def test_the_fault_is_caught_by_its_own_checks_alone(standin: Standin, name: str, time: int) -> None:
    expected = TABLE["load"][name]
    allowed = [*expected["red"], *expected.get("may", ())]
    with standin.fault(name):
        run = run_gate(standin, *LOAD, "-k", expected["run"])

    assert [check for check in run.red if not any(explains(red, check) for red in allowed)] == [], time
    assert [red for red in expected["red"] if not any(explains(red, check) for check in run.red)] == []
    assert (run.status, run.verdict) == (1, "NO-GO"), run.output
    assert expected["says"] in run.output


def test_a_thousand_requests_at_concurrency_ten_are_go(standin: Standin) -> None:
    run = run_gate(standin, *LOAD, "-k", "products")

    assert (run.status, run.verdict) == (0, "GO"), run.output


@pytest.mark.nightly
def test_a_healthy_deployment_bears_all_of_it(standin: Standin, time: int) -> None:
    run = run_gate(standin, *LOAD)

    assert (run.status, run.verdict) == (0, "GO"), f"run {time}:\n{run.output}"


@pytest.mark.nightly
@pytest.mark.parametrize("name", TABLE["decoys"])
def test_what_is_allowed_raises_no_finding(standin: Standin, name: str, time: int) -> None:
    with standin.fault(name):
        run = run_gate(standin, *LOAD, "-k", "products or browsing")

    assert (run.status, run.verdict) == (0, "GO"), f"run {time}:\n{run.output}"
