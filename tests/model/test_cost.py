"""What a probe costs."""

import pytest

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.cost import cost
from pytest_deploycheck.model.probe import (
    HttpRequest,
    NewMark,
    Probe,
    Query,
    Snapshot,
    Statement,
    Transaction,
)
from tests.words import get

TWO = (Statement(sql="select 1"), Statement(sql="select 2"))


@pytest.mark.parametrize(
    ("probe", "spend"),
    [
        (get(), Spend(requests=1)),
        (get(writes=True), Spend(requests=1)),
        (HttpRequest(method="POST", target="/"), Spend(requests=1)),
        (HttpRequest(method="POST", target="/", writes=True), Spend(requests=1, writes=1)),
        (Query(sql="select 1"), Spend(queries=1)),
        (Snapshot(), Spend(queries=1)),
        (Transaction(statements=TWO), Spend(queries=2)),
        (Transaction(statements=TWO, writes=True), Spend(queries=2, writes=2)),
        (NewMark(), Spend()),
    ],
)
def test_each_probe_has_its_price(probe: Probe, spend: Spend) -> None:
    assert cost(probe) == spend
