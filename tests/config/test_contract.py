import time
from pathlib import Path

import pytest

from pytest_deploycheck.config import ContractErrors, load

from .contracts import LOCAL, Listed, read, refused


def test_a_contract_is_what_its_file_says(tmp_path: Path) -> None:
    contract = read(tmp_path, f"{LOCAL}smoke: [a: {{}}]\n")

    assert (contract.path, contract.system) == (tmp_path / "deploycheck.yaml", "Shop")
    assert (contract.waivers, contract.runbook, contract.pending) == ((), None, frozenset())


def test_a_contract_may_leave_its_checks_to_python_tests(tmp_path: Path) -> None:
    assert read(tmp_path, LOCAL).checks == ()


def test_a_file_that_is_not_there_is_a_mistake_with_a_place(tmp_path: Path) -> None:
    with pytest.raises(ContractErrors) as caught:
        load(tmp_path / "none.yaml", "local", {}, kinds={})

    assert str(caught.value) == f"{tmp_path}/none.yaml:1:1: the file can't be read: No such file or directory"


def test_the_markers_are_the_caller_s(tmp_path: Path) -> None:
    path = tmp_path / "deploycheck.yaml"
    path.write_text(f"{LOCAL}canary: [a: {{}}]\n")

    contract = load(path, "local", {}, kinds={"http": Listed()}, markers=["canary"])

    assert contract.checks[0].id == "canary::a"


def test_every_mistake_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = """
        system: ""
        environments:
          local: {base_url: nowhere, timeout: 5}
          prod: {extends: nothing}
        secrets: [not a name]
        signing: {key: "${NONE}"}
        identities:
          who: {}
        smoke:
          - a: {status: abc}
        waivers:
          smoke::a: {owner: Ada}
        colour: red
    """

    printed = refused(tmp_path, text)

    lines = {int(line.split(":")[1]) for line in printed.splitlines() if not line.startswith(" ")}
    assert lines == {2, 4, 5, 6, 7, 9, 11, 13, 14}


def test_a_thousand_checks_are_read_in_a_moment(tmp_path: Path) -> None:
    checks = "".join(f"  - GET /{n}: {{status: 200, text: ok, share: 1.5}}\n" for n in range(1000))

    started = time.process_time()
    contract = read(tmp_path, f"{LOCAL}smoke:\n{checks}")

    assert len(contract.checks) == 1000
    assert (
        time.process_time() - started < 1.0
    )  # about 0.06 s; a loose bound that still finds anything quadratic
