"""WC-37: whoever reads a red check is told where to look."""

from pathlib import Path

import pytest
import yaml


@pytest.mark.smoke
@pytest.mark.runbook("WC-37")
def test_every_decided_item_has_hints() -> None:
    """A failed check prints the hints of its runbook item; so each item that checks decide has some."""
    runbook = yaml.safe_load(Path(__file__).with_name("runbook.yaml").read_text(encoding="utf-8"))
    decided = {name: item for name, item in runbook["items"].items() if "checks" in item and name != "WC-37"}

    assert decided
    assert [name for name, item in decided.items() if not item.get("hints")] == []
