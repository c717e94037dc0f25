"""What a page loads, and what a script says about its source."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urljoin, urlsplit

from pytest_deploycheck.model.evidence import Reply

MOST_SCRIPTS = 20
"""Scripts of one page that are read."""

_SCRIPT = re.compile(
    r"""(?i)<(?:script\b[^>]*?\bsrc|link\b[^>]*?\bhref)\s*=\s*["']?([^"'\s>]+\.m?js(?:\?[^"'\s>]*)?)"""
)
_IMPORT = re.compile(r"""\b(?:import\s*\(\s*|from\s*|import\s*)["'`]([^"'`\s]+\.m?js(?:\?[^"'`\s]*)?)["'`]""")
_NAMED_MAP = re.compile(r"[#@]\s*sourceMappingURL=(?!data:)([^\s*]+)")
_INLINE_MAP = re.compile(r"sourceMappingURL=data:")


def is_page(reply: Reply) -> bool:
    """Whether a reply is HTML."""
    return "html" in (reply.header("content-type") or "").lower()


def scripts_of(text: str, address: str) -> tuple[str, ...]:
    """The addresses of the scripts that a page loads from its own origin."""
    return _own(_SCRIPT.findall(text), address)


def _own(found: Iterable[str], address: str) -> tuple[str, ...]:
    """Those that are at the origin of `address`, each once."""
    here = urlsplit(address)[:2]
    absolute = dict.fromkeys(urljoin(address, each) for each in found)
    return tuple(each for each in absolute if urlsplit(each)[:2] == here)


def imports_of(text: str, address: str) -> tuple[str, ...]:
    """The addresses of the modules that a script imports, at once or later, from its own origin."""
    return _own(_IMPORT.findall(text), address)


def map_named_by(script: Reply, address: str) -> str | None:
    """Where a script says that its source map is, in its last line or in a header, if at its own origin."""
    named = _NAMED_MAP.findall(script.text)
    said = script.header("sourcemap") or script.header("x-sourcemap") or (named[-1] if named else "")
    return next(iter(_own([said], address)), None) if said else None


def map_of(address: str) -> str:
    """Where a script's source map is by convention."""
    return f"{address.partition('?')[0]}.map"


def sources_shown(script: Reply, source_map: Reply | None) -> Iterator[str]:
    """How a script gives its source away."""
    if _INLINE_MAP.search(script.text):
        yield "holds its source map"
    if source_map and source_map.ok and '"mappings"' in source_map.text:
        yield "its source map is served beside it"
