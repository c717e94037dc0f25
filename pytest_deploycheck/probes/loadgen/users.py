"""As whom locust's users send, and whom they trust."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, wraps
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import certifi
from gevent.local import local
from locust import FastHttpUser, HttpUser
from locust.clients import LocustHttpAdapter

from pytest_deploycheck.probes.load.job import Headers, Job
from pytest_deploycheck.probes.loadgen.patching import patch

SLACK = 5.0
"""Seconds that a socket waits longer than the deadline, so that the deadline is what ends a request."""


def dress(job: Job) -> None:
    """Change the classes before any user is made."""
    patch(HttpUser, "__init__", lambda original: _requests_user(original, job))
    patch(FastHttpUser, "__init__", lambda original: _fast_user(original, job))


_turn = count()
_taken = local()


@contextmanager
def taking(turn: int) -> Iterator[None]:
    """Make a user in the turn of a certain identity, instead of the next one's."""
    _taken.turn = turn
    try:
        yield
    finally:
        del _taken.turn


def _headers(job: Job) -> Headers:
    """The headers of the next user: the environment's, and one identity's."""
    if not job.spread:
        return job.headers
    turn = _taken.turn if hasattr(_taken, "turn") else next(_turn)
    return (*job.headers, *job.spread[turn % len(job.spread)])


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
