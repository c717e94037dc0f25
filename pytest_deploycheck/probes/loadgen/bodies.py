"""Makes locust's fast client read each reply as HTTP means it, so that a reply fails only if it is bad."""

import zlib
from collections.abc import Callable
from functools import wraps
from typing import Any

import geventhttpclient.useragent
from geventhttpclient.response import HTTPResponse
from locust.contrib.fasthttp import FastResponse, LocustUserAgent

from pytest_deploycheck.probes.loadgen.kinds import ManyRepliesError, UnreadableError
from pytest_deploycheck.probes.loadgen.patching import patch

Decoder = Callable[[bytes], bytes]

_brotli: Any = getattr(geventhttpclient.useragent, "brotli", None)
"""What the client itself takes for it; there is none where it does without."""


def read_as_sent() -> None:
    """Change the classes before any user is made."""
    patch(FastResponse, "_content", lambda _: _decoded)
    patch(LocustUserAgent, "_conversation_str", lambda _: _unsaid)
    patch(HTTPResponse, "_on_message_begin", _once)


def _decoded(self: Any) -> bytes | None:  # noqa: ANN401 - locust's own
    """Decode a body; an empty one has no encoding, and one in an encoding nobody knows stays as it came.

    Of an unreadable one the scenario sees nothing; that it failed stays noted.
    """
    if self.headers is None:
        return None
    raw: bytes = self._response.read()
    self.release()
    named = [each.strip().lower() for each in self.headers.getlist("content-encoding")[:1]]
    decoder = _DECODERS.get("".join(named))
    if not raw or decoder is None:
        return raw
    try:
        return decoder(raw)
    except _CORRUPT as error:
        raise UnreadableError("unreadable body") from error


def _unsaid(_self: Any, _url: str, response: Any, **_: Any) -> str:  # noqa: ANN401 - geventhttpclient's own
    """Write no log of a bad reply: it would be long, and takes each page for UTF-8. But read it whole."""
    _ = response.content
    return ""


def _once(original: Any) -> Any:  # noqa: ANN401 - geventhttpclient's own
    """A second reply to a request must not overwrite the first, except behind interim ones (1xx)."""

    @wraps(original)
    def begin(self: Any) -> None:  # noqa: ANN401 - geventhttpclient's own
        if self.message_complete and self.get_code() >= 200:
            raise ManyRepliesError("more than one reply")
        original(self)

    return begin


def _gunzipped(raw: bytes) -> bytes:
    return zlib.decompress(raw, 16 + zlib.MAX_WBITS)


def _inflated(raw: bytes) -> bytes:
    """Deflate is meant to come in a frame of zlib's; some servers send it bare."""
    try:
        return zlib.decompress(raw)
    except zlib.error:
        return zlib.decompress(raw, -zlib.MAX_WBITS)


_DECODERS: dict[str, Decoder] = {"gzip": _gunzipped, "x-gzip": _gunzipped, "deflate": _inflated}
_CORRUPT: tuple[type[Exception], ...] = (zlib.error,)
if _brotli:
    _DECODERS["br"] = _brotli.decompress
    _CORRUPT += (_brotli.error,)
