"""Makes locust's HTTP clients tell the truth: whole deadlines, real TLS, one origin, no retries."""

import ssl
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import cache, wraps
from itertools import count
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import certifi
import gevent
import geventhttpclient.client
import requests
from geventhttpclient.connectionpool import ConnectionPool
from locust import FastHttpUser, HttpUser
from locust.clients import HttpSession, LocustHttpAdapter
from locust.clients import ResponseContextManager as HttpResponse
from locust.contrib.fasthttp import FastHttpSession, FastRequest, LocustBadStatusCode
from locust.contrib.fasthttp import ResponseContextManager as FastResponse

from pytest_deploycheck.model.names import SAFE_METHODS
from pytest_deploycheck.probes.load.job import Headers, Job
from pytest_deploycheck.probes.loadgen.generator import Generator

_PORTS = {"http": 80, "https": 443}
_IDLE = 2.0
"""Seconds after which a connection is not used again; servers keep them for five at least."""
_last_used: WeakKeyDictionary[Any, float] = WeakKeyDictionary()
SLACK = 5.0
"""Seconds that a socket waits longer than the deadline, so that the deadline is what ends a request."""


class ForeignOriginError(Exception):
    """A scenario asked for another host than the environment's: its credentials would go there."""


class WritesError(Exception):
    """A locustfile sends a method that may change the deployment, and the contract does not allow it."""


def instrument(job: Job, generator: Callable[[], Generator]) -> None:
    """Change the classes before any user is made."""
    for session in (FastHttpSession, HttpSession):
        setattr(session, "request", _timed(session.request, job, generator))  # noqa: B010 - a class of another package
    for response in (FastResponse, HttpResponse):
        _patch(response, "success", _unless_broken)
    _patch(HttpSession, "_send_request_safe_mode", _late)
    _patch(HttpSession, "get_redirect_target", lambda original: _same_origin_target(original, job))
    _patch(FastRequest, "redirect", lambda original: _same_origin_redirect(original, job))
    setattr(geventhttpclient.client, "_may_retry_after_send_error", _never)  # noqa: B010 - its own, it has no switch
    _patch(ConnectionPool, "return_socket", _noted)
    _patch(ConnectionPool, "_is_socket_alive", _not_idle)
    _patch(HttpUser, "__init__", lambda original: _requests_user(original, job))
    _patch(FastHttpUser, "__init__", lambda original: _fast_user(original, job))


def _patch(owner: type, name: str, change: Callable[[Any], Any]) -> None:
    setattr(owner, name, change(getattr(owner, name)))


def _never(_: str) -> bool:
    """A request without an answer has failed; sent again it would hide that, and be twice the load."""
    return False


def _noted(original: Any) -> Any:  # noqa: ANN401 - locust's own
    """Note when a connection was last used."""

    @wraps(original)
    def return_socket(self: Any, sock: Any) -> None:  # noqa: ANN401 - locust's own
        _last_used[sock] = time.monotonic()
        original(self, sock)

    return return_socket


def _not_idle(original: Any) -> Any:  # noqa: ANN401 - locust's own
    """A connection that lay idle is not used again: the server may be closing it, which is no failure."""

    @wraps(original)
    def is_alive(self: Any, sock: Any) -> bool:  # noqa: ANN401 - locust's own
        idle = time.monotonic() - _last_used.get(sock, 0.0)
        return idle < _IDLE and bool(original(self, sock))

    return is_alive


