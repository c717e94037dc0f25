"""What a probe costs, by the same count whether it is promised, asked for or taken from the budget."""

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.load import LoadRun
from pytest_deploycheck.model.names import SAFE_METHODS
from pytest_deploycheck.model.probe import HttpRequest, Probe, Query, Snapshot, Transaction


def cost(probe: Probe) -> Spend:
    """What sending `probe` costs."""
    match probe:
        case HttpRequest(writes=writes, method=method):
            return Spend(requests=1, writes=int(writes and method not in SAFE_METHODS))
        case Query() | Snapshot():
            return Spend(queries=1)
        case Transaction(statements=statements, writes=writes):
            return Spend(queries=len(statements), writes=len(statements) if writes else 0)
        case LoadRun(most=most):
            return Spend(load=most)
        case _:
            return Spend()
