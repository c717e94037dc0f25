"""The migrations of a release, from the names of its files or from what stands in them; nothing is run."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

Texts = Mapping[str, str | None]
"""Files by their path below the release's folder of migrations."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The release's migrations in the order of the tool.

    `below` are all that a version implies, for a tool that writes down only the last ones. `known` are
    those that may have been applied and need not. `foreign` says which prefixes are the release's, if the
    table holds others' too; None is all.
    """

    versions: tuple[str, ...]
    below: Mapping[str, frozenset[str]] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    own: frozenset[str] | None = None


def plain(version: str) -> str:
    """A version as most tools write it."""
    return version.strip()


def number(version: str) -> str:
    """A number without leading zeros (golang-migrate)."""
    return version.strip().lstrip("0") or "0"


def dotted(version: str) -> str:
    """A version of Flyway: 1_1, 1.1 and 01.1.0 are the same; a name of a file stays one."""
    parts = version.strip().replace("_", ".").split(".")
    if not all(part.isdecimal() for part in parts):
        return version.strip()
    numbers = [part.lstrip("0") or "0" for part in parts]
    while len(numbers) > 1 and numbers[-1] == "0":
        numbers.pop()
    return ".".join(numbers)


def _by_name(pattern: str, normal: Callable[[str], str] = plain) -> Callable[[Texts], Expected]:
    """Versions that are the first group of a pattern of paths, sorted as the tools do."""
    compiled = re.compile(pattern)

    def expected(texts: Texts) -> Expected:
        found = (match[1] for path in texts if (match := compiled.fullmatch(path)))
        return Expected(tuple(dict.fromkeys(normal(each) for each in sorted(found, key=_numeric))))

    return expected


def _numeric(version: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"[._]", version))


def _flyway(texts: Texts) -> Expected:
    versioned = _by_name(r"(?:.*/)?V([\d._]+?)__.*\.\w+", dotted)(texts).versions
    repeated = sorted(path for path in texts if PurePosixPath(path).name.startswith("R__"))
    return Expected((*versioned, *(PurePosixPath(path).name for path in repeated)))


def _golang(texts: Texts) -> Expected:
    """It writes down the last version alone."""
    versions = _by_name(r"(\d+)_.*\.up\.\w+", number)(texts).versions
    ordered = sorted(versions, key=int)
    below = {version: frozenset(ordered[: place + 1]) for place, version in enumerate(ordered)}
    return Expected(tuple(ordered), below)


def _alembic(texts: Texts) -> Expected:
    """It writes down the heads alone; each revision names those before it."""
    before: dict[str, tuple[str, ...]] = {}
    for assigned in _modules(texts):
        revision = assigned.get("revision")
        if isinstance(revision, str):
            before[revision] = (
                *_several(assigned.get("down_revision")),
                *_several(assigned.get("depends_on")),
            )
    below = {revision: frozenset(_ancestors(revision, before)) for revision in before}
    ordered = sorted(before, key=lambda revision: (len(below[revision]), revision))
    return Expected(tuple(ordered), below)


def _ancestors(revision: str, before: Mapping[str, tuple[str, ...]]) -> set[str]:
    found: set[str] = set()
    waiting = [revision]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += before.get(each, ())
    return found


def _django(texts: Texts) -> Expected:
    """Of the release's own applications; the table holds those of installed ones, too."""
    pattern = re.compile(r"(?:.*/)?(\w+)/migrations/(?!_)(\w+)\.py")
    found = {path: match for path in sorted(texts) if (match := pattern.fullmatch(path))}
    replaced = (
        f"{app}.{name}"
        for assigned in _modules({path: texts[path] for path in found})
        for app, name in _pairs(assigned.get("replaces"))
    )
    versions = tuple(f"{match[1]}.{match[2]}" for match in found.values())
    return Expected(
        versions, known=frozenset(replaced), own=frozenset(f"{match[1]}." for match in found.values())
    )


def _modules(texts: Texts) -> Iterator[dict[str, object]]:
    """What each Python file assigns, at its top or in a class; one that is no Python assigns nothing."""
    for path, text in texts.items():
        if path.endswith(".py") and text:
            try:
                tree = ast.parse(text)
            except SyntaxError:
                continue
            yield dict(_assigned(tree))


def _assigned(tree: ast.Module) -> Iterator[tuple[str, object]]:
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for node in (*tree.body, *(inner for each in classes for inner in each.body)):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if isinstance(targets[0], ast.Name) and isinstance(value, ast.expr):
            try:
                yield targets[0].id, ast.literal_eval(value)
            except ValueError:
                continue


def _several(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, tuple | list) else ()


def _pairs(value: object) -> Iterator[tuple[str, str]]:
    for pair in value if isinstance(value, list | tuple) else ():
        if isinstance(pair, tuple | list) and len(pair) == 2:
            yield str(pair[0]), str(pair[1])


def _sqitch(texts: Texts) -> Expected:
    """The changes of a plan; one that was reworked stands there twice."""
    plan = next((text for path, text in texts.items() if path.endswith("sqitch.plan")), None) or ""
    changes = (line.split()[0].lstrip("+") for line in plan.splitlines() if _is_change(line))
    return Expected(tuple(numbered(changes)))


def _is_change(line: str) -> bool:
    return bool(line.strip()) and line.lstrip()[0] not in "#%@-"


def numbered(names: Iterable[str]) -> Iterator[str]:
    """Names, each further one of a name told apart by its number."""
    seen: Counter[str] = Counter()
    for name in names:
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name} ({seen[name]})"


@dataclass(frozen=True, slots=True)
class Files:
    """How a tool's files are read: what of them is asked for, how versions are told and compared."""

    expected: Callable[[Texts], Expected] | None
    texts: tuple[str, ...] = ()
    normal: Callable[[str], str] = plain
    mend: str = ""
    """The tool's command that applies what is pending."""


FILES: Mapping[str, Files] = {
    "alembic": Files(_alembic, (".py",), mend="alembic upgrade head"),
    "dbmate": Files(_by_name(r"(\d+)[^/]*\.sql"), mend="dbmate up"),
    "django": Files(_django, (".py",), mend="python manage.py migrate"),
    "flyway": Files(_flyway, normal=dotted, mend="flyway migrate"),
    "golang-migrate": Files(_golang, normal=number, mend="migrate up"),
    "liquibase": Files(None, mend="liquibase update"),
    "prisma": Files(_by_name(r"([^/]+)/migration\.sql"), mend="prisma migrate deploy"),
    "sqitch": Files(_sqitch, ("sqitch.plan",), mend="sqitch deploy"),
    "supabase": Files(_by_name(r"(\d+)_[^/]*\.sql"), mend="supabase db push"),
}
"""By the name of the tool, as the catalog calls it."""
