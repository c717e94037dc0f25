"""Stands between every HTTP client and the network: where credentials may go, and the budget."""

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.safety.redact import Redactor

CREDENTIAL_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "apikey", "x-api-key"})
"""Headers that never leave the environment's own origins, whatever they hold."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


class RefusedError(Exception):
    """The request was not sent; the message says why."""


class Guard:
    """Decides what may be sent.

    `own` are names of headers that belong to the environment; `take` books the request, or raises because
    the budget is spent.
    """

    def __init__(
        self,
        *,
        origins: Iterable[str],
        own: Iterable[str],
        redactor: Redactor,
        take: Callable[[Spend], None],
    ) -> None:
        self._origins = frozenset(map(origin_of, origins))
        self._kept = CREDENTIAL_HEADERS | {name.lower() for name in own} - {"host"}
        self._redactor = redactor
        self._take = take

    def trusts(self, url: str) -> bool:
        """Whether `url` belongs to the environment, so that credentials may go there."""
        return origin_of(url) in self._origins

    def strips(self, name: str, value: str) -> bool:
        """Whether a header must not be sent to a foreign origin."""
        return name.lower() in self._kept or self._redactor.betrays(value)

    def check_foreign(self, url: str, body: bytes) -> None:
        """Refuse a request to a foreign origin that carries a secret in its URL or body.

        Raises:
            RefusedError: naming the origin.
        """
        if self._redactor.betrays(url) or self._redactor.betrays(body.decode("utf-8", "replace")):
            raise RefusedError(f"it would carry a secret to {origin_of(url)}")

    def book(self, *, writes: bool) -> None:
        """Take a request from the budget, and a write if it is one.

        Raises:
            BudgetSpentError: if the budget is spent.
        """
        self._take(Spend(requests=1, writes=int(writes)))


def origin_of(url: str) -> str:
    """Return the origin of a URL (RFC 6454): scheme, host and port."""
    parts = urlsplit(url)
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    return f"{parts.scheme}://{parts.hostname}:{port}"
