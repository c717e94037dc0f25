"""Contracts for the loader's tests, and a kind of check that is only there for them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from pytest_deploycheck.config import ContractErrors, load
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.contract import Contract
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.outcome import Passed

LOCAL = "system: Shop\nenvironments:\n  local: {base_url: http://localhost:8000}\n"
SECRET = "planted-secret-value"


class Entry(BaseModel):
    """What the kind wants to know of one check."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    status: int = 200
    fast: bool = False
    text: str = ""
    share: float = 0.0
    anything: Any = None
    runbook: list[str] = []


class Listed:
    """A kind whose part is a list of single-key mappings, as that of `http`."""

    Section: Any = list[dict[str, Entry]]

    def __init__(self) -> None:
        self.seen: list[Context] = []
        self.entries: list[Entry] = []

    def checks(self, section: list[dict[str, Entry]], context: Context, /) -> Iterable[Check]:
        self.seen.append(context)
        for index, item in enumerate(section):
            for title, entry in item.items():
                self.entries.append(entry)
                if title == "misused":
                    raise Misuse(f"'{entry.text}' can't be", at=(index, title, "text"), expected="another")
                yield Check(
                    marker=context.marker,
                    title=title,
                    place=context.place((index, title)),
                    steps=_passes,
                    runbook=tuple(entry.runbook),
                )


def _passes() -> Steps:
    yield ()
    return Passed()


def read(
    tmp_path: Path,
    text: str,
    *,
    variables: Mapping[str, str] | None = None,
    environment: str = "local",
    kinds: Mapping[str, Listed] | None = None,
) -> Contract:
    """Load a contract that says `text`."""
    path = tmp_path / "deploycheck.yaml"
    path.write_text(dedent(text))
    known = kinds or {name: Listed() for name in ("http", "tables", "ready", "version")}
    return load(path, environment, variables or {}, kinds=known)


def refused(
    tmp_path: Path, text: str, *, variables: Mapping[str, str] | None = None, environment: str = "local"
) -> str:
    """Return what is printed about a contract that says `text`, without the folder."""
    with pytest.raises(ContractErrors) as caught:
        read(tmp_path, text, variables=variables, environment=environment)
    return str(caught.value).replace(f"{tmp_path}/", "")
