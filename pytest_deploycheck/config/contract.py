"""deploycheck.yaml → Contract, or all mistakes of the file at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, StrictBool, TypeAdapter

from pytest_deploycheck.config.confidential import Confidential
from pytest_deploycheck.config.environment import Chosen, choose, environment, names
from pytest_deploycheck.config.errors import Mistakes, nearest
from pytest_deploycheck.config.fields import Text, VariableName
from pytest_deploycheck.config.identities import identities, signing_key
from pytest_deploycheck.config.ids import login_ids
from pytest_deploycheck.config.interpolate import Interpolation
from pytest_deploycheck.config.kinds import Kinds
from pytest_deploycheck.config.openapi import document
from pytest_deploycheck.config.places import Mapping as Tree
from pytest_deploycheck.config.places import compose
from pytest_deploycheck.config.reading import Reading
from pytest_deploycheck.config.routes import routes
from pytest_deploycheck.config.runbook import reconciled, runbook
from pytest_deploycheck.config.sections import RELEASE, Surroundings, checks
from pytest_deploycheck.config.spot import Spot
from pytest_deploycheck.config.validate import validated
from pytest_deploycheck.config.variables import files
from pytest_deploycheck.config.waivers import settled, waivers
from pytest_deploycheck.model.contract import Contract
from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.route import Described
from pytest_deploycheck.model.runbook import Runbook

KEYS = frozenset(
    {
        "system",
        "runbook",
        "strict_runbook",
        "secrets",
        "environments",
        RELEASE,
        "signing",
        "identities",
        "openapi",
        "routes",
        "waivers",
    }
)
"""The keys of a contract that are no markers."""
MARKERS = (
    "smoke",
    "security",
    "tenant_isolation",
    "schema",
    "load",
    "preflight",
    "backup",
    "operations",
    "browser",
)
"""The sections that a contract may have, each named as its pytest marker."""
FREE = "x-"
"""Begins the keys of a contract that are the author's own: a place for what anchors repeat."""
COVERAGE = "coverage"
"""The kind that looks whether all routes are asked for."""
_TEXT: TypeAdapter[str] = TypeAdapter(Text)
_FLAG: TypeAdapter[bool] = TypeAdapter(StrictBool)
_NAMES: TypeAdapter[list[str]] = TypeAdapter(Annotated[list[VariableName], Field(min_length=1)])


def load(
    path: Path,
    environment: str,
    variables: Mapping[str, str],
    *,
    kinds: Kinds,
    markers: Collection[str] = MARKERS,
) -> Contract:
    """Return the contract of a file, for one environment.

    `variables` are all that ${NAME} may stand for. Raises ContractErrors, with every mistake found.
    """
    path = path.absolute()
    mistakes = Mistakes()
    root = _root(path, mistakes)
    _tell_unknown_keys(root, markers, mistakes)
    chosen = _choose(root, environment, mistakes)
    if chosen is None:
        raise mistakes.all()
    reading = _reading(path, root, chosen, dict(variables), mistakes)
    contract = _contract(root, chosen, reading, kinds, markers)
    if mistakes.found:
        raise mistakes.all(reading.confidential.concealer())
    return contract


def environments(path: Path) -> tuple[str, ...]:
    """Return the names of the environments that can be chosen. Raises ContractErrors for what is no YAML."""
    mistakes = Mistakes()
    root = _root(path.absolute(), mistakes)
    spot = root.below("environments")
    return names(spot) if spot else ()


def _root(path: Path, mistakes: Mistakes) -> Spot:
    node = compose(path, mistakes)
    if isinstance(node, Tree):
        return Spot(node)
    if node is not None:
        mistakes.add(node.place, "a contract has keys at its top", "system: NAME, environments: ...")
    raise mistakes.all()


def _tell_unknown_keys(root: Spot, markers: Collection[str], mistakes: Mistakes) -> None:
    known = KEYS.union(markers)
    for name in root.names:
        if name not in known and not name.startswith(FREE) and (spot := root.below(name)) and spot.key:
            mistakes.add(spot.key.place, f"unknown key '{name}'", nearest(name, known))
    for key in ("system", "environments"):
        if root.below(key) is None:
            mistakes.add(root.node.place, f"missing key '{key}'")


