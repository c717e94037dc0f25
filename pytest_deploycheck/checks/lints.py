"""Lints of the database: what is wrong with a catalog as it is, whatever a release expects."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from typing import Literal

from pydantic import BaseModel, Field

from pytest_deploycheck.catalog.lints.case import Case
from pytest_deploycheck.catalog.lints.declared import Declared
from pytest_deploycheck.catalog.lints.lint import Blind, Finding, Level, Lint
from pytest_deploycheck.catalog.lints.registry import LINTS
from pytest_deploycheck.checks.database.reader import Reader
from pytest_deploycheck.checks.database.reading import Asking, catalog_of
from pytest_deploycheck.checks.language.amount import Duration
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed

_WILD = frozenset("*?")
_LEVELS = {"error": Level.ERROR, "warning": Level.WARNING, "info": Level.INFO}


class Section(BaseModel):
    """`public`, `service_only` and `without` give a reason for each name; see `Declared` for the others.

    `tenant_columns` must be given, if only as an empty list: forgotten, half of the lints would see nothing.

    `proves` gives ids of lints, with * for many, the items of the runbook that they decide beside `runbook`.

    `fail_from` is the level from which a finding fails; findings below it are told in the note.
    """

    model_config = PART

    schemas: tuple[Text, ...] = Field(min_length=1)
    internal: tuple[Text, ...] = Field(default=(), min_length=1)
    api_roles: tuple[Text, ...] = Field(default=("anon", "authenticated"), min_length=1)
    anonymous: tuple[Text, ...] = ("anon",)
    login_roles: tuple[Text, ...] = Field(default=("authenticator",), min_length=1)
    service_roles: tuple[Text, ...] = ("service_role",)
    tenant_columns: tuple[Text, ...]
    public: dict[Text, Text] = Field(default={}, min_length=1)
    service_only: dict[Text, Text] = Field(default={}, min_length=1)
    restrictive: tuple[Text, ...] = Field(default=(), min_length=1)
    realtime: tuple[Text, ...] = ("supabase_realtime",)
    without: dict[Text, Text] = Field(default={}, min_length=1)
    fail_from: Literal["error", "warning", "info"] = "warning"
    timeout: Duration = 10.0
    name: Text = "lint"
    runbook: Runbook = ()
    proves: dict[Text, Runbook] = Field(default={}, min_length=1)
    hint: str = ""

    @property
    def declared(self) -> Declared:
        """What the lints are told."""
        return Declared(
            schemas=self.schemas,
            internal=self.internal,
            api_roles=self.api_roles,
            anonymous=tuple(role for role in self.anonymous if role in self.api_roles),
            login_roles=self.login_roles,
            service_roles=self.service_roles,
            tenant_columns=self.tenant_columns,
            public=frozenset(self.public),
            service_only=frozenset(self.service_only),
            restrictive=self.restrictive,
            realtime=self.realtime,
        )


@dataclass(frozen=True, slots=True)
class _Share:
    """The part of a lint's findings that one check decides: of `only` this object, or of all but `but`."""

    only: str = ""
    but: frozenset[str] = frozenset()

    def holds(self, found: Finding | Blind) -> bool:
        """Whether a finding belongs to it."""
        return found.object == self.only if self.only else found.object not in self.but


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return a check for each lint, and one for each finding that a waiver names.

    Raises:
        Misuse: if `without` names no lint, or an anonymous role is no API role.
    """
    _refuse(section)
    cases = _Cases(section.declared)
    reader = Reader.of(context, section.timeout)
    for lint in LINTS:
        if lint.id in section.without:
            continue
        for title, share in _shares(f"{section.name} {lint.id}", context):
            yield Check(
                marker=context.marker,
                title=title,
                place=context.place(()),
                steps=partial(_look, lint, share, _Room(cases, reader, _LEVELS[section.fail_from])),
                spend=Spend(queries=1 + lint.statements),
                runbook=_cited(section, lint),
                hint=section.hint,
            )


def _cited(section: Section, lint: Lint) -> tuple[str, ...]:
    """The items that the lint is about, each once."""
    own = (item for name, items in section.proves.items() if fnmatchcase(lint.id, name) for item in items)
    return tuple(dict.fromkeys((*section.runbook, *own)))


def _refuse(section: Section) -> None:
    known = {lint.id for lint in LINTS}
    for name in section.proves:
        if not any(fnmatchcase(one, name) for one in known - set(section.without)):
            raise Misuse(
                f"no lint that is run is called '{name}'",
                at=("proves", name),
                expected="an id of docs/reference/lints, or a pattern such as policy_*",
            )
    for name in section.without:
        if name not in known:
            raise Misuse(
                f"no lint is called '{name}'", at=("without", name), expected="an id of docs/reference/lints"
            )
    for role in section.anonymous:
        if role not in section.api_roles and "anonymous" in section.model_fields_set:
            raise Misuse(f"'{role}' is no API role", at=("anonymous",), expected="roles of `api_roles`")


def _shares(title: str, context: Context) -> Iterator[tuple[str, _Share]]:
    """The check of a lint, and those of the single findings that waivers name."""
    prefix = f"{context.marker}::{title} "
    named = sorted(one.removeprefix(prefix) for one in context.waived if one.startswith(prefix))
    objects = [name for name in named if not _WILD & set(name)]
    yield title, _Share(but=frozenset(objects))
    for name in objects:
        yield f"{title} {name}", _Share(only=name)


class _Cases:
    """The case of the run's one catalog, which all lints look at; made anew only for another catalog."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self._last: Case | None = None

    def of(self, catalog: Catalog) -> Case:
        """The case of a catalog."""
        last = self._last
        if last is None or last.catalog is not catalog:
            last = self._last = Case(catalog, self._declared)
        return last


