"""What was applied beside what the release brings: pending, unknown, failed."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from pytest_deploycheck.checks.migrating.expected import FILES, Expected, numbered
from pytest_deploycheck.model.catalog import Migration

_BASELINE = "<< Flyway Baseline >>"
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Standing:
    """How a database stands to a release, in the order of the tool; `unknown` is None if it can't be told."""

    applied: int
    last: str
    pending: tuple[str, ...]
    unknown: tuple[str, ...] | None
    failed: tuple[str, ...]


def compare(applied: Sequence[Migration], tool: str, expected: Expected) -> Standing:
    """Compare all that was applied with all that is expected."""
    names = _versions(applied, tool)
    done = {below for name in names for below in expected.below.get(name, {name})}
    done |= _baseline(applied, tool, expected)
    known = {*expected.versions, *expected.known, *(_baselines(applied, tool))}
    own = expected.own
    return Standing(
        applied=len(names),
        last=names[-1] if names else "",
        pending=tuple(name for name in expected.versions if name not in done),
        unknown=tuple(name for name in names if name not in known and (own is None or _is_own(name, own))),
        failed=failed(applied),
    )


def compare_head(applied: Sequence[Migration], tool: str, head: str) -> Standing:
    """Compare with the last migration of the release alone: what stands behind it is unknown."""
    names = _versions(applied, tool)
    wanted = FILES[tool].normal(head)
    there = wanted in names
    behind = names[names.index(wanted) + 1 :] if there else None
    if there and tool == "alembic":
        behind = [name for name in names if name != wanted]  # heads have no order
    return Standing(
        applied=len(names),
        last=names[-1] if names else "",
        pending=() if there else (head,),
        unknown=None if behind is None else tuple(behind),
        failed=failed(applied),
    )


def normal(versions: Iterable[str], tool: str, applied: Sequence[Migration]) -> Expected:
    """Return a list that the contract holds; ids of Liquibase may leave out file and author."""
    wanted = tuple(FILES[tool].normal(each) for each in versions)
    if tool != "liquibase":
        return Expected(wanted)
    whole = {each.version for each in applied}
    return Expected(tuple(_changeset(each, whole) for each in wanted))


def _changeset(wanted: str, there: Collection[str]) -> str:
    """The whole name (file::id::author) of a change set that was applied, if it was."""
    if wanted in there:
        return wanted
    return next((each for each in sorted(there) if wanted in _short(each)), wanted)


def _short(changeset: str) -> tuple[str, ...]:
    _, _, rest = changeset.partition("::")
    name, _, author = rest.rpartition("::")
    return name, f"{author}:{name}", rest


def _versions(applied: Sequence[Migration], tool: str) -> list[str]:
    names = [FILES[tool].normal(each.version) for each in applied]
    return list(numbered(names)) if tool == "sqitch" else names


def _baselines(applied: Sequence[Migration], tool: str) -> set[str]:
    return {
        FILES[tool].normal(each.version) for each in applied if tool == "flyway" and each.name == _BASELINE
    }


def _baseline(applied: Sequence[Migration], tool: str, expected: Expected) -> set[str]:
    """What a baseline of Flyway stands for: all up to its version."""
    tops = [_parts(each) for each in _baselines(applied, tool)]
    return {each for each in expected.versions if any(_parts(each) <= top for top in tops)} if tops else set()


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else 10**9 for part in version.split("."))


def _is_own(name: str, prefixes: Collection[str]) -> bool:
    return any(name.startswith(prefix) for prefix in prefixes)


def failed(applied: Sequence[Migration]) -> tuple[str, ...]:
    """Those that the tool marked so, or that never finished."""
    return tuple(_told(each) for each in applied if each.failed)


def _told(migration: Migration) -> str:
    return f"{migration.version} {migration.name}".strip()


def shown(names: Sequence[str]) -> str:
    """Names on one line; many are counted."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
