"""The files of the release: what git must ignore, and secrets that none of them may hold."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.evidence import Evidence, Scanned, Silence, Values, Withheld
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import FileScan, Variables

_SHORTEST = 8
"""Characters a secret must have to be searched for: a shorter one is found anywhere."""


class Section(BaseModel):
    """`root` is a folder, beside the contract if relative. `without` are names of variables."""

    model_config = PART

    root: Text = "."
    ignored: tuple[Text, ...] = Field(default=(), min_length=1)
    without: tuple[Text, ...] = Field(default=(), min_length=1)
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return a check for what is ignored, and one for secrets.

    Raises:
        Misuse: if neither is asked for.
    """
    if not section.ignored and not section.without:
        raise Misuse("no expectation", expected="ignored or without")
    root = context.folder / section.root
    if section.ignored:
        yield _check("ignored files", "ignored", partial(_ignored, root, section.ignored), section, context)
    if section.without:
        yield _check(
            "no secret in files", "without", partial(_without, root, section.without), section, context
        )


def _check(title: str, key: str, steps: Callable[[], Steps], section: Section, context: Context) -> Check:
    return Check(
        marker=context.marker,
        title=title,
        place=context.place((key,)),
        steps=steps,
        runbook=section.runbook,
        hint=section.hint,
        independent=True,
    )


def _ignored(root: Path, names: tuple[str, ...]) -> Steps:
    (seen,) = yield (FileScan(root=root, ignored=names),)
    if not isinstance(seen, Scanned) or not seen.files:
        return _unseen(seen, root)
    if seen.not_ignored:
        return Failed(
            f"git does not ignore {', '.join(seen.not_ignored)}", hint="a line in .gitignore; git rm --cached"
        )
    return Passed()


def _without(root: Path, names: tuple[str, ...]) -> Steps:
    (values,) = yield (Variables(names),)
    if not isinstance(values, Values):
        return _unseen(values, root)
    unset = [name for name in names if not values.values.get(name)]
    if unset:
        return Inconclusive(f"without a value nobody can look for {', '.join(unset)}")
    needles = tuple((name, values.values[name] or "") for name in names)
    short = [name for name, value in needles if len(value) < _SHORTEST]
    if short:
        return Inconclusive(
            f"shorter than {_SHORTEST} characters, would be found anywhere: {', '.join(short)}"
        )
    (seen,) = yield (FileScan(root=root, needles=needles),)
    if not isinstance(seen, Scanned) or not seen.files:
        return _unseen(seen, root)
    if seen.found:
        places = ", ".join(f"{name} in {file}" for name, file in seen.found)
        return Failed(f"secrets in the release's files: {places}", hint="rotate what was committed")
    return Passed(f"{many(seen.files, 'file')} read")


def _unseen(evidence: Evidence, root: Path) -> Inconclusive:
    match evidence:
        case Scanned():
            return Inconclusive(f"{root} holds no file that a commit would hold, so nothing was looked at")
        case Silence(reason=reason) | Withheld(reason=reason):
            return Inconclusive(f"the release's files could not be looked at: {reason}")
        case _:
            return Inconclusive(f"{type(evidence).__name__} shows no files")