def _choose(root: Spot, name: str, mistakes: Mistakes) -> Chosen | None:
    spot = root.below("environments")
    return choose(spot, name, mistakes) if spot else None


def _reading(
    path: Path, root: Spot, chosen: Chosen, variables: dict[str, str], mistakes: Mistakes
) -> Reading:
    listed = root.below("secrets")
    secret_names = validated(_NAMES, listed, mistakes, set()) if listed else None
    return Reading(
        path=path,
        mistakes=mistakes,
        interpolation=Interpolation(
            variables=variables, provided=chosen.provided, files=files(chosen.name), mistakes=mistakes
        ),
        confidential=Confidential(mistakes=mistakes, listed=frozenset(secret_names or ())),
    )


@dataclass(frozen=True, slots=True)
class _Filled:
    """The contract's keys with their variables filled in, all but the environments."""

    root: Spot
    reading: Reading

    def part(self, key: str) -> Spot | None:
        """Return the part under a key, if there is one."""
        spot = self.root.below(key)
        return self.reading.fill(spot) if spot else None


def _contract(
    root: Spot, chosen: Chosen, reading: Reading, kinds: Kinds, markers: Collection[str]
) -> Contract:
    filled = _Filled(root, reading)
    where = environment(chosen, reading) or _unknown(chosen)
    signing = filled.part("signing")
    key = signing_key(signing, reading) if signing else None
    who = identities(filled.part("identities"), reading, signing=signing is not None)
    sections = [part for name in root.names if name in {RELEASE, *markers} and (part := filled.part(name))]
    waived = filled.part("waivers")
    known_waivers = waivers(waived, reading) if waived else ()
    reading.confidential.variables(reading.used, reading.interpolation.variables)
    secrets = reading.confidential.secrets()
    openapi = document(filled.part("openapi"), reading)
    surface = routes(filled.part("routes"), openapi.routes, who, reading)
    around = Surroundings(
        environment=where,
        identities=who,
        signing=key,
        secrets=secrets,
        reading=reading,
        routes=surface,
        described=openapi.described,
        waived=frozenset(waiver.check for waiver in known_waivers),
    )
    _tell_missing_coverage(openapi.described, sections, reading.mistakes)
    made = checks(sections, kinds, around)
    book = _runbook(filled)
    if made.complete and all(
        name in KEYS.union(markers) or name.startswith(FREE) for name in root.names
    ):  # else a missing check proves nothing
        logins = login_ids(who)
        known_waivers = settled(known_waivers, logins.union(check.id for check in made.checks), reading)
        book = reconciled(book, made.checks, logins, reading) if book else None
    return Contract(
        path=reading.path,
        system=_text(filled, "system"),
        environment=where,
        identities=who,
        signing=key,
        routes=surface,
        checks=made.checks,
        waivers=known_waivers,
        runbook=book,
        secrets=secrets,
        pending=reading.interpolation.pending,
        strict_runbook=_flag(filled, "strict_runbook"),
    )


def _tell_missing_coverage(described: Described | None, sections: list[Spot], mistakes: Mistakes) -> None:
    """A promise that all routes are covered, where no check looks whether they are, is kept by nobody."""
    kinds = {name.rsplit(".", 1)[-1] for section in sections for name in section.names}
    if described and described.complete and COVERAGE not in kinds:
        message = f"'require_coverage' is true, and no section holds '{COVERAGE}'"
        mistakes.add(described.place, message, f"{COVERAGE}: {{}} in a section such as security")


def _unknown(chosen: Chosen) -> Environment:
    """Stand in for an environment with a mistake, so that the mistakes of the checks are told too."""
    return Environment(name=chosen.name, place=chosen.spot.place, base_url="http://unknown.invalid")


def _runbook(filled: _Filled) -> Runbook | None:
    spot = filled.part("runbook")
    name = filled.reading.validated(_TEXT, spot) if spot else None
    return runbook(spot, name, filled.reading) if spot and name else None


def _text(filled: _Filled, key: str) -> str:
    spot = filled.part(key)
    return (spot and filled.reading.validated(_TEXT, spot)) or ""


def _flag(filled: _Filled, key: str) -> bool:
    spot = filled.part(key)
    return spot is not None and filled.reading.validated(_FLAG, spot) is True
