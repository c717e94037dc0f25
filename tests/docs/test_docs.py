"""The documentation says what the code says: examples load, nothing public is left out, no link is dead."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from pytest_deploycheck import cli, options
from pytest_deploycheck import fixtures as fixtures_module
from pytest_deploycheck.checks import KINDS
from pytest_deploycheck.config.contract import KEYS, environments
from pytest_deploycheck.config.environment import BudgetPart, EnvironmentPart, StartPart
from pytest_deploycheck.config.identities import IdentityPart, LoginPart, SigningPart
from pytest_deploycheck.config.runbook import ItemPart, SignOffPart
from pytest_deploycheck.config.waivers import WaiverPart
from pytest_deploycheck.markers import MARKERS, OTHER_MARKERS
from pytest_deploycheck.model.budget import Budget
from pytest_deploycheck.model.settings import Settings
from pytest_deploycheck.model.verdict import Verdict
from pytest_deploycheck.session import load_contract
from tests.docs.pages import DOCS, Block, Page, blocks, pages, reference

PARTS: tuple[type[BaseModel], ...] = (
    EnvironmentPart,
    BudgetPart,
    StartPart,
    SigningPart,
    IdentityPart,
    LoginPart,
    WaiverPart,
    ItemPart,
    SignOffPart,
)


def plausible(name: str) -> str:
    """A value that a variable of this name may have."""
    if "DATABASE" in name:
        return "postgresql://reader:its-password@db.example/shop"
    return f"https://{name.lower()}.example" if name.endswith("_URL") else f"the-{name.lower()}"


def keys_of(part: type[BaseModel]) -> Iterator[str]:
    for name, field in part.model_fields.items():
        yield field.alias or name


@pytest.mark.parametrize("block", blocks("yaml contract"), ids=str)
def test_every_contract_loads_for_each_of_its_environments(block: Block, tmp_path: Path) -> None:
    contract = tmp_path / "deploycheck.yaml"
    contract.write_text(block.text)
    for other in block.page.blocks:
        if other.text.startswith("items:"):
            (tmp_path / "runbook.yaml").write_text(other.text)
    variables = {name: plausible(name) for name in re.findall(r"\$\{(\w+)\}", block.text)}

    names = environments(contract)
    assert names
    for name in names:
        assert load_contract(contract, name, variables).checks


def test_a_whole_contract_is_marked_as_one() -> None:
    whole = re.compile(r"^environments:", re.MULTILINE)
    unmarked = [str(block) for block in blocks("yaml") if whole.search(block.text)]

    assert unmarked == []
    assert len(blocks("yaml contract")) >= 3


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_every_piece_of_yaml_is_yaml(block: Block) -> None:
    assert yaml.safe_load(block.text)


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_every_piece_of_python_is_python(block: Block) -> None:
    assert ast.parse(block.text).body


@pytest.mark.parametrize("page", pages(), ids=str)
def test_every_link_leads_somewhere(page: Page) -> None:
    dead = []
    for link in page.links:
        target, _, anchor = link.partition("#")
        path = page.path.parent / target if target else page.path
        if not path.exists() or (anchor and anchor not in Page(path).anchors):
            dead.append(link)

    assert dead == []


def test_the_index_leads_to_every_page() -> None:
    index = Page(DOCS / "index.md")
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in index.links}

    assert {path.resolve() for path in DOCS.rglob("*.md")} - linked == {index.path.resolve()}


@pytest.mark.parametrize("option", options.OPTIONS, ids=lambda option: option.name)
def test_every_option_is_in_the_reference_with_its_variable_and_default(option: options.Option) -> None:
    page = reference("options")
    (row,) = re.findall(rf"^\| `--{option.name}\b[^\n]*$", page, re.MULTILINE)

    assert f"## --{option.name}\n" in page
    assert f"`{option.variable}`" in row
    assert ("off" if option.flag else option.default or "none") in row
    for short in (short for short, of in options.SHORT.items() if of is option):
        assert f"`{short}`" in row
    assert (f"`{options.INI_ENV}`" in row) is (option is options.ENV)
    settings = Settings(run_id="", today=None)  # type: ignore[arg-type]  # nothing of it is told
    assert option.default in ("", str(settings.concurrency), f"{settings.max_wait:g}s")


def test_every_marker_is_in_the_reference_with_its_meaning() -> None:
    page = reference("markers")

    assert [name for name, meaning in MARKERS.items() if f"| `{name}` | {meaning} |" not in page] == []
    assert [name for name in OTHER_MARKERS if f"| `{name}` |" not in page] == []


def test_every_fixture_has_its_part_of_the_reference() -> None:
    tree = ast.parse(Path(str(fixtures_module.__file__)).read_text(encoding="utf-8"))
    names = {part.name for part in tree.body if isinstance(part, ast.FunctionDef) and part.decorator_list}
    public = {name for name in names if not name.startswith("_")}

    assert public
    assert public == set(re.findall(r"^## (\w+)$", reference("fixtures"), re.MULTILINE))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_named_by_the_reference_of_the_contract(kind: str) -> None:
    assert f"[`{kind}`](checks/{kind}.md)" in reference("contract")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_one_full_row_in_the_table_of_all_kinds(kind: str) -> None:
    rows = re.findall(rf"^\| \[`{kind}`\]\(checks/{kind}\.md\) \|(.*)\|$", reference("checks"), re.MULTILINE)

    assert len(rows) == 1
    assert len([cell for cell in rows[0].split(" | ") if cell.strip()]) == 4


def test_the_table_of_all_kinds_is_grouped_by_sections_that_there_are() -> None:
    headings = re.findall(r"^## (\w+)$", reference("checks"), re.MULTILINE)

    assert headings
    assert set(headings) <= {"release", *MARKERS}


def test_every_key_at_the_top_of_a_contract_is_in_the_reference() -> None:
    page = reference("contract")
    table = page.partition("## Top-level keys")[2].partition("\n## ")[0]

    assert [key for key in {*KEYS, *MARKERS} if f"`{key}`" not in table] == []


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_key_of_the_contract_is_in_the_reference(part: type[BaseModel]) -> None:
    page = reference("contract")

    assert [key for key in keys_of(part) if not re.search(rf"`{key}\b[^`\n]*`", page)] == []


def test_the_defaults_of_a_budget_are_those_of_the_reference() -> None:
    budget = Budget()
    minutes = f"{budget.duration / 60:g}m"
    told = f"`requests` ({budget.requests}), `writes` ({budget.writes}), `duration` (`{minutes}`)"

    assert told in reference("contract")


def test_every_exit_status_is_in_the_reference_with_its_verdict() -> None:
    rows = dict(re.findall(r"^\| (\d) \| ([^|]*?) ?\|", reference("exit-status"), re.MULTILINE))

    assert {int(status): verdict for status, verdict in rows.items() if verdict} == {
        verdict.exit_status: verdict.value for verdict in Verdict
    }
    assert {int(pytest.ExitCode.INTERNAL_ERROR), int(pytest.ExitCode.USAGE_ERROR)} <= set(map(int, rows))


def test_every_command_is_in_the_reference(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    commands = re.findall(r"^    (\w+) ", capsys.readouterr().out, re.MULTILINE)

    assert commands
    assert [name for name in commands if f"## deploycheck {name}" not in reference("cli")] == []
