"""Every lint has an id, a row in the documentation, and a fault that it finds."""

import re
from pathlib import Path

import yaml

from pytest_deploycheck.catalog.lints.registry import LINTS
from tests.catalog.lints import test_by_hand as by_hand
from tests.docs.pages import ROOT, reference

IDS = [lint.id for lint in LINTS]
TABLE = yaml.safe_load((ROOT / "suites/wecelebrate/database_faults/lints.yaml").read_text(encoding="utf-8"))


def test_ids_are_unique_words() -> None:
    assert len(IDS) == len(set(IDS))
    assert [one for one in IDS if not re.fullmatch(r"[a-z]+(_[a-z]+)+", one)] == []


def test_the_documentation_says_of_every_lint_what_its_code_says() -> None:
    page = reference("lints")
    rows = [
        f"| `{lint.id}` | {lint.level.name.lower()} | {lint.finds} | {lint.why} | {lint.mend} |"
        for lint in LINTS
    ]

    assert [row for row in rows if row not in page] == []
    assert len(re.findall(r"^\| `\w+` \| (error|warning|info) ", page, re.MULTILINE)) == len(LINTS)


def test_every_lint_is_proven_by_a_fault_of_the_database_or_by_a_catalog_made_by_hand() -> None:
    red = {
        check.removeprefix("schema::lint ") for fault in TABLE["faults"].values() for check in fault["red"]
    }
    cases = {name.partition("__")[2] for name in dir(by_hand) if name.startswith("test_found__")}

    assert set(IDS) - red - cases == set()
    assert cases <= set(IDS)


def test_every_module_of_the_lints_is_registered() -> None:
    folder = Path(ROOT / "pytest_deploycheck/catalog/lints")
    with_lints = {path.stem for path in folder.glob("*.py") if "\nLINTS = (" in path.read_text()}
    registry = (folder / "registry.py").read_text()

    assert [name for name in with_lints if f"*{name}.LINTS" not in registry] == []