@dataclass(frozen=True, slots=True)
class _Room:
    """What the checks of one section have in common."""

    cases: _Cases
    reader: Reader
    fail_from: Level


def _look(lint: Lint, share: _Share, room: _Room) -> Steps:
    catalog = yield from catalog_of()
    if isinstance(catalog, Inconclusive):
        return catalog
    case = room.cases.of(catalog)
    if missing := _missing(case):
        return Inconclusive(missing)
    found = [one for one in lint.look(case) if share.holds(one)]
    asked = yield from _ask(lint, case, room.reader)
    if isinstance(asked, Inconclusive):
        return asked
    outcome = _judge(lint, [*found, *(one for one in asked if share.holds(one))], share, room.fail_from)
    return replace(outcome, lacking=lint.lacking(case)) if outcome == Passed() else outcome


def _missing(case: Case) -> str:
    """Why there is nothing to look at: a schema or role that is declared and isn't there."""
    declared, catalog = case.declared, case.catalog
    there = {schema.name for schema in catalog.schemas}
    if lost := [name for name in declared.own if name not in there]:
        return f"there is no schema {', '.join(lost)}: nothing to look at"
    if lost := [name for name in (*declared.api_roles, *declared.login_roles) if name not in case.roles]:
        return f"there is no role {', '.join(lost)}: `api_roles` and `login_roles` say who asks"
    if not any(table.name.schema in declared.schemas for table in catalog.relations):
        return f"there is no table in {', '.join(declared.schemas)}: nothing to look at"
    return ""


def _ask(lint: Lint, case: Case, reader: Reader) -> Asking[Sequence[Finding | Blind] | Inconclusive]:
    """Read the tables for a lint that the catalog doesn't decide."""
    if lint.ask is None:
        return ()
    asking = lint.ask(case)
    try:
        statement = next(asking)
        while True:
            answers = yield from reader.ask((statement,), lint.id)
            if isinstance(answers, Inconclusive):
                return answers
            statement = asking.send(answers[0])
    except StopIteration as end:
        found: Sequence[Finding | Blind] = end.value
        return found


def _judge(lint: Lint, found: Sequence[Finding | Blind], share: _Share, fail_from: Level) -> Outcome:
    """What was found fails; what could not be looked at keeps it open."""
    findings = sorted(one for one in found if isinstance(one, Finding))
    blind = sorted(one for one in found if isinstance(one, Blind))
    unseen = [f"not looked at: {one.object}: {one.reason}" for one in blind]
    if findings and lint.level >= fail_from:
        return Failed("\n".join((*_told(findings), *unseen)), hint=f"{lint.why}; {lint.mend}")
    if blind:
        first = f"{blind[0].object}: {blind[0].reason}{_more(len(blind) - 1)}"
        return Inconclusive("\n".join((first, *unseen[1:])))
    if findings:
        return Passed(
            f"{lint.level.name.lower()}: {'; '.join(f'{one.object}: {one.what}' for one in findings)}"
        )
    return Passed(f"{share.only}: no longer found, its waiver can go" if share.only else "")


def _told(findings: Sequence[Finding]) -> Iterator[str]:
    """The first finding and how many more there are, then each with what mends it."""
    first = findings[0]
    yield f"{first.object}: {first.what}{_more(len(findings) - 1)}"
    for finding in findings:
        if finding is not first:
            yield f"{finding.object}: {finding.what}"
        yield f"    {finding.mend}"


def _more(count: int) -> str:
    return f" (and {count} more)" if count else ""
