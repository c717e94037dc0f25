"""Each bad contract beside this file prints what stands in its .txt."""

import re
from pathlib import Path

import pytest

from pytest_deploycheck import checks
from pytest_deploycheck.config import ContractErrors, load

FOLDER = Path(__file__).parent
CONTRACTS = sorted(FOLDER.glob("*.yaml"))
SECRET = "planted-secret-value"
VARIABLES = {"HOST": "shop.test", "TOKEN": SECRET, "SHORT_TOKEN": "abc", "PIN": "123", "EMPTY": ""}


def printed(contract: Path) -> str:
    chosen = re.match(r"# environment: (\w+)", contract.read_text())
    with pytest.raises(ContractErrors) as caught:
        load(Path(contract.name), chosen[1] if chosen else "local", VARIABLES, kinds=checks.kinds())
    return f"{caught.value}\n"


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda path: path.stem)
def test_a_bad_contract_prints_what_is_written_beside_it(
    contract: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FOLDER)

    text = printed(contract)

    assert text == contract.with_suffix(".txt").read_text()
    assert SECRET not in text


def test_every_expected_text_has_its_contract() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == {path.stem for path in CONTRACTS}
