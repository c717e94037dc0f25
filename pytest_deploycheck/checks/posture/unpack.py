"""Reads what a page loads, what that imports, and the source maps beside it: all of it must be public."""

from collections.abc import Generator, Iterable, Iterator
from typing import TypeAlias

from pytest_deploycheck.checks.exchange.silence import unanswered
from pytest_deploycheck.checks.posture.answers import gathered
from pytest_deploycheck.checks.posture.bundles import (
    MOST_SCRIPTS,
    imports_of,
    is_page,
    map_named_by,
    map_of,
    scripts_of,
    sources_shown,
)
from pytest_deploycheck.checks.posture.leaks import Secrets, secrets_in
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.evidence import Evidence, Reply
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest, Probe

MOST_REQUESTS = 1 + 5 * MOST_SCRIPTS
"""A page; its scripts and what those import, each with its map; and maps under names of their own."""

_SERVER_ERROR = 500

_Read: TypeAlias = tuple[str, Evidence, Evidence | None]
"""Where a script is, the script, and its source map, if one was asked for."""

_Reading: TypeAlias = Generator[tuple[Probe, ...], tuple[Evidence, ...], tuple[_Read, ...]]


def unpack(path: str, base_url: str, known: Secrets) -> Steps:
    """Read a script, or a page and the scripts that it loads; then what these lead to."""
    (seen,) = yield (_get(path),)
    replies = gathered((f"GET {path}",), (seen,))
    if isinstance(replies, Inconclusive):
        return replies
    (first,) = replies
    if not first.ok:
        return Inconclusive(f"GET {path}: expected 2xx, got {first.status}")
    scripts = scripts_of(first.text, _absolute(path, base_url)) if is_page(first) else ()
    if is_page(first) and not scripts:
        return _page_only(path, first, known)
    read = (
        ((path, first, None), *(yield from _with_maps(scripts[:MOST_SCRIPTS])))
        if scripts
        else ((path, first, (yield (_get(map_of(path), "source map"),))[0]),)
    )
    imported = yield from _imported(read, base_url)
    named = yield from _named_maps((*read, *imported), base_url)
    verdict = _verdict((*read, *imported, *named), known)
    if isinstance(verdict, Passed) and len(scripts) > MOST_SCRIPTS:
        return Inconclusive(f"GET {path}: {len(scripts)} scripts, of which {MOST_SCRIPTS} were read")
    return verdict


def _get(path: str, purpose: str = "request") -> HttpRequest:
    return HttpRequest(method="GET", target=path, purpose=purpose)


def _absolute(path: str, base_url: str) -> str:
    return path if "://" in path else base_url + path


def _with_maps(scripts: tuple[str, ...]) -> _Reading:
    evidence = yield (
        *(_get(script) for script in scripts),
        *(_get(map_of(script), "source map") for script in scripts),
    )
    size = len(scripts)
    return tuple(zip(scripts, evidence[:size], evidence[size:], strict=True))


def _imported(read: tuple[_Read, ...], base_url: str) -> _Reading:
    """Read what the scripts import; what is no script there is nobody's, as names in texts may be."""
    here = {_absolute(name, base_url) for name, _, _ in read}
    found = dict.fromkeys(
        address
        for name, script, _ in read
        if isinstance(script, Reply)
        for address in imports_of(script.text, _absolute(name, base_url))
        if address not in here
    )
    if not found:
        return ()
    got = yield from _with_maps(tuple(found)[:MOST_SCRIPTS])
    return tuple(each for each in got if not isinstance(each[1], Reply) or _is_something(each[1]))


def _is_something(reply: Reply) -> bool:
    return (reply.ok and not is_page(reply)) or reply.status >= _SERVER_ERROR or reply.status == 429


def _named_maps(read: tuple[_Read, ...], base_url: str) -> _Reading:
    """Ask for source maps that are named otherwise than by convention."""
    wanted = [
        (name, script, address)
        for name, script, _ in read
        if isinstance(script, Reply)
        and (address := map_named_by(script, _absolute(name, base_url)))
        and address != map_of(_absolute(name, base_url))
    ][:MOST_SCRIPTS]
    if not wanted:
        return ()
    maps = yield tuple(_get(address, "source map") for _, _, address in wanted)
    return tuple((name, script, seen) for (name, script, _), seen in zip(wanted, maps, strict=True))


def _page_only(path: str, page: Reply, known: Secrets) -> Outcome:
    """A page without scripts is hardly the application, unless it holds a secret."""
    verdict = _verdict(((path, page, None),), known)
    return (
        verdict if isinstance(verdict, Failed) else Inconclusive(f"GET {path}: a page that loads no script")
    )


def _verdict(seen: Iterable[_Read], known: Secrets) -> Outcome:
    faults: list[str] = []
    unread: list[str] = []
    for number, (name, script, source_map) in enumerate(seen):
        if (why := unanswered(script)) or not isinstance(script, Reply):
            unread.append(f"GET {name}: {why}")
            continue
        faults += _faults(name, script, source_map, known)
        if not script.ok or (number and is_page(script)):
            unread.append(f"GET {name}: got {script.status}, and no script")
        elif source_map is not None and (why := unanswered(source_map)):
            unread.append(f"GET {map_of(name)}: {why}")
    if faults:
        return Failed("\n".join(dict.fromkeys(faults)))
    return Inconclusive("\n".join(unread)) if unread else Passed()


def _faults(name: str, script: Reply, source_map: Evidence | None, known: Secrets) -> Iterator[str]:
    yield from (f"GET {name}: holds {what}" for what in secrets_in(script.text, known))
    beside = source_map if isinstance(source_map, Reply) else None
    yield from (f"GET {name}: {what}" for what in sources_shown(script, beside))
