"""Checks have names that may be printed, and keep them."""

import pytest

from pytest_deploycheck.plan.names import as_planned, printable
from tests.words import check, contract


def clean(text: str) -> str:
    return text.replace("hunter2", "***").replace("letmein", "***")


def test_a_secret_in_a_title_is_taken_out_and_titles_stay_different() -> None:
    whole = contract(check("GET /?k=hunter2"), check("GET /?k=letmein"), check("GET /?k=***"), check("GET /"))

    titles = [each.title for each in printable(whole, clean).checks]

    assert titles == ["GET /?k=*** (2)", "GET /?k=*** (3)", "GET /?k=***", "GET /"]


def test_a_check_keeps_the_title_it_had_before_the_start() -> None:
    before, after = contract(check("GET ${URL}/a")), contract(check("GET http://x/a", runbook=("R-1",)))

    (kept,) = as_planned(after, before).checks

    assert (kept.title, kept.runbook) == ("GET ${URL}/a", ("R-1",))


def test_a_start_that_changes_the_checks_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="zip"):
        as_planned(contract(check()), contract())
