from pathlib import Path

import pytest

from pytest_deploycheck.config import ContractErrors, variables


def test_the_process_wins_over_the_environment_s_file_and_that_over_the_common_one(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=common\nB=common\nC=common\n")
    (tmp_path / ".env.prod").write_text("B=prod\nC=prod\n")

    found = variables(tmp_path, "prod", {"C": "process", "D": "process"})

    assert found == {"A": "common", "B": "prod", "C": "process", "D": "process"}


def test_quotes_comments_export_and_references_are_those_of_dotenv(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# comment\nexport A='single # quoted'\nB=\"two\\nlines\" # comment\nC=${A}/${D}/${E:-none}\nFLAG\n"
    )

    found = variables(tmp_path, "local", {"D": "process"})

    assert found["A"] == "single # quoted"
    assert found["B"] == "two\nlines"
    assert found["C"] == "single # quoted/process/none"
    assert "FLAG" not in found


def test_a_line_that_assigns_nothing_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n\n'oops\nB=2\n")

    with pytest.raises(ContractErrors) as caught:
        variables(tmp_path, "local", {})

    assert str(caught.value) == (
        f"{tmp_path}/.env:3:1: this line assigns no variable\n"
        "    expected NAME=value, NAME='value' or # a comment"
    )


def test_an_environment_s_name_can_t_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "secret").write_text("A=1\n")
    (tmp_path / "inner" / ".env.").mkdir()

    assert variables(tmp_path / "inner", "/../../secret", {}) == {}
