"""Numbers agree with their words, whatever is counted."""

import re
from pathlib import Path

import pytest

import pytest_deploycheck
from pytest_deploycheck.model.many import many, some


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 rows"), (1, "1 row"), (2, "2 rows")],
)
def test_one_is_not_several(number: int, words: str) -> None:
    assert many(number, "row") == words


def test_a_plural_may_be_another_word_or_carry_its_verb() -> None:
    assert many(1, "query", "queries") == "1 query"
    assert many(3, "query", "queries") == "3 queries"
    assert many(1, "standby is", "standbys are") == "1 standby is"


def test_of_several_one_does_and_two_do() -> None:
    assert some(1, 5, "row", "leads", "lead") == "1 of 5 rows leads"
    assert some(1, 1, "row", "leads", "lead") == "1 of 1 row leads"
    assert some(2, 4000, "row", "leads", "lead") == "2 of 4,000 rows lead"


def test_a_number_is_written_as_one_likes() -> None:
    assert many(4000, "request", shown="4,000") == "4,000 requests"


def test_no_message_puts_a_plural_behind_a_number_that_may_be_one() -> None:
    words = "requests|queries|schemas|statements|tables|rows|writes|relations|policies|checks|objects|answers"
    counted = re.compile(rf"\{{[\w.]*(len\([^{{}}]*\)|spent\.\w+|\.n)\}} ({words})\b")
    package = Path(pytest_deploycheck.__file__).parent

    found = [
        f"{path.name}: {hit[0]}"
        for path in package.rglob("*.py")
        for hit in counted.finditer(path.read_text(encoding="utf-8"))
    ]

    assert found == []
