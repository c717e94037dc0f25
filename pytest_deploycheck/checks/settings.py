"""Settings hold what the release needs: the server's, and those with which sessions of a role begin."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf

from pydantic import BaseModel, Field

from pytest_deploycheck.catalog.inheritance import with_inherited
from pytest_deploycheck.catalog.quoting import quote
from pytest_deploycheck.checks.database.measure import Asked, Demand, effective
from pytest_deploycheck.checks.database.reading import catalog_of
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed

_OURS = frozenset({"application_name", "client_encoding"})
"""What the gate says of itself when it connects."""

_STARS = "***"

_SEE_ALL = frozenset({"pg_read_all_settings", "pg_monitor"})

_WHY = {
    "max_connections": "clients beyond it are refused",
    "statement_timeout": "a statement that hangs keeps its connection and its locks",
    "lock_timeout": "a statement that waits for a lock makes others wait behind it",
    "idle_in_transaction_session_timeout": "a client that forgets its transaction keeps its locks",
    "transaction_timeout": "a long transaction keeps its locks, and dead rows from being removed",
    "row_security": "without it a query that a policy would filter is refused",
    "password_encryption": "MD5 hashes of passwords are as good as the passwords",
    "ssl": "passwords' exchange and rows cross the network in the clear",
}


class Section(BaseModel):
    """At least one of `server` and `roles`; a role's part says what its sessions begin with."""

    model_config = PART

    server: dict[Text, Asked] = Field(default={}, min_length=1)
    roles: dict[Text, dict[Text, Asked]] = Field(default={}, min_length=1)
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return a check for the server, and one for each role.

    Raises:
        Misuse: if nothing is asked for.
    """
    if not section.server and not section.roles:
        raise Misuse("which settings?", expected="server or roles")
    if empty := next((role for role, asked in section.roles.items() if not asked), None):
        raise Misuse(
            f"nothing is asked of {empty}", at=("roles", empty), expected="settings and their values"
        )
    asked: dict[str, Mapping[str, Demand]] = {"": section.server} if section.server else {}
    title = section.name or "settings"
    for role, demands in (asked | section.roles).items():
        yield Check(
            marker=context.marker,
            title=f"{title} of {role}" if role else title,
            place=context.place(("roles", role) if role else ("server",)),
            steps=partial(_ask, role, demands),
            spend=Spend(queries=1),
            runbook=section.runbook,
            hint=section.hint,
        )


def _ask(role: str, demands: Mapping[str, Demand]) -> Steps:
    catalog = yield from catalog_of()
    return catalog if isinstance(catalog, Inconclusive) else judge(role, demands, catalog)


@dataclass(frozen=True, slots=True)
class Value:
    """What a setting is, and where that was said."""

    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A setting that is not as asked, or (`open`) of which that can't be told."""

    name: str
    told: str
    open: bool = False


def judge(role: str, demands: Mapping[str, Demand], catalog: Catalog) -> Outcome:
    """Decide whether settings are as asked, for a role, or ('') where a role has none of its own."""
    if role and catalog.role(role) is None:
        return Failed(f"there is no role {role}", hint=f"CREATE ROLE {quote(role)}")
    found = [finding for name in demands if (finding := _finding(name, demands[name], role, catalog))]
    if wrong := [finding for finding in found if not finding.open]:
        hint = "; ".join(_statement(role, finding.name, demands[finding.name]) for finding in wrong)
        return Failed("; ".join(finding.told for finding in found), hint=hint)
    if found:
        return Inconclusive("; ".join(finding.told for finding in found))
    return Passed(many(len(demands), "setting"))


def _finding(name: str, demand: Demand, role: str, catalog: Catalog) -> Finding | None:
    value = value_of(name, role, catalog)
    if isinstance(value, Finding):
        return value
    if value.text == _STARS:
        return Finding(name, f"{name} may be a secret, and is not read", open=True)
    holds = demand.holds(name, value.text, catalog.unit(name))
    if holds is None:
        return Finding(name, f"{name} is {value.text!r}, which can't be compared with {demand}", open=True)
    if holds:
        return None
    why = f": {_WHY[name]}" if name in _WHY else ""
    told = f"{name} of {role}" if role else name
    return Finding(name, f"{told}: expected {demand}, is {_shown(name, value, catalog)}{why}")


def _shown(name: str, value: Value, catalog: Catalog) -> str:
    unit = catalog.unit(name)
    bare = value.text.lstrip("-").isdigit()
    text = f"{value.text} (no limit)" if effective(name, value.text, unit) == inf else value.text
    return f"{text}{f' {unit}' if bare and unit and '(' not in text else ''}, {value.where}"


def value_of(name: str, role: str, catalog: Catalog) -> Value | Finding:
    """What a session of a role begins with; the first of these that says something.

    The role's own for this database and for all of them (a Role holds both, the nearer first), the
    database's, those of all roles, the server's.
    """
    known = catalog.role(role)
    own = _pairs(known.settings if known else ())
    if name.lower() in own:
        return Value(own[name.lower()], f"set for {role}")
    common = _pairs(catalog.database_settings)
    if name.lower() in common:
        return Value(common[name.lower()], "set for the database or all roles")
    return _of_server(name, catalog)


def _of_server(name: str, catalog: Catalog) -> Value | Finding:
    """The server's own, unless something in between hides it from the gate."""
    login = catalog.server.user
    known = catalog.role(login)
    if name in _OURS or name.lower() in _pairs(known.settings if known else ()):
        told = f"{name} is set for {login}, the gate's own login, which hides the server's value"
        return Finding(name, f"{told}: ALTER ROLE {quote(login)} RESET {name}", open=True)
    if (text := _lowered(catalog.settings).get(name.lower())) is not None:
        return Value(text, "the server's own")
    if catalog.server.superuser or with_inherited(login, catalog) & _SEE_ALL:
        return Finding(name, f"the server has no setting {name}, and nobody set one")
    told = f"{name} is no setting of the server, or hidden from {login}"
    return Finding(name, f"{told}: GRANT pg_read_all_settings TO {quote(login)}", open=True)


def _pairs(settings: Iterable[str]) -> dict[str, str]:
    return _lowered((name, value) for name, _, value in (each.partition("=") for each in settings))


def _lowered(settings: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Settings by name; TimeZone is timezone."""
    return {name.lower(): value for name, value in settings}


def _statement(role: str, name: str, demand: Demand) -> str:
    if role:
        return f"ALTER ROLE {quote(role)} SET {name} = '{demand.example}'"
    return f"ALTER SYSTEM SET {name} = '{demand.example}' (or the host's own way; some take a restart)"
