"""What holds the house together: layers, tables that agree with files, and pages that name everything."""

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

import pytest_deploycheck
from pytest_deploycheck import checks, cli, fixtures, options
from pytest_deploycheck.config.contract import KEYS
from pytest_deploycheck.config.contract import MARKERS as SECTIONS
from pytest_deploycheck.markers import MARKERS, OTHER_MARKERS
from pytest_deploycheck.model.verdict import Verdict

PACKAGE = Path(str(pytest_deploycheck.__file__)).parent
ROOT = PACKAGE.parent
REFERENCE = ROOT / "docs" / "reference"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_MODULE = 310
"""Lines: 300, and a little air."""


def fixture_names() -> list[str]:
    """The public fixtures, as their module defines them."""
    defined = ast.parse(inspect.getsource(fixtures)).body
    return [
        each.name for each in defined if isinstance(each, ast.FunctionDef) and not each.name.startswith("_")
    ]


def missing(page: str, names: Iterable[str]) -> list[str]:
    """Which names a page of the reference does not hold."""
    path = REFERENCE / page
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [name for name in names if name not in text]


def test_no_stage_imports_another() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_every_module_of_the_checks_is_a_kind_and_nothing_else() -> None:
    modules = {path.stem for path in (PACKAGE / "checks").glob("[!_]*.py")}

    assert set(checks.KINDS.values()) == {f"pytest_deploycheck.checks.{name}" for name in modules}
    assert set(checks.KINDS) == modules


def test_sections_of_the_contract_are_the_markers() -> None:
    assert tuple(SECTIONS) == tuple(MARKERS)
    assert not KEYS & MARKERS.keys()


@pytest.mark.parametrize("kind", sorted(checks.KINDS))
def test_every_kind_has_its_page(kind: str) -> None:
    assert missing(f"checks/{kind}.md", [kind]) == []


def test_every_option_and_its_variable_are_documented() -> None:
    names = [f"--{option.name}" for option in options.OPTIONS]
    variables = [option.variable for option in options.OPTIONS]

    assert missing("options.md", [*names, *variables, *options.SHORT, options.INI_ENV]) == []


def test_every_marker_is_documented() -> None:
    assert missing("markers.md", [*MARKERS, *(name.partition("(")[0] for name in OTHER_MARKERS)]) == []


def test_every_fixture_is_documented() -> None:
    assert missing("fixtures.md", fixture_names()) == []


def test_every_key_of_the_contract_is_documented() -> None:
    assert missing("contract.md", sorted(KEYS)) == []


def test_every_command_is_documented() -> None:
    documented = (cli.__doc__ or "").partition("deploycheck ")[2].partition("`")[0].split(" | ")

    assert missing("cli.md", [f"deploycheck {name}" for name in documented]) == []


def test_every_exit_status_is_documented() -> None:
    statuses = {str(verdict.exit_status) for verdict in Verdict} | {"3", "4"}

    assert missing("exit-status.md", sorted(statuses)) == []
    assert missing("exit-status.md", [verdict.value for verdict in Verdict]) == []


def test_every_module_says_its_idea_in_its_first_line() -> None:
    silent = [path for path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]

    assert silent == []


def test_no_module_is_long() -> None:
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    long = {name: length for name, length in lengths.items() if length > LONGEST_MODULE}

    assert long.keys() <= {"session.py"}  # the conductor, which knows every stage
    assert max(lengths.values()) <= LONGEST_MODULE * 1.2


def test_no_module_uses_pytests_private_parts() -> None:
    using = [
        path.name
        for path in MODULES
        if any(line.startswith(("from _pytest", "import _pytest")) for line in path.read_text().splitlines())
    ]

    assert using == []


def test_whoever_silences_a_lint_says_why_in_its_place() -> None:
    silenced = re.compile(r"# (noqa(: [A-Z0-9, ]+)?|type: ignore(\[[^\]]*\])?)\s*$")
    folders = (PACKAGE, ROOT / "suites", ROOT / "tests", ROOT / "benchmarks", ROOT / "docs")

    silent = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in folders
        for path in folder.rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if silenced.search(line)
    ]

    assert silent == []


def test_only_one_module_imports_the_http_client() -> None:
    importing = [
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        if "\nimport httpx" in path.read_text(encoding="utf-8")
    ]

    assert [path for path in importing if path != "clients.py"] == ["probes/http.py"]
