from pathlib import Path

import pytest

from pytest_deploycheck.config.errors import Mistakes
from pytest_deploycheck.config.places import compose
from pytest_deploycheck.config.plain import meaning, values
from pytest_deploycheck.config.spot import Spot


def tree(tmp_path: Path, text: str) -> Spot:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    mistakes = Mistakes()
    node = compose(path, mistakes)
    assert node is not None
    assert not mistakes.found
    return Spot(node)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None),
        ("5", 5), ("-5", -5), ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5),
        ("on", "on"), ("no", "no"), ("007", "007"), ("1:30", "1:30"), ("2026-12-01", "2026-12-01"),
        ("0x1F", "0x1F"), ("1_000", "1_000"), ("-", "-"), (".", "."), ("1.2.3", "1.2.3"), ("<3s", "<3s"),
    ],
)  # fmt: skip
def test_an_unquoted_text_means_what_yaml_1_2_says(text: str, value: object) -> None:
    assert meaning(text) == value
    assert type(meaning(text)) is type(value)


def test_a_quoted_text_stays_a_text(tmp_path: Path) -> None:
    assert values(tree(tmp_path, "a: '5'\nb: \"true\"\nc: !!str 5\nd: |\n  7\n").node) == {
        "a": "5",
        "b": "true",
        "c": "5",
        "d": "7\n",
    }


def test_a_merge_key_brings_entries_in_and_the_mapping_s_own_win(tmp_path: Path) -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 3}\nd: {<<: *a}\n"

    assert values(tree(tmp_path, text).find(("c",)).node) == {"x": 3, "y": 1, "z": 2}
    assert values(tree(tmp_path, text).find(("d",)).node) == {"x": 1, "y": 1}


def test_a_loc_may_leave_out_the_key_of_a_single_entry(tmp_path: Path) -> None:
    root = tree(tmp_path, "checks:\n  - GET /health: {status: abc}\n  - GET /b: {status: 5}\n")

    spot = root.find(("checks", 1, "status"))

    assert (spot.place.line, spot.place.column) == (3, 22)
    assert root.find(("checks", 0, "GET /health", "status")).place.line == 2


def test_a_loc_may_hold_steps_that_are_no_part_of_the_file(tmp_path: Path) -> None:
    root = tree(tmp_path, "checks: {status: [200, abc]}\n")

    spot = root.find(("checks", "function-after[check(), Entry]", "status", "list[int]", 1))

    assert (spot.name, spot.place.column) == ("status[2]", 24)


def test_the_place_of_a_mapping_is_its_key_s(tmp_path: Path) -> None:
    root = tree(tmp_path, "checks:\n  http:\n    status: 5\n")

    assert root.find(("checks", "http")).place.line == 2


def test_nesting_without_end_is_a_mistake_and_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("[" * 5000)
    mistakes = Mistakes()

    assert compose(path, mistakes) is None
    assert len(mistakes.found) == 1


@pytest.mark.parametrize("content", [b"a: \xff\n", b"a: \x00\n"])
def test_bytes_that_are_no_text_are_a_mistake(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    mistakes = Mistakes()

    assert compose(path, mistakes) is None
    assert mistakes.found[0].message.startswith(("the file is not UTF-8", "not YAML"))


def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    mistakes = Mistakes()

    assert compose(tmp_path / "none.yaml", mistakes) is None
    assert mistakes.found[0].message == "the file can't be read: No such file or directory"
