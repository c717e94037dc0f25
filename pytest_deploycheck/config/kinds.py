"""What the loader expects of a kind of check; which kinds there are, it is told."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeAlias

from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.kind import Context


class KindModule(Protocol):
    """A module that knows one kind of check."""

    @property
    def Section(self) -> Any:  # noqa: N802, ANN401 - any type that pydantic's TypeAdapter takes
        """The type of the kind's part of the contract."""

    def checks(self, section: Any, context: Context, /) -> Iterable[Check]:  # noqa: ANN401 - a Section
        """Turn a validated part into checks; raises Misuse for what cannot become one."""


Kinds: TypeAlias = Mapping[str, KindModule]
"""Modules by the name that a section of the contract calls them by."""
