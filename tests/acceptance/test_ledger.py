"""What a run creates is removed, however the run ends; what stays is NO-GO, and named."""

import os
import re
import signal
from pathlib import Path

import pytest

from tests.projects import ANN, ENVIRONMENTS, ORDER, READY, Project, wait_until

WRITES = (ENVIRONMENTS, READY, ANN, "smoke:\n", ORDER)

CREATING = """\
def test_order(http, ledger):
    ann = http.as_("ann")
    with ledger.creates(
        "POST /orders", identity="ann", delete="DELETE /orders/{id}",
        find=("GET /orders?reference={mark}", "$.items[*].id"),
    ) as order:
        order.id = ann.post("/orders", json={"reference": order.mark}).json()["id"]
    assert ann.get(f"/orders/{order.id}").json()["reference"] == order.mark
"""


def files_of(folder: Path) -> list[str]:
    return [path.name for path in (folder / ".deploycheck").rglob("*.jsonl")]


def kill_while_creating(project: Project, *arguments: str) -> None:
    """Kill pytest once the shop has created an order, and before it says so."""
    project.shop.switch(create="hang")
    process = project.start(*arguments)
    wait_until(lambda: bool(project.shop.orders), "the order is created")
    process.kill()
    project.end(process)
    project.shop.wake()
    project.shop.switch(create="now")
    assert len(project.shop.orders) == 1


def test_what_a_check_creates_is_removed_and_asked_for_again(project: Project) -> None:
    project.contract(*WRITES)

    run = project.pytest()

    assert run.status == 0
    assert project.shop.orders == []
    sent = [re.sub(r"orders/\w+|=deploycheck.*", "orders/N", line) for line in project.shop.lines[2:]]
    assert sent == [
        "POST /orders",
        "GET /orders?referenceorders/N",
        "DELETE /orders/N",
        "GET /orders/N",
        "GET /orders?referenceorders/N",
    ]
    assert files_of(project.folder) == []


def test_what_a_python_test_creates_is_removed(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, ANN)
    project.file("test_shop.py", CREATING)

    run = project.pytest("test_shop.py")

    assert run.status == 0
    assert "POST /orders" in project.shop.lines
    assert project.shop.orders == []
    assert files_of(project.folder) == []


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "workers"])
def test_checks_and_python_tests_may_write_in_one_run(project: Project, workers: tuple[str, ...]) -> None:
    project.contract(*WRITES)
    project.file("test_shop.py", CREATING + CREATING.replace("test_order", "test_another"))

    run = project.pytest(*workers)

    assert run.status == 0
    assert project.shop.lines.count("POST /orders") == 3
    assert project.shop.orders == []
    assert files_of(project.folder) == []


def test_what_a_failing_python_test_created_is_removed(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, ANN)
    project.file("test_shop.py", CREATING + "    assert False, 'after all'\n")

    run = project.pytest()

    assert run.status == 1
    assert "POST /orders" in project.shop.lines
    assert project.shop.orders == []


def test_a_failing_python_test_does_not_keep_the_ledger_from_others(project: Project) -> None:
    project.contract(*WRITES)
    project.file("test_shop.py", CREATING + "    assert False, 'after all'\n")

    run = project.pytest("test_shop.py", "deploycheck.yaml")

    assert run.status == 1
    assert project.shop.lines.count("POST /orders") == 2
    assert project.shop.orders == []


def test_what_a_lost_reply_created_is_found_by_its_mark_and_removed(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, ANN)
    project.file("test_shop.py", CREATING.replace("order.id = ", "assert 0, ").replace('.json()["id"]', ""))

    run = project.pytest()

    assert run.status == 1
    assert "POST /orders" in project.shop.lines
    assert project.shop.orders == []


def test_the_leftover_of_a_killed_run_is_swept_by_the_command(project: Project) -> None:
    project.contract(*WRITES)
    kill_while_creating(project)

    swept = project.command("sweep", "--env", "local")

    assert swept.status == 0
    assert swept.out == "Shop on local: removed 1 of 1 leftover of earlier runs\n"
    assert project.shop.orders == []
    assert files_of(project.folder) == []


def test_a_second_sweep_finds_nothing(project: Project) -> None:
    project.contract(*WRITES)

    swept = project.command("sweep", "--env", "local")

    assert swept.status == 0
    assert swept.out == "Shop on local: nothing was left behind\n"


def test_the_leftover_of_a_killed_run_is_removed_by_the_next_run(project: Project) -> None:
    project.contract(*WRITES)
    kill_while_creating(project)

    run = project.pytest("-k", "ready")

    assert run.status == 0
    assert "note         removed 1 of 1 leftover of earlier runs" in run.summary
    assert project.shop.orders == []
    assert files_of(project.folder) == []


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "workers"])
def test_the_leftover_of_a_killed_python_test_is_removed_by_the_next_run(
    project: Project, workers: tuple[str, ...]
) -> None:
    project.contract(ENVIRONMENTS, READY, ANN)
    project.file("test_shop.py", CREATING)
    kill_while_creating(project, "test_shop.py", *workers)

    def swept() -> bool:  # workers end a moment after the run that was killed, and hold their file until then
        return project.command("sweep", "--env", "local").out.endswith(
            "removed 1 of 1 leftover of earlier runs\n"
        )

    wait_until(swept, "the leftover is removed")
    assert project.shop.orders == []


@pytest.mark.parametrize("delete", ["never", "refused"])
def test_what_a_check_created_and_cannot_be_removed_is_no_go_and_named(project: Project, delete: str) -> None:
    project.contract(*WRITES)
    project.shop.switch(delete=delete)

    run = project.pytest()

    (order,) = project.shop.orders
    assert run.status == 1
    told = f"POST /orders ({order['id']}), made by smoke::an order is made as ann: "
    assert f"what it created could not be removed: {told}" in run.summary
    assert f"LEFT BEHIND  {told}GET /orders/{order['id']} answered 200 after its removal" in run.summary
    assert files_of(project.folder) != []


