"""Every expectation stands on the page of the kind."""

import re
from collections.abc import Iterator
from typing import get_args

import pytest
from pydantic import BaseModel

from pytest_deploycheck.checks.objects import Section
from tests.docs.pages import DOCS

PAGE = (DOCS / "reference/checks/objects.md").read_text(encoding="utf-8")


def models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models(part)


def below(model: type[BaseModel], found: dict[str, type[BaseModel]]) -> dict[str, type[BaseModel]]:
    """The parts of the section's YAML by name, each once."""
    if model.__name__ not in found:
        found[model.__name__] = model
        for field in model.model_fields.values():
            for part in models(field.annotation):
                below(part, found)
    return found


PARTS = below(Section, {})


@pytest.mark.parametrize("part", PARTS)
def test_every_expectation_is_on_the_page_of_objects(part: str) -> None:
    names = [field.alias or name for name, field in PARTS[part].model_fields.items()]

    assert [name for name in names if not re.search(rf"`{name}\b|\b{name}[`:]", PAGE)] == []
