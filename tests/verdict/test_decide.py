"""The verdict, in all cases."""

from datetime import date

import pytest

from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed, Waived
from pytest_deploycheck.model.verdict import Verdict
from pytest_deploycheck.verdict.decide import decide

GREEN, RED, OPEN = Passed(), Failed("red"), Inconclusive("open")
WAIVED = Waived("red", "ann", "known", date(2030, 1, 1))


@pytest.mark.parametrize(
    ("outcomes", "leftovers", "undecided", "verdict"),
    [
        ([], 0, 0, Verdict.NOTHING_CHECKED),
        ([GREEN], 0, 0, Verdict.GO),
        ([GREEN, WAIVED], 0, 0, Verdict.GO),
        ([GREEN, OPEN], 0, 0, Verdict.INCONCLUSIVE),
        ([OPEN], 0, 0, Verdict.INCONCLUSIVE),
        ([WAIVED], 0, 0, Verdict.INCONCLUSIVE),
        ([GREEN], 0, 1, Verdict.INCONCLUSIVE),
        ([], 0, 1, Verdict.INCONCLUSIVE),
        ([RED], 0, 0, Verdict.NO_GO),
        ([GREEN, OPEN, WAIVED, RED], 0, 1, Verdict.NO_GO),
        ([GREEN], 1, 0, Verdict.NO_GO),
        ([], 1, 0, Verdict.NO_GO),
        ([OPEN], 1, 1, Verdict.NO_GO),
    ],
)
def test_what_was_not_checked_did_not_pass(
    outcomes: list[Outcome], leftovers: int, undecided: int, verdict: Verdict
) -> None:
    assert decide(outcomes, leftovers=leftovers, undecided=undecided) is verdict


def test_each_verdict_has_its_exit_status() -> None:
    assert {verdict.value: verdict.exit_status for verdict in Verdict} == {
        "GO": 0,
        "NO-GO": 1,
        "INCONCLUSIVE": 2,
        "NOTHING CHECKED": 5,
    }
