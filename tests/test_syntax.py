"""What is no YAML is told in words about the text, where it is, and with what to do."""

from pathlib import Path

import pytest

from pytest_deploycheck.config.errors import Mistakes
from pytest_deploycheck.config.places import compose

UNCLOSED = "the { of line 2 is not closed before this"
NO_KEY = "a line without ': ' is no key"
SECOND = "a second ': ' in one value"
AFTER = "something follows the end of a value"


def told(folder: Path, text: str) -> tuple[str, str, str]:
    path, mistakes = folder / "deploycheck.yaml", Mistakes()
    path.write_text(text)
    assert compose(path, mistakes) is None
    (found,) = mistakes.found
    what = found.message.removeprefix("not YAML: ")
    assert what != found.message
    return f"{found.place.line}:{found.place.column}", what, found.expected


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("a:\n  b: c\n d: e\n", "3:2", "indented by 1 space, and the block that begins in line 1 by 0"),
        (
            "a:\n  b: c\n    d: e\n",
            "3:5",
            "indented deeper than line 2, as if it went on with the value there",
        ),
        ("a:\n  - b: c\n    - d: e\n", "3:5", "an item among the keys of the block that begins in line 2"),
        ("a:\n  - b\n  c: d\n", "3:3", "a key among the items of the block that begins in line 2"),
        ("a: b\nc\nd:\n  e: f\n", "2:1", NO_KEY),
        ("a:b\nc:\n  d: e\n", "1:1", NO_KEY),
        ("a: b: c\n", "1:5", SECOND),
        ("a:\n  - b: {c: d\ne: {}\n", "3:2", UNCLOSED),
        ("\na: {b: ${NAME}}\n", "2:9", UNCLOSED),
        ("a: [b,\n", "2:1", "a value is missing"),
        ("a: [b\nc: d\n", "2:2", "the [ of line 1 is not closed before this"),
        ("a: 'it's'\n", "1:8", AFTER),
        ("a: {b: c}}\n", "1:10", AFTER),
        ('a: "b\nc: d\n', "1:4", "a quotation mark that is never closed"),
        ('a: "\\d"\n', "1:5", 'a backslash inside "..."'),
        ("a:\n\tb: c\n", "2:1", "a tab"),
        ("a: @b\n", "1:4", "a text that begins with @"),
        ("a: *b\n", "1:4", "a text that begins with * names an anchor, and there is none"),
        ("a: - b\n", "1:4", "a list in the line of its key"),
        ("a: b\n---\nc: d\n", "2:1", "a second document begins"),
        ("a: b\n<<<<<<< HEAD\nc: d\n=======\n", "2:1", "a conflict of a merge is still there"),
        ("a: b\nc: \x07d\n", "2:4", "the character U+0007 may not stand in YAML"),
    ],
)
def test_a_slip_is_told_in_its_own_words(tmp_path: Path, text: str, place: str, what: str) -> None:
    at, message, expected = told(tmp_path, text)

    assert (at, message) == (place, what)
    assert expected


def test_what_nobody_foresaw_is_told_in_the_parsers_words_with_what_to_look_at(tmp_path: Path) -> None:
    at, message, expected = told(tmp_path, "a: |b\n  c\n")

    assert at == "1:5"
    assert message.startswith("while scanning a block scalar")
    assert expected.startswith("the same indentation, quotes and brackets")


def test_nothing_of_the_file_is_quoted_for_it_may_be_a_secret(tmp_path: Path) -> None:
    assert "hunter2" not in "".join(told(tmp_path, "a:\n  password: hunter2\n   b: c\n"))
