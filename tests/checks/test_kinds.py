"""The table of kinds."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

from pytest_deploycheck import checks
from pytest_deploycheck.config.sections import kind_called
from tests.checks.contracts import context

PAGES = Path(__file__).parents[2] / "docs" / "reference" / "checks"


def test_every_module_of_the_folder_is_a_kind_and_nothing_else() -> None:
    modules = {path.stem for path in Path(checks.__file__).parent.glob("[!_]*.py")}

    assert modules == set(checks.KINDS) == set(checks.kinds())


def test_every_kind_has_a_page() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} >= set(checks.KINDS)


def test_every_kind_has_a_schema_for_editors() -> None:
    for kind in checks.kinds().values():
        assert TypeAdapter(kind.Section).json_schema()


def examples(kind: str) -> Iterator[tuple[str, str, Any]]:
    (text, *_) = re.findall(r"```yaml\n(.*?)```", (PAGES / f"{kind}.md").read_text(), re.DOTALL)
    for section, parts in yaml.safe_load(text).items():
        for name, value in {"http": parts}.items() if isinstance(parts, list) else parts.items():
            yield section, name, value


@pytest.mark.parametrize("name", checks.KINDS)
def test_the_example_of_a_page_becomes_checks(name: str) -> None:
    for section, called, value in examples(name):
        kind = kind_called(called, section, checks.kinds())
        module = checks.kinds()[kind]
        made = list(module.checks(TypeAdapter(module.Section).validate_python(value), context(section)))

        assert kind == name
        assert made
