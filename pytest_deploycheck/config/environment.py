"""Named targets: base URL, database, replicas, what protects them and what a run may spend on them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from pytest_deploycheck.config.confidential import tells_a_secret
from pytest_deploycheck.config.errors import Mistakes, nearest
from pytest_deploycheck.config.fields import Absent, BaseUrl, Duration, Headers, Part, Text, VariableName
from pytest_deploycheck.config.interpolate import names_a_variable
from pytest_deploycheck.config.places import Entry, Mapping, Node, Scalar, Sequence
from pytest_deploycheck.config.plain import is_empty
from pytest_deploycheck.config.reading import Reading, entries, unfilled
from pytest_deploycheck.config.sources import sources
from pytest_deploycheck.config.spot import Spot
from pytest_deploycheck.config.validate import validated
from pytest_deploycheck.model.budget import Budget
from pytest_deploycheck.model.environment import Environment, Start
from pytest_deploycheck.model.secret import Secret

_BUDGET = Budget()
PROTECTED_LOAD_RATE = 100
"""Requests per second that load may send to a protected environment whose budget says nothing."""
_OWN_KEYS = frozenset({"extends", "abstract"})


class BudgetPart(Part):
    """The most that a run may spend on this environment."""

    requests: Annotated[int, Field(ge=1)] = _BUDGET.requests
    writes: Annotated[int, Field(ge=0)] = _BUDGET.writes
    duration: Duration = _BUDGET.duration
    """Wall time of a run."""
    load: Annotated[int, Field(ge=1)] = _BUDGET.load
    """Requests of load runs, which `requests` does not count."""
    load_rate: Annotated[int, Field(ge=1)] | Absent = None
    """Requests per second that a load run may send."""


class StartPart(Part):
    """A command that starts the deployment, and runs until it is stopped."""

    command: Text
    cwd: Text = "."
    """Relative to the contract's folder."""
    provides: Annotated[list[VariableName], Field(min_length=1)] = Field(default_factory=list)
    """Variables that the command gives once the deployment is up."""
    timeout: Duration = 60.0
    """How long starting may take."""


class EnvironmentPart(Part):
    """A named target."""

    extends: Text = ""
    """The environment whose keys this one takes over, except where it has its own."""
    abstract: bool = False
    """Whether it is there to be extended only."""
    base_url: BaseUrl = ""
    """Where the system answers; the paths of checks are added to it."""
    database: Text = ""
    """Address of the PostgreSQL database, as a URL or as libpq's key=value."""
    database_reader: Text | None = None
    """A role that sees every row, whatever row-level security says; the login must be a member of it."""
    protected: bool = False
    """Whether checks that write are refused, unless a run allows them."""
    replicas: Annotated[list[BaseUrl], Field(min_length=1)] = Field(default_factory=list)
    """Base URLs of single instances."""
    headers: Annotated[Headers, Field(min_length=1)] = Field(default_factory=dict)
    """Headers of every request to the environment's own origin."""
    ca: Text = ""
    """PEM file of certificate authorities to trust beside the system's, relative to the contract's folder."""
    timeout: Duration = 10.0
    """For one exchange."""
    budget: BudgetPart = Field(default_factory=BudgetPart)
    start: StartPart | Absent = None


