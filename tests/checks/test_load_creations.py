"""A load run may create as often as chance chooses it, in each of its processes."""

from random import Random

import pytest

from pytest_deploycheck.checks.loading.creations import most_often


@pytest.mark.parametrize("processes", [1, 2, 4])
def test_no_process_uses_up_its_part_by_chance(processes: int) -> None:
    drawn = Random(processes)  # noqa: S311 - a simulation
    part = most_often(80, 0.25, processes) // processes

    used_up = sum(sum(drawn.random() < 0.25 for _ in range(80 // processes)) > part for _ in range(10_000))

    assert used_up < 10


def test_it_is_never_more_than_all() -> None:
    assert (most_often(80, 1.0, 1), most_often(8, 0.5, 4)) == (80, 8)
