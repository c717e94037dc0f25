from pathlib import Path

import pytest

from pytest_deploycheck.config.errors import ContractError, ContractErrors, nearest
from pytest_deploycheck.model.place import Place


def test_a_mistake_says_where_what_and_what_was_expected(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    place = Place(tmp_path / "suites" / "deploycheck.yaml", 3, 1)

    text = str(ContractError(place, "unknown key 'authentification'", "'authentication'?"))

    assert text == (
        "suites/deploycheck.yaml:3:1: unknown key 'authentification'\n    expected 'authentication'?"
    )


def test_a_place_outside_the_working_directory_is_printed_in_full(tmp_path: Path) -> None:
    assert str(ContractError(Place(tmp_path / "a.yaml"), "no")) == f"{tmp_path}/a.yaml:1:1: no"


def test_mistakes_come_in_the_order_of_their_places_each_once() -> None:
    path = Path("/a.yaml")
    late, early = ContractError(Place(path, 9, 1), "late"), ContractError(Place(path, 2, 5), "early")

    assert ContractErrors([late, early, late]).errors == (early, late)


def test_the_nearest_name_is_proposed_or_else_all_are() -> None:
    assert nearest("tabels", ["tables", "http"]) == "'tables'?"
    assert nearest("zzz", ["tables", "http"]) == "one of http, tables"
    assert nearest("zzz", []) == ""
    assert nearest("zzz", map(str, range(100))).endswith(", 20, 21 and 85 more")
