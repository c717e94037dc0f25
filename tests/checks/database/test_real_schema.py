"""WeCelebrate's own expectations of its schema, against its real database."""

from pathlib import Path

import pytest
import yaml

from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.evidence import Evidence
from pytest_deploycheck.model.outcome import Failed, Passed
from pytest_deploycheck.model.probe import Document, Folder, Probe
from pytest_deploycheck.probes.files import read, walk
from suites.standins.wecelebrate import release
from tests.checks.contracts import declare
from tests.standins.databases import Wecelebrate

SUITE = Path(__file__).parents[3] / "suites" / "wecelebrate"
CONTRACT = yaml.safe_load((SUITE / "deploycheck.yaml").read_text(encoding="utf-8"))


def checks(kind: str, folder: Path) -> tuple[Check, ...]:
    """The checks of a kind in WeCelebrate's contract; `folder` holds the release."""
    section = yaml.safe_dump(CONTRACT["schema"][kind]).replace("${RELEASE_DIR}", str(folder))
    return declare(kind, section.replace("schema.lock.yaml", str(SUITE / "schema.lock.yaml")))


def files(probe: Probe) -> Evidence:
    assert isinstance(probe, Document | Folder)
    return walk(probe) if isinstance(probe, Folder) else read(probe)


@pytest.mark.parametrize("kind", ["drift", "objects", "migrations"])
def test_the_schema_is_as_the_suite_expects(shop: Wecelebrate, tmp_path: Path, kind: str) -> None:
    release.make(tmp_path)
    made = checks(kind, tmp_path)

    assert made
    for check in made:
        outcome = shop.outcome(check, files)
        assert isinstance(outcome, Passed), (
            f"{check.title}: {outcome} (deploycheck snapshot writes the lock file)"
        )


def test_a_change_that_nobody_reviewed_is_told(shop: Wecelebrate, tmp_path: Path) -> None:
    (drift,) = checks("drift", tmp_path)
    with shop.changed(
        "create function public.peek() returns bigint language sql as 'select count(*) from public.orders'",
        "drop function public.peek()",
    ):
        outcome = shop.outcome(drift, files)

    assert isinstance(outcome, Failed)
    assert outcome.reason.splitlines()[1:] == [
        "CRITICAL grant public.peek() to PUBLIC: EXECUTE extra",
        "         anybody may do it without a login",
        '         REVOKE EXECUTE ON FUNCTION "public"."peek"() FROM PUBLIC;',
        "HIGH     function public.peek(): extra",
        "         it was not released, and functions are open to PUBLIC unless revoked",
    ]
