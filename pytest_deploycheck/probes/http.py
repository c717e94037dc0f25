"""HTTP exchanges: the only module that imports the HTTP client.

Connections of its own for each thread: on two cores 1000 requests at concurrency 50 take 0.44 s this way,
4.0 s through one shared asynchronous client, whose pool gets slower with its queue.
"""

import queue
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.evidence import Reply, Silence, Withheld
from pytest_deploycheck.model.identity import Credentials
from pytest_deploycheck.model.names import SAFE_METHODS
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.probes.deadline import Connections, Deadlines
from pytest_deploycheck.probes.guard import Guard, RefusedError
from pytest_deploycheck.safety.budget import BudgetSpentError

MAX_BODY = 10 * 1024 * 1024
"""More bytes than this are not read: a check judges an answer, not a download."""

USER_AGENT = "pytest-deploycheck"


WRITES = "deploycheck_writes"
"""Request extension: whether the request may change the deployment. Left out: its method decides."""

Refuse = Callable[[str], None]
"""Told the method of each request that may change the deployment; raises if it must not be sent."""


class GuardedTransport(httpx.BaseTransport):
    """Sends what the guard lets through; also each hop of a redirect passes here."""

    def __init__(self, inner: httpx.BaseTransport, guard: Guard, refuse: Refuse | None) -> None:
        self._inner = inner
        self._guard = guard
        self._refuse = refuse

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Strip credentials from what goes elsewhere, book it, send it."""
        url = str(request.url)
        if not self._guard.trusts(url):
            for name, value in list(request.headers.items()):
                if self._guard.strips(name, value):
                    del request.headers[name]
            self._guard.check_foreign(url, request.read())
        writes = request.extensions.get(WRITES, request.method not in SAFE_METHODS)
        if writes and self._refuse is not None:
            self._refuse(request.method)
        self._guard.book(writes=writes)
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


class SchemeTransport(httpx.BaseTransport):
    """Opens connections for http and for https when the first request of each kind needs them.

    Reading the trust anchors takes 40 ms, and httpx reads them for each transport that is given none.
    """

    _NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    """Trusts no certificate at all."""

    def __init__(
        self, anchors: Callable[[], ssl.SSLContext], proxy: str | None, source: str | None = None
    ) -> None:
        self._anchors = anchors
        self._proxy = proxy
        self._source = source
        self._opened: dict[bool, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        secure = request.url.scheme == "https"
        if secure not in self._opened:
            context = self._anchors() if secure else self._NOBODY
            transport = httpx.HTTPTransport(
                verify=context, proxy=self._proxy, trust_env=False, local_address=self._source
            )
            self._opened.setdefault(secure, transport)
        return self._opened[secure].handle_request(request)

    def close(self) -> None:
        """Close the connections."""
        for transport in self._opened.values():
            transport.close()


class IdentityClient(httpx.Client):
    """An httpx.Client, and a way to clients of other identities."""

    become: Callable[[str], httpx.Client]

    def as_(self, identity: str) -> httpx.Client:
        """An httpx.Client that sends as `identity`; the same for every call.

        Raises InconclusiveError if the identity cannot log in, KeyError if the contract has none.
        """
        return self.become(identity)


class ClientFactory:
    """Makes clients for one environment; they share its trust anchors."""

    def __init__(self, environment: Environment, guard: Guard) -> None:
        self._environment = environment
        self._guard = guard
        self._lock = threading.Lock()

    def _anchors(self) -> ssl.SSLContext:
        with self._lock:
            return self._context

    @cached_property
    def _context(self) -> ssl.SSLContext:
        context = httpx.create_ssl_context()
        if self._environment.ca is not None:
            context.load_verify_locations(self._environment.ca)
        return context

    @cached_property
    def _proxy(self) -> str | None:
        return _proxy(self._environment.base_url)

    def transport(self, refuse: Refuse | None = None, source: str | None = None) -> httpx.BaseTransport:
        """Return what sends requests, over connections of its own; `refuse` is that of `client`.

        `source` is the address of this machine that it sends from.
        """
        return GuardedTransport(SchemeTransport(self._anchors, self._proxy, source), self._guard, refuse)

    def client(
        self,
        *,
        headers: Mapping[str, str] | None = None,
        refuse: Refuse | None = None,
        **options: Any,  # noqa: ANN401 - passed on to httpx.Client as they are
    ) -> IdentityClient:
        """Return a client with the environment's base URL, headers, timeout and trust anchors.

        It follows no redirect and keeps no cookie, unless `options` (those of httpx.Client) say so.
        `refuse` may stop requests that change the deployment.
        """
        defaults: dict[str, Any] = {
            "base_url": self._environment.base_url,
            "timeout": self._environment.timeout,
            "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        }
        return IdentityClient(
            headers={"user-agent": USER_AGENT, **dict(self._environment.headers), **(headers or {})},
            transport=self.transport(refuse),
            **{**defaults, **options},
        )


class HttpProbe:
    """Sends requests from any thread; each thread has its own keep-alive connections.

    One client writes the requests of all threads, and sends none: what a client does beyond that (redirects,
    cookies, hooks) is not wanted here, and takes a quarter of a request's time.
    """

    def __init__(
        self,
        environment: Environment,
        factory: ClientFactory,
        *,
        credentials: Callable[[str], Credentials | Withheld],
        time_left: Callable[[], float],
    ) -> None:
        self._environment = environment
        self._factory = factory
        self._client = factory.client()
        self._credentials = credentials
        self._time_left = time_left
        self._local = threading.local()
        self._deadlines = Deadlines()
        self._transports: queue.SimpleQueue[httpx.BaseTransport] = queue.SimpleQueue()

    def close(self) -> None:
        """Close the connections of all threads."""
        self._deadlines.close()
        while not self._transports.empty():
            self._transports.get().close()

    def send(self, request: HttpRequest) -> Reply | Silence | Withheld:
        """Send `request` and read the whole reply."""
        credentials = self._credentials(request.identity)
        if isinstance(credentials, Withheld):
            return credentials
        limit = min(request.timeout or self._environment.timeout, max(self._time_left(), 0.001))
        began = time.perf_counter()
        try:
            with self._deadlines.within(self._connections, limit):
                return self._exchange(request, credentials, began=began, limit=limit)
        except (RefusedError, BudgetSpentError) as error:
            return Withheld(f"not sent: {error}")
        except (httpx.InvalidURL, ValueError) as error:  # an address that is none, a port beyond 65535
            return Withheld(f"not sent: {error}")
        except (httpx.TransportError, httpx.DecodingError) as error:
            took = time.perf_counter() - began
            if isinstance(error, httpx.TimeoutException) or took >= limit:
                return Silence(f"no complete answer within {limit:g} s", took)
            return Silence(_in_words(error), took)

    def _exchange(
        self, request: HttpRequest, credentials: Credentials, *, began: float, limit: float
    ) -> Reply | Silence:
        sent = self._client.build_request(
            request.method,
            _with_query(self.url(request), credentials),
            headers=[
                *((name.encode(), value.encode()) for name, value in request.headers),
                *((name.encode(), value.reveal().encode()) for name, value in credentials.headers),
                *(((b"connection", b"close"),) if request.fresh else ()),
            ],
            content=request.body,
            timeout=limit,
            extensions={
                WRITES: request.writes and request.method not in SAFE_METHODS,
                "trace": self._connections.trace,
            },
        )
        if request.bare:
            asked = {name.lower() for name, _ in (*request.headers, *credentials.headers)}
            for name in {name.lower() for name, _ in self._environment.headers} - asked:
                sent.headers.pop(name, None)
        reply = self._transport(request.source).handle_request(sent)
        try:
            body = bytearray()
            for chunk in reply.iter_bytes():
                body += chunk
                if time.perf_counter() - began > limit:
                    raise httpx.ReadTimeout("the body drips")  # as the deadline would
                if len(body) > MAX_BODY:
                    return Silence(f"the answer is larger than {MAX_BODY} bytes", time.perf_counter() - began)
        finally:
            reply.close()
        return Reply(
            status=reply.status_code,
            headers=tuple((name.lower(), value) for name, value in reply.headers.multi_items()),
            body=bytes(body),
            elapsed=time.perf_counter() - began,
        )

    def url(self, request: HttpRequest) -> str:
        """The absolute URL of a request."""
        if request.target.startswith(("http://", "https://")):
            return request.target
        return (request.base or self._environment.base_url) + request.target

    @property
    def _connections(self) -> Connections:
        connections: Connections | None = getattr(self._local, "connections", None)
        if connections is None:
            connections = self._local.connections = Connections()
        return connections

    def _transport(self, source: str | None) -> httpx.BaseTransport:
        kept: dict[str | None, httpx.BaseTransport] | None = getattr(self._local, "transports", None)
        if kept is None:
            kept = self._local.transports = {}
        if source not in kept:
            kept[source] = self._factory.transport(source=source)
            self._transports.put(kept[source])
        return kept[source]


def _with_query(url: str, credentials: Credentials) -> str:
    if not credentials.query:
        return url
    fields = urlencode([(name, value.reveal()) for name, value in credentials.query])
    return f"{url}{'&' if '?' in url else '?'}{fields}"


def _proxy(url: str) -> str | None:
    """The proxy that the usual variables name for `url` (HTTPS_PROXY, NO_PROXY)."""
    parts = urlsplit(url)
    if proxy_bypass(parts.hostname or ""):
        return None
    return getproxies().get(parts.scheme)


def _in_words(error: Exception) -> str:
    """What a person calls this trouble."""
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return (
            "the certificate is not acceptable: "
            + text.partition("verify failed: ")[2].partition(" (_ssl")[0]
        )
    if isinstance(error, httpx.ConnectError):
        return f"cannot connect: {text}"
    if isinstance(error, httpx.RemoteProtocolError):
        return f"the connection broke: {text}"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
