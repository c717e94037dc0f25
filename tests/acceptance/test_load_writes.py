"""Load that writes: in the ledger before it leaves, and gone when the run is over, however it ends."""

import os
import re
import signal
import time

import pytest

from tests.projects import ANN, ENVIRONMENTS, READY, Project, wait_until

ORDERS = """\
load:
  orders:
    scenario:
      - GET /health: {weight: 3}
      - POST /orders:
          as: ann
          send: {json: {reference: "{mark}"}}
          status: 201
          creates:
            id: $.id
            delete: DELETE /orders/{id}
            find: {"GET /orders?reference={mark}": "$.items[*].id"}
    users: 4
    requests: 80
    thresholds: [p(95)<2s]
"""
RICH = """\
  rich: {base_url: "${SHOP_URL}", budget: {writes: 500}}
  richprod: {base_url: "${SHOP_URL}", protected: true, budget: {writes: 500}}
"""


@pytest.fixture
def writing(project: Project) -> Project:
    project.contract(ENVIRONMENTS, RICH, ANN, READY, ORDERS)
    return project


def prolong(project: Project) -> None:
    """Let load last longer than any test of it."""
    path = project.folder / "deploycheck.yaml"
    long = path.read_text().replace("requests: 80", "duration: 30s\n    max_rate: 20/s")
    path.write_text(long.replace("weight: 3", "weight: 30"))


def made(project: Project) -> list[str]:
    return [line for line in project.shop.lines if line == "POST /orders"]


def removed(project: Project) -> list[str]:
    return [line for line in project.shop.lines if line.startswith("DELETE /orders/")]


def test_what_load_creates_is_removed_when_it_is_over(writing: Project) -> None:
    run = writing.pytest(env="rich")

    assert run.status == 0
    assert len(made(writing)) == len(removed(writing)) > 5
    assert writing.shop.orders == []
    assert f"{2 * len(made(writing))} of 500 writes" in run.out


def test_two_processes_create_with_marks_of_their_own(writing: Project) -> None:
    contract = (writing.folder / "deploycheck.yaml").read_text()
    (writing.folder / "deploycheck.yaml").write_text(
        contract.replace("users: 4", "users: 4\n    processes: 2")
    )

    run = writing.pytest(env="rich")

    marks = {each.body for each in writing.shop.arrived if each.line == "POST /orders"}
    assert run.status == 0
    assert len(marks) == len(made(writing))
    assert writing.shop.orders == []


def test_the_plan_counts_creations_and_their_removal(writing: Project) -> None:
    plan = writing.pytest("--deploycheck-plan", env="rich")
    over = writing.pytest(env="small")

    assert "  2  prepare" in plan.out
    assert re.search(r"load +144 +72 +0 +80  load::orders: p95<2s", plan.out)
    assert over.status == 4
    assert "writes: 72 load = 72, budget 1" in over.err


def test_a_protected_environment_needs_both_words(writing: Project) -> None:
    load_only = writing.pytest("--allow-load", env="richprod")
    both = writing.pytest("--allow-load", "--allow-writes", env="richprod")

    assert load_only.status == 2
    assert "it writes, and richprod is protected: pass --allow-writes" in load_only.out
    assert both.status == 0
    assert writing.shop.orders == []


@pytest.mark.parametrize("create", ["now", "hang"])
def test_ctrl_c_leaves_nothing_that_was_created_answered_or_not(writing: Project, create: str) -> None:
    prolong(writing)
    writing.shop.switch(create=create)
    process = writing.start(env="rich")
    wait_until(lambda: len(writing.shop.orders) > 1, "orders were made")

    pressed = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    run = writing.end(process)

    assert time.monotonic() - pressed < 5
    assert run.status == 2
    assert run.verdict.startswith("INCONCLUSIVE")
    assert len(removed(writing)) > 1
    assert writing.shop.orders == []


def test_the_next_run_removes_what_a_killed_one_has_left(writing: Project) -> None:
    contract = (writing.folder / "deploycheck.yaml").read_text()
    prolong(writing)
    process = writing.start(env="rich")
    wait_until(lambda: len(writing.shop.orders) > 3, "orders were made")

    process.kill()
    killed = time.monotonic()
    writing.end(process)
    left = len(writing.shop.orders)
    (writing.folder / "deploycheck.yaml").write_text(
        contract.partition("load:")[0] + "smoke:\n  - GET /health: {status: 200}\n"
    )
    run = writing.pytest(env="rich")

    assert time.monotonic() - killed < 30
    assert left > 3
    assert "leftovers of earlier runs" in run.out
    assert writing.shop.orders == []


def test_what_could_not_be_removed_is_no_go(writing: Project) -> None:
    writing.shop.switch(delete="never")

    run = writing.pytest(env="rich")

    assert run.status == 1
    assert "what it created could not be removed" in run.out
