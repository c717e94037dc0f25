"""The table of kinds."""

from pathlib import Path

from pydantic import TypeAdapter

from pytest_deploycheck import checks


def test_every_module_of_the_folder_is_a_kind_and_nothing_else() -> None:
    modules = {path.stem for path in Path(checks.__file__).parent.glob("[!_]*.py")}

    assert modules == set(checks.KINDS) == set(checks.kinds())


def test_every_kind_has_a_page() -> None:
    pages = {path.stem for path in Path("docs/reference/checks").glob("*.md")}

    assert set(checks.KINDS) <= pages


def test_every_kind_has_a_schema_for_editors() -> None:
    for kind in checks.kinds().values():
        assert TypeAdapter(kind.Section).json_schema()