def test_a_check_that_decided_nothing_keeps_its_reason_though_what_it_created_stays(project: Project) -> None:
    met = ORDER + "        - GET /status/429: {status: 200}\n"
    project.contract(ENVIRONMENTS, READY, ANN, "smoke:\n", met)
    project.shop.switch(delete="never")

    run = project.pytest()

    (order,) = project.shop.orders
    assert run.status == 1
    assert "INCONCLUSIVE step 2, GET /status/429 as ann: rate limited (429)" in run.summary
    assert "what it created could not be removed" not in run.summary
    assert f"LEFT BEHIND  POST /orders ({order['id']}), made by smoke::an order is made" in run.summary


def test_what_a_python_test_created_and_cannot_be_removed_is_no_go_and_named(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, ANN)
    project.file("test_shop.py", CREATING)
    project.shop.switch(delete="never")

    run = project.pytest()

    (order,) = project.shop.orders
    assert run.status == 1
    told = f"POST /orders ({order['id']}), made by test_shop.py::test_order as ann: GET /orders/{order['id']}"
    assert f"AssertionError: could not be removed: {told} answered 200 after its removal" in run.summary
    assert f"LEFT BEHIND  {told}" in run.summary


def test_whether_anything_is_left_must_be_told_or_the_run_is_no_go(project: Project) -> None:
    project.contract(*WRITES)
    project.shop.switch(find="broken")

    run = project.pytest()

    assert run.status == 1
    assert "answered 500: whether anything is left cannot be told" in run.summary


def test_an_old_leftover_that_cannot_be_removed_is_no_go_and_named(project: Project) -> None:
    project.contract(*WRITES)
    kill_while_creating(project)
    project.shop.switch(delete="refused")

    run = project.pytest("-k", "ready")
    swept = project.command("sweep", "--env", "local")

    (order,) = project.shop.orders
    assert run.status == 1
    assert "LEFT BEHIND  POST /orders (unknown id, marked deploycheck-" in run.summary
    assert f"GET /orders/{order['id']} answered 200 after its removal" in run.summary
    assert run.verdict == "NO-GO: Shop on local, version not declared"
    assert swept.status == 1
    assert "LEFT BEHIND  POST /orders" in swept.out


def test_a_leftover_on_a_protected_environment_waits_for_leave_to_write(project: Project) -> None:
    project.contract(*WRITES)
    project.shop.switch(create="hang")
    process = project.start("--allow-writes", env="prod")
    wait_until(lambda: bool(project.shop.orders), "the order is created")
    process.kill()
    project.end(process)
    project.shop.wake()

    refused = project.command("sweep", "--env", "prod")
    left = len(project.shop.orders)
    allowed = project.command("sweep", "--env", "prod", "--allow-writes")

    assert refused.status == 1
    assert "left by an earlier run; remove it with `deploycheck sweep --allow-writes`" in refused.out
    assert left == 1
    assert allowed.status == 0
    assert project.shop.orders == []


def test_an_interrupted_run_says_its_verdict_and_cleans_up(project: Project) -> None:
    project.contract(*WRITES)
    project.shop.switch(create="hang")
    process = project.start()
    wait_until(lambda: bool(project.shop.orders), "the order is created")

    os.killpg(process.pid, signal.SIGINT)
    run = project.end(process)

    assert run.status == 2
    assert "KeyboardInterrupt" in run.out
    assert "INCONCLUSIVE selected, but not run\n    deploycheck.yaml::smoke::an order is made" in run.summary
    assert run.verdict == "INCONCLUSIVE: Shop on local, version not declared"
    assert project.shop.orders == []
    assert files_of(project.folder) == []


def test_an_interrupt_does_not_wait_for_answers_that_never_come(project: Project) -> None:
    project.contract(
        ENVIRONMENTS, READY, "smoke:\n  - GET /hang: {status: 200}\n  - GET /health: {status: 200}\n"
    )
    process = project.start()
    wait_until(lambda: "GET /hang" in project.shop.lines, "a probe hangs")

    os.killpg(process.pid, signal.SIGINT)
    run = project.end(process)

    assert run.status == 2
    assert run.verdict == "INCONCLUSIVE: Shop on local, version not declared"


def test_an_interrupt_while_workers_write_cleans_up(project: Project) -> None:
    project.contract(*WRITES)
    project.file("test_shop.py", CREATING)
    project.shop.switch(create="hang")
    process = project.start("-n2")
    wait_until(lambda: bool(project.shop.orders), "an order is created")

    os.killpg(process.pid, signal.SIGINT)
    run = project.end(process)

    assert run.status == 2
    assert project.shop.orders == []


def test_a_run_names_the_environment_to_sweep(project: Project) -> None:
    project.contract(*WRITES)

    nameless = project.command("sweep")
    unknown = project.command("sweep", "--env", "nowhere")
    (project.folder.parent / "elsewhere").mkdir()
    homeless = project.command("sweep", "--env", "local", "../elsewhere")

    assert (nameless.status, nameless.err) == (
        4,
        "deploycheck: name the environment: deploycheck sweep --env NAME\n",
    )
    assert unknown.status == 4
    assert "environment 'nowhere' is not known" in unknown.err
    assert "Traceback" not in unknown.err
    assert (homeless.status, homeless.err) == (
        4,
        "deploycheck: no deploycheck.yaml in ../elsewhere, above or below\n",
    )