def _timed(original: Any, job: Job, generator: Callable[[], Generator]) -> Any:  # noqa: ANN401 - locust's methods
    @wraps(original)
    def request(self: Any, method: str, url: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - locust's own
        _hold_origin(self._build_url(url), job)
        _hold_method(method, job)
        this = generator()
        with nullcontext() if this.leaves(self.user) else this.admitted():
            timer = gevent.Timeout.start_new(job.deadline)
            try:
                return original(self, method, url, *args, **options)
            finally:
                timer.close()

    return request


def _unless_broken(original: Any) -> Any:  # noqa: ANN401 - locust's own
    """No scenario can call a reply good of which only a part came, or none."""

    @wraps(original)
    def success(self: Any) -> None:  # noqa: ANN401 - locust's own
        error = getattr(self, "error", None) or self.request_meta["exception"]
        if isinstance(error, Exception | gevent.Timeout) and not isinstance(error, LocustBadStatusCode):
            self._manual_result = error if isinstance(error, Exception) else TimeoutError("deadline")
        else:
            original(self)

    return success


def _late(original: Any) -> Any:  # noqa: ANN401 - locust's own
    """The client of requests lets a timeout of gevent through; locust's own does not."""

    @wraps(original)
    def send(self: Any, method: str, url: str, **options: Any) -> Any:  # noqa: ANN401 - locust's own
        try:
            return original(self, method, url, **options)
        except gevent.Timeout:
            response = HttpResponse(requests.exceptions.Timeout("deadline"))
            response.request = requests.Request(method, url).prepare()
            return response

    return send


# --- where it may go


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _hold_origin(url: str, job: Job) -> None:
    if "://" in str(url).partition("?")[0] and _origin(str(url)) != _origin(job.host):
        raise ForeignOriginError(f"{'://'.join(urlsplit(url)[:2])} is not the environment under load")


def _hold_method(method: str, job: Job) -> None:
    """A declared request says itself what it does; of a locustfile, the contract must say so."""
    if not (job.asks or job.read_only or method.upper() in SAFE_METHODS):
        raise WritesError(f"{method} may change the deployment: the contract does not say read_only")


def _same_origin_target(original: Any, job: Job) -> Any:  # noqa: ANN401 - locust's own
    """A redirect elsewhere is not followed: the reply is what it is."""

    @wraps(original)
    def target(self: Any, response: Any) -> str | None:  # noqa: ANN401 - locust's own
        found = original(self, response)
        foreign = found and "://" in found.partition("?")[0] and _origin(found) != _origin(job.host)
        return None if foreign else found

    return target


def _same_origin_redirect(original: Any, job: Job) -> Any:  # noqa: ANN401 - locust's own
    @wraps(original)
    def redirect(self: Any, code: int, location: str) -> None:  # noqa: ANN401 - locust's own
        goal = str(self.url_split.redirect(location))
        if _origin(goal) != _origin(job.host):
            raise ConnectionError("a redirect to another origin is not followed")
        original(self, code, location)

    return redirect


# --- as whom, and how


_turn = count()


def _headers(job: Job) -> Headers:
    """The headers of the next user: the environment's, and one identity's."""
    identity = job.spread[next(_turn) % len(job.spread)] if job.spread else ()
    return (*job.headers, *identity)


@cache
def trusting(ca: str) -> ssl.SSLContext:
    """Return what trusts the usual authorities, and the environment's."""
    context = ssl.create_default_context(cafile=certifi.where())
    if ca:
        context.load_verify_locations(ca)
    return context


def _requests_user(original: Any, job: Job) -> Any:  # noqa: ANN401 - locust's own
    @wraps(original)
    def init(self: Any, *args: Any, **options: Any) -> None:  # noqa: ANN401 - locust's own
        original(self, *args, **options)
        self.client.headers.update(dict(_headers(job)))
        self.client.mount("https://", _Trusting(job.ca, self.pool_manager))
        if job.proxy:
            self.client.proxies = {"http": job.proxy, "https": job.proxy}

    return init


class _Trusting(LocustHttpAdapter):
    """Trusts the usual authorities and the environment's."""

    def __init__(self, ca: str, pool_manager: Any) -> None:  # noqa: ANN401 - locust's
        self._ca = ca
        super().__init__(pool_manager=pool_manager)

    def init_poolmanager(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - locust's own
        return super().init_poolmanager(*args, **options, ssl_context=trusting(self._ca))

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ANN401 - locust's own
        super().cert_verify(conn, url, True, cert)  # noqa: FBT003 - whatever the scenario asks for


def _fast_user(original: Any, job: Job) -> Any:  # noqa: ANN401 - locust's own
    proxy = urlsplit(job.proxy)

    @wraps(original)
    def init(self: Any, *args: Any, **options: Any) -> None:  # noqa: ANN401 - locust's own
        self.insecure = False
        self.max_retries = 0
        self.ssl_context_factory = lambda **_: trusting(job.ca)
        self.network_timeout = self.connection_timeout = job.deadline + SLACK
        if job.proxy:
            self.proxy_host, self.proxy_port = proxy.hostname, proxy.port
        original(self, *args, **options)
        self.client.client.default_headers.update(dict(_headers(job)))

    return init
