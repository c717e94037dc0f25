"""What is not as expected, how it is told, and how to mend it."""

from collections.abc import Iterable
from dataclasses import dataclass

from pytest_deploycheck.model.outcome import Failed, Outcome, Passed

_MOST = 20
"""Findings that one check tells; the others are counted."""
_MENDED = 3
"""Statements that its hint holds."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """An object and what is wrong with it; `mend` is SQL, or nothing where no statement follows from it."""

    what: str
    mend: str = ""


def decided(found: Iterable[Wrong], note: str) -> Outcome:
    """Return what a check concludes; `note` says what was seen where nothing is wrong."""
    wrong = list(found)
    if not wrong:
        return Passed(note)
    lines = [each.what for each in wrong[:_MOST]]
    if len(wrong) > _MOST:
        lines.append(f"and {len(wrong) - _MOST} more")
    if len(wrong) > 1:
        lines.insert(0, f"{lines[0]}; {len(wrong)} in all")
    mends = dict.fromkeys(each.mend for each in wrong if each.mend)
    return Failed("\n".join(lines), hint="\n".join(list(mends)[:_MENDED]))


def other(where: str, what: str, found: object, wanted: object) -> Wrong:
    """A property that is not what is wanted."""
    return Wrong(f"{where} has {what} {'none' if found is None else found}, expected {wanted}")