_ADAPTER: TypeAdapter[EnvironmentPart] = TypeAdapter(EnvironmentPart)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The part of the chosen environment, with what it takes over; nothing in it is filled in yet."""

    name: str
    spot: Spot
    complete: bool = True
    """Whether all that it takes over was found."""

    @property
    def provided(self) -> frozenset[str]:
        """The variables that its start command gives."""
        provides = self.spot.find(("start", "provides")).node
        items = provides.items if isinstance(provides, Sequence) else ()
        return frozenset(item.text for item in items if isinstance(item, Scalar))


def names(spot: Spot) -> tuple[str, ...]:
    """Return the names of the environments that can be chosen."""
    found = entries(spot, Mistakes())
    return tuple(one.name for one in found if not _flag(one, "abstract"))


def choose(spot: Spot, name: str, mistakes: Mistakes) -> Chosen | None:
    """Return the environment of that name; judges all others as far as that is possible without variables."""
    chosen: Chosen | None = None
    known = {one.name: one for one in entries(spot, mistakes)}
    for one in known.values():
        whole = _with_inherited(one, known, mistakes)
        if one.name == name:
            chosen = Chosen(name, whole or one, complete=whole is not None)
        else:
            _judge(whole or one, mistakes, complete=whole is not None)
    choosable = names(spot)
    if known and name not in choosable:
        what = "is abstract: it is there to be extended" if name in known else "is not known"
        listed = f"one of {', '.join(choosable)}" if choosable else "one that is not abstract"
        place = known[name].place if name in known else spot.place
        mistakes.add(place, f"environment '{name}' {what}", listed)
        return None
    return chosen


def environment(chosen: Chosen, reading: Reading) -> Environment | None:
    """Return the chosen environment, or None after a mistake."""
    spot = reading.fill(chosen.spot)
    reading.credential(spot.below("database"))
    if headers := spot.below("headers"):
        reading.credential(headers, literal=False)
        for header in entries(headers, Mistakes()):
            if tells_a_secret(header.name):
                reading.credential(header)
    _tell_unusable(spot, reading)
    part = reading.validated(_ADAPTER, spot)
    if part is None or (chosen.complete and not _has_base_url(spot, reading.mistakes)):
        return None
    return Environment(
        name=chosen.name,
        place=chosen.spot.place,
        base_url=part.base_url,
        database=Secret(part.database) if part.database else None,
        database_reader=part.database_reader,
        database_variables=tuple(each.variable for each in sources(spot.below("database")) if each.variable),
        protected=part.protected,
        replicas=tuple(part.replicas),
        headers=tuple(part.headers.items()),
        ca=reading.folder / part.ca if part.ca else None,
        timeout=part.timeout,
        budget=_budget(part),
        start=_start(part.start, reading.folder) if part.start else None,
    )


def _budget(part: EnvironmentPart) -> Budget:
    told = part.budget
    rate = told.load_rate or (PROTECTED_LOAD_RATE if part.protected else None)
    return Budget(told.requests, told.writes, told.duration, told.load, rate)


def _start(part: StartPart, folder: Path) -> Start:
    return Start(
        command=part.command, cwd=folder / part.cwd, provides=tuple(part.provides), timeout=part.timeout
    )


def _tell_unusable(spot: Spot, reading: Reading) -> None:
    """Tell files that are not there, and a start that would need itself."""
    start = spot.below("start")
    command = start.below("command") if start else None
    if command and isinstance(command.node, Scalar) and command.node.pending:
        reading.mistakes.add(
            command.place,
            f"'command' needs {command.node.pending[0]}, which only the started deployment gives",
            "a command that can run before",
        )
    _tell_missing(start.below("cwd") if start else None, "folder", reading)
    _tell_missing(spot.below("ca"), "file", reading)


def _tell_missing(spot: Spot | None, what: str, reading: Reading) -> None:
    if spot is None or not isinstance(spot.node, Scalar) or names_a_variable(spot.node.text):
        return
    path = reading.folder / spot.node.text
    if not (path.is_dir() if what == "folder" else path.is_file()) and not is_empty(spot.node):
        message = f"'{spot.name}' is '{spot.node.written}': there is no such {what}"
        reading.mistakes.add(spot.place, message, "a path from the contract's folder")


def _has_base_url(spot: Spot, mistakes: Mistakes) -> bool:
    if spot.below("base_url"):
        return True
    mistakes.add(spot.place, f"missing key 'base_url' in '{spot.name}'")
    return False


def _judge(spot: Spot, mistakes: Mistakes, *, complete: bool) -> None:
    """Judge an environment that was not chosen, by what stands in the file."""
    validated(_ADAPTER, spot, mistakes, unfilled(spot.node))
    if complete and isinstance(spot.node, Mapping) and not _flag(spot, "abstract"):
        _has_base_url(spot, mistakes)


def _flag(spot: Spot, key: str) -> bool:
    flag = spot.below(key)
    return flag is not None and isinstance(flag.node, Scalar) and flag.node.text.lower() == "true"


def _with_inherited(spot: Spot, known: dict[str, Spot], mistakes: Mistakes) -> Spot | None:
    """Return an environment with all that it takes over, or None if that can't be found."""
    node = spot.node
    line = [spot.name]
    current = spot
    while (link := current.below("extends")) and isinstance(link.node, Scalar):
        parent = link.node.text
        if parent in line:
            if parent == spot.name == min(line):  # told once, and not by every member
                cycle = " → ".join([*line, parent])
                mistakes.add(link.place, f"environments extend one another: {cycle}", "an end to it")
            return None
        if parent not in known:
            mistakes.add(
                link.place, f"unknown environment '{parent}'", nearest(parent, known.keys() - {spot.name})
            )
            return None
        line.append(parent)
        current = known[parent]
        node = _over(_without_own_keys(current.node), node)
    return Spot(node, spot.key, spot.trail)


def _without_own_keys(node: Node) -> Node:
    if not isinstance(node, Mapping):
        return node
    kept = {name: entry for name, entry in node.entries.items() if name not in _OWN_KEYS}
    return Mapping(node.place, kept)


def _over(below: Node, above: Node) -> Node:
    """Return `above` laid over `below`: mappings are merged at every depth, anything else replaces."""
    if not (isinstance(below, Mapping) and isinstance(above, Mapping)):
        return above
    merged = dict(below.entries)
    for name, entry in above.entries.items():
        old = merged.get(name)
        merged[name] = Entry(entry.key, _over(old.value, entry.value)) if old else entry
    return Mapping(above.place, merged)
