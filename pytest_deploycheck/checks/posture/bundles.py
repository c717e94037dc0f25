"""What a page loads, and what a script says about its source."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from pytest_deploycheck.model.evidence import Reply

MOST_SCRIPTS = 20
"""Scripts of one page that are read."""

_SCRIPT = re.compile(
    r"""(?i)<(?:script\b[^>]*?\bsrc|link\b[^>]*?\bhref)\s*=\s*["']?([^"'\s>]+\.m?js(?:\?[^"'\s>]*)?)"""
)
_INLINE_MAP = re.compile(r"sourceMappingURL=data:")


def is_page(reply: Reply) -> bool:
    """Whether a reply is HTML."""
    return "html" in (reply.header("content-type") or "").lower()


def scripts_of(text: str, address: str) -> tuple[str, ...]:
    """The addresses of the scripts that a page loads from its own origin."""
    found = dict.fromkeys(urljoin(address, script) for script in _SCRIPT.findall(text))
    here = urlsplit(address)
    return tuple(script for script in found if urlsplit(script)[:2] == (here.scheme, here.netloc))


def map_of(address: str) -> str:
    """Where a script's source map is by convention."""
    return f"{address.partition('?')[0]}.map"


def sources_shown(script: Reply, source_map: Reply | None) -> Iterator[str]:
    """How a script gives its source away."""
    if _INLINE_MAP.search(script.text):
        yield "holds its source map"
    if source_map and source_map.ok and '"mappings"' in source_map.text:
        yield "its source map is served beside it"
