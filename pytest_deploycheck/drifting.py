"""The commands `deploycheck snapshot` and `deploycheck drift`: a schema as a file, and what differs."""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from pytest_deploycheck.catalog.drift.diff import Comparison, compare
from pytest_deploycheck.catalog.drift.facts import facts
from pytest_deploycheck.catalog.drift.grammar import SECTIONS, UNKNOWN
from pytest_deploycheck.catalog.drift.read import LockMistakesError, load
from pytest_deploycheck.catalog.drift.rules import EXACT, Mode, Rules
from pytest_deploycheck.catalog.drift.told import counted, told
from pytest_deploycheck.catalog.drift.write import write
from pytest_deploycheck.catalogs import NoCatalogError, Seen, look
from pytest_deploycheck.config.errors import ContractError, ContractErrors
from pytest_deploycheck.discover import CONTRACT, nearest
from pytest_deploycheck.model.many import many
from pytest_deploycheck.output import UnwritableError, prove_writable
from pytest_deploycheck.output import write as write_out
from pytest_deploycheck.safety.redact import Redactor

SAME, DIFFERS, UNDECIDED, MISTAKE = 0, 1, 2, 4
"""Exit statuses, those of a run."""

_LONG = 12
"""Characters of a secret that is looked for in what is written; a shorter one is found anywhere."""


class MistakeError(Exception):
    """What was asked makes no sense; the message says why."""


def snapshot(parsed: argparse.Namespace) -> int:
    """Print the lock file of an environment, or write it."""
    return _guarded(lambda: _snapshot(parsed))


def drift(parsed: argparse.Namespace) -> int:
    """Print what of an environment differs, the dangerous first."""
    return _guarded(lambda: _drift(parsed))


def _guarded(command: Callable[[], int]) -> int:
    try:
        return command()
    except ContractErrors as errors:
        return _complain(str(errors), MISTAKE)
    except LockMistakesError as error:
        found = (ContractError(each.place, each.message, each.expected) for each in error.mistakes)
        return _complain(str(ContractErrors(found)), MISTAKE)
    except (MistakeError, UnwritableError) as error:
        return _complain(str(error), MISTAKE)
    except NoCatalogError as error:
        return _complain(str(error), UNDECIDED)


def _snapshot(parsed: argparse.Namespace) -> int:
    prove_writable(parsed.output)
    seen = look(_contract(parsed), parsed.env)
    found = facts(seen.catalog)
    text = write(found)
    _refuse_secrets(text, seen)
    write_out(text, parsed.output)
    for section, entry in found.part(UNKNOWN.section).items():
        _complain(
            f"{section} could not be read, so the file says nothing of them: {entry.value('reason')}", 0
        )
    return SAME


def _refuse_secrets(text: str, seen: Seen) -> None:
    """A file that goes into a repository must not hold what lets one in.

    Raises:
        MistakeError: if a secret of the environment stands in a definition.
    """
    for name, secret in seen.secrets:
        redactor = Redactor()
        redactor.add(secret.reveal())
        if len(secret.reveal()) >= _LONG and redactor.betrays(text):
            line = next((line for line in text.splitlines() if redactor.betrays(line)), "")
            told = f"the schema holds the value of {name}, so nothing was written"
            raise MistakeError(f"{told}: {redactor.clean(line).strip()}")


def _drift(parsed: argparse.Namespace) -> int:
    path = _contract(parsed)
    rules = _rules(parsed.ignore)
    roles = dict(_pairs(parsed.role))
    expected = load(parsed.lock) if parsed.lock else facts(look(path, parsed.other).catalog)
    comparison = compare(expected, facts(look(path, parsed.env).catalog, roles), rules)
    against = parsed.lock or parsed.other
    for line in _lines(comparison, f"{parsed.env}, compared with {against}"):
        sys.stdout.write(f"{line}\n")
    if comparison.differences:
        return DIFFERS
    return UNDECIDED if comparison.undecided or not comparison.compared else SAME


def _lines(comparison: Comparison, what: str) -> Iterator[str]:
    yield from told(comparison.differences)
    yield from (f"not decided: {each}" for each in comparison.undecided)
    if comparison.differences:
        yield f"DIFFERS: {what}: {counted(comparison.differences)}"
    elif comparison.undecided or not comparison.compared:
        yield f"INCONCLUSIVE: {what}: {'see above' if comparison.undecided else 'nothing was compared'}"
    else:
        yield f"SAME: {what}: {many(comparison.compared, 'object')}"


def _rules(ignored: list[str]) -> Rules:
    """Everything counts but what is named: SECTION, or SECTION=PATTERN."""
    modes, patterns = dict(EXACT.modes), dict[str, tuple[str, ...]]()
    for each in ignored:
        section, _, pattern = each.partition("=")
        if section not in SECTIONS:
            raise MistakeError(f"--ignore {each}: expected one of {', '.join(SECTIONS)}")
        if pattern:
            patterns[section] = (*patterns.get(section, ()), pattern)
        else:
            modes[section] = Mode.IGNORE
    return Rules(modes, patterns)


def _pairs(roles: list[str]) -> Iterator[tuple[str, str]]:
    for each in roles:
        here, equals, there = each.partition("=")
        if not (here and equals and there):
            raise MistakeError(f"--role {each}: expected HERE=THERE, two names of one role")
        yield here, there


def _contract(parsed: argparse.Namespace) -> Path:
    if not parsed.env:
        raise MistakeError("name the environment: --env NAME")
    path = Path(parsed.path)
    found = nearest(path.resolve()) if path.exists() else None
    if found is None:
        raise MistakeError(f"no {CONTRACT} in {parsed.path} or above")
    return found


def _complain(text: str, status: int) -> int:
    sys.stderr.write(f"deploycheck: {text}\n")
    return status
