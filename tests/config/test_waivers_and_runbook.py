from datetime import date
from pathlib import Path

import pytest

from pytest_deploycheck.config.ids import covers, is_test_below
from pytest_deploycheck.model.contract import Waiver
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.runbook import SignOff

from .contracts import LOCAL, Listed, read, refused

WAIVER = "{owner: Ada, justification: later, expiration_date: 2026-12-01}"


def waivers(tmp_path: Path, pattern: str) -> tuple[Waiver, ...]:
    text = f"{LOCAL}smoke: ['GET /a [no token]': {{}}, GET /b: {{}}]\nwaivers:\n  '{pattern}': {WAIVER}\n"
    return read(tmp_path, text).waivers


def test_a_waiver_names_its_owner_reason_and_last_day(tmp_path: Path) -> None:
    assert waivers(tmp_path, "smoke::GET /a [no token]") == (
        Waiver(
            check="smoke::GET /a [no token]",
            place=Place(tmp_path / "deploycheck.yaml", 6, 3),
            owner="Ada",
            justification="later",
            until=date(2026, 12, 1),
        ),
    )


def test_a_kind_is_told_what_waivers_name(tmp_path: Path) -> None:
    kind = Listed()
    text = f"{LOCAL}smoke: [a: {{}}]\nwaivers: {{smoke::a: {WAIVER}, 'smoke::*': {WAIVER}}}\n"
    read(tmp_path, text, kinds={"http": kind})

    assert kind.seen[0].waived == {"smoke::a", "smoke::*"}


def test_a_waiver_that_has_expired_is_still_read(tmp_path: Path) -> None:
    text = f"{LOCAL}smoke: [a: {{}}]\nwaivers: {{smoke::a: {WAIVER.replace('2026', '1999')}}}\n"

    assert read(tmp_path, text).waivers[0].until == date(1999, 12, 1)


def test_brackets_in_a_pattern_mean_themselves(tmp_path: Path) -> None:
    assert waivers(tmp_path, "smoke::* [no token]")[0].check == "smoke::* [[]no token]"
    assert "no check matches" in refused(
        tmp_path, f"{LOCAL}smoke: [GET /ab: {{}}]\nwaivers: {{'smoke::GET /a[abc]': {WAIVER}}}\n"
    )


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ("a::b [c]", True),
        ("a::* [c]", True),
        ("a::b [?]", True),
        ("*", True),
        ("a::b", False),
        ("A::*", False),
    ],
)
def test_patterns(pattern: str, *, covered: bool) -> None:
    assert covers(pattern, "a::b [c]") is covered


def test_a_waiver_may_name_a_test_beside_the_contract(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").touch()

    assert waivers(tmp_path, "test_a.py::test_totals[1]")[0].owner == "Ada"
    assert not is_test_below("test_b.py::test_totals", tmp_path)
    assert not is_test_below(f"../{tmp_path.name}/test_a.py::test_totals", tmp_path)


def test_a_misspelt_section_does_not_make_its_waivers_mistakes(tmp_path: Path) -> None:
    printed = refused(tmp_path, f"{LOCAL}smok: [a: {{}}]\nwaivers: {{smoke::a: {WAIVER}}}\n")

    assert printed == "deploycheck.yaml:4:1: unknown key 'smok'\n    expected 'smoke'?"


RUNBOOK = """
items:
  A-1:
    what: health
    where: "5.1"
    checks: ["smoke::GET /*", test_a.py::test_totals]
    hints: ["$${no} ${VARIABLE} is filled in here"]
  A-2: {what: backups, attest: true, signed: {by: Ada, on: 2026-01-02, evidence: ticket 5, until: 2026-07-01}}
  A-3: {what: alerts, attest: true}
  A-4: {what: more, open: not yet}
  A-5:
    {what: b, checks: cited, attest: true, signed: {by: Bo, on: 2026-01-03, evidence: t, until: 2026-07-01}}
"""


def test_a_runbook_holds_decided_signed_and_open_items(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").touch()
    (tmp_path / "runbook.yaml").write_text(RUNBOOK)
    text = f"runbook: runbook.yaml\nstrict_runbook: true\n{LOCAL}smoke:\n"

    contract = read(tmp_path, f"{text}  - GET /b: {{runbook: [A-1]}}\n  - GET /a: {{runbook: [A-1, A-5]}}\n")

    assert contract.strict_runbook
    assert contract.runbook is not None
    items = contract.runbook.items
    assert items["A-1"].checks == ("smoke::GET /b", "smoke::GET /a", "test_a.py::test_totals")
    assert items["A-1"].hints == ("$${no} ${VARIABLE} is filled in here",)
    assert items["A-2"].signed == SignOff("Ada", date(2026, 1, 2), "ticket 5", date(2026, 7, 1))
    assert (items["A-3"].attest, items["A-3"].signed) == (True, None)
    assert (items["A-4"].open, items["A-4"].place.line) == ("not yet", 10)
    assert (items["A-5"].checks, items["A-5"].attest) == (("smoke::GET /a",), True)
    assert items["A-5"].signed == SignOff("Bo", date(2026, 1, 3), "t", date(2026, 7, 1))


def test_a_login_may_decide_an_item_and_be_waived(tmp_path: Path) -> None:
    (tmp_path / "runbook.yaml").write_text("items: {A-1: {what: login, checks: ['identities::who']}}\n")
    identities = "identities: {who: {login: {path: /l, token: $.t}}, other: {token: abcdef}}\n"
    text = f"runbook: runbook.yaml\n{LOCAL}{identities}"

    contract = read(tmp_path, f"{text}waivers: {{'identities::who': {WAIVER}}}\n")

    assert contract.runbook is not None
    assert contract.runbook.items["A-1"].checks == ("identities::who",)
    assert "no check matches" in refused(tmp_path, f"{text}waivers: {{'identities::other': {WAIVER}}}\n")


def test_without_a_runbook_its_ids_are_labels(tmp_path: Path) -> None:
    assert read(tmp_path, f"{LOCAL}smoke: [a: {{runbook: [A-1]}}]\n").checks[0].runbook == ("A-1",)


def test_a_check_that_an_open_item_is_about_must_be_listed(tmp_path: Path) -> None:
    (tmp_path / "runbook.yaml").write_text("items:\n  A-4: {what: more, open: not yet}\n")

    printed = refused(tmp_path, f"runbook: runbook.yaml\n{LOCAL}smoke: [a: {{runbook: [A-4]}}]\n")

    assert "'smoke::a' cites A-4, which is open (runbook.yaml:2:3)" in printed
