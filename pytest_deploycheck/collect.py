"""The contract's checks as pytest items: contract file → section → check."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_deploycheck.gates import GATES, Gate, InconclusiveError
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Waived
from pytest_deploycheck.model.run import Record
from pytest_deploycheck.report.evidence import lines
from pytest_deploycheck.run.logins import SECTION


class CheckFailedError(Exception):
    """A declared check failed; carries its record."""

    def __init__(self, record: Record) -> None:
        super().__init__(record.id)
        self.record = record


class ContractFile(pytest.File):
    """A contract file; its children are its sections."""

    def collect(self) -> Iterator["Section"]:
        """Yield a section for each marker that has checks, the preparation first."""
        gate = self.config.stash[GATES].by_path[self.path]
        contract = gate.planned
        sections: dict[str, list[Check | Identity]] = {}
        for check in contract.checks:
            sections.setdefault(check.id.partition("::")[0], []).append(check)
        if identities := [identity for identity in contract.identities.values() if identity.login]:
            sections[SECTION] = list(identities)
        for name in sorted(sections, key=lambda name: name not in ("release", SECTION)):
            yield Section.from_parent(self, name=name, gate=gate, declared=sections[name])


class Section(pytest.Collector):
    """A section of a contract; its children are its checks."""

    def __init__(self, *, gate: Gate, declared: Iterable[Check | Identity], **kwargs: Any) -> None:  # noqa: ANN401 - pytest's own arguments
        super().__init__(**kwargs)
        self._gate = gate
        self._declared = tuple(declared)

    def collect(self) -> Iterator["CheckItem"]:
        """Yield an item for each check, or each identity that logs in."""
        for declared in self._declared:
            if isinstance(declared, Check):
                yield CheckItem.of_check(self, self._gate, declared)
            else:
                yield CheckItem.of_identity(self, self._gate, declared)


class CheckItem(pytest.Item):
    """One declared check. Running it asks the gate, which may have run it ahead."""

    def __init__(self, *, gate: Gate, check_id: str, line: int, phase: Phase, **kwargs: Any) -> None:  # noqa: ANN401 - pytest's own arguments
        # As text, so that pytest reads a title such as "GET /a [b]" the same way in its cache of failures.
        super().__init__(nodeid=f"{kwargs['parent'].nodeid}::{kwargs['name']}", **kwargs)
        self.gate = gate
        self.check_id = check_id
        self.phase = phase
        self.record: Record | None = None
        self._line = line

    @classmethod
    def of_check(cls, parent: Section, gate: Gate, check: Check) -> "CheckItem":
        """The item of a declared check."""
        item: CheckItem = cls.from_parent(
            parent, name=check.title, gate=gate, check_id=check.id, line=check.place.line, phase=check.phase
        )
        item.add_marker(check.marker)
        return item

    @classmethod
    def of_identity(cls, parent: Section, gate: Gate, identity: Identity) -> "CheckItem":
        """The item of a login."""
        item: CheckItem = cls.from_parent(
            parent,
            name=identity.name,
            gate=gate,
            check_id=f"{SECTION}::{identity.name}",
            line=identity.place.line,
            phase=Phase.PREPARE,
        )
        item.add_marker("smoke")
        return item

    def runtest(self) -> None:
        """Ask the gate, and raise what pytest should show."""
        record = self.record = self.gate.record_of(self.check_id)
        if self.gate.interrupted:
            self.session.shouldstop = "load was interrupted"
        match record.outcome:
            case Failed():
                raise CheckFailedError(record)
            case Inconclusive(reason=reason):
                raise InconclusiveError(reason)
            case Waived(reason=reason, owner=owner, justification=why, until=until):
                pytest.skip(f"waived until {until} by {owner} ({why}): {reason}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401 - pytest's own types
        """The evidence of a check that failed; a traceback for a mistake of ours."""
        if isinstance(excinfo.value, CheckFailedError):
            return "\n".join(lines(excinfo.value.record))
        if isinstance(excinfo.value, InconclusiveError):
            told = lines(self.record) if self.record and not self.record.cause else (str(excinfo.value),)
            return "\n".join(told)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the check stands in the contract.

        With a blank after what has dots: pytest prints an id that ends as this does with "::" for each dot,
        as if it were a class.
        """
        dotted = "." in self.check_id.partition("[")[0]
        return self.path, self._line - 1, f"{self.check_id} " if dotted else self.check_id
