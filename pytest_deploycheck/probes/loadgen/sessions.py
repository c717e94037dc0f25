"""Makes locust's HTTP clients tell the truth: whole deadlines, whole replies, one origin, no retries."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

import gevent
import geventhttpclient.client
import requests
from geventhttpclient.connectionpool import ConnectionPool
from locust.clients import HttpSession
from locust.clients import ResponseContextManager as HttpResponse
from locust.contrib.fasthttp import FastHttpSession, LocustBadStatusCode
from locust.contrib.fasthttp import ResponseContextManager as FastResponse

from pytest_deploycheck.model.names import SAFE_METHODS
from pytest_deploycheck.probes.load.job import Job
from pytest_deploycheck.probes.loadgen.bodies import read_as_sent
from pytest_deploycheck.probes.loadgen.deadline import within
from pytest_deploycheck.probes.loadgen.generator import Generator
from pytest_deploycheck.probes.loadgen.patching import patch
from pytest_deploycheck.probes.loadgen.redirects import hold_origin, hold_redirects
from pytest_deploycheck.probes.loadgen.users import dress
from pytest_deploycheck.probes.loadgen.yielding import take_turns

_IDLE = 1.5
"""Seconds after which a connection is not used again; servers keep them for two at least (gunicorn)."""
_last_used: WeakKeyDictionary[Any, float] = WeakKeyDictionary()


class WritesError(Exception):
    """A locustfile sends a method that may change the deployment, and the contract does not allow it."""


def instrument(job: Job, generator: Callable[[], Generator]) -> None:
    """Change the classes before any user is made."""
    dress(job)
    read_as_sent()
    take_turns()
    hold_redirects(job, generator)
    for session in (FastHttpSession, HttpSession):
        patch(session, "request", lambda original: _timed(original, job, generator))
    for response in (FastResponse, HttpResponse):
        patch(response, "success", _unless_broken)
    patch(HttpSession, "_send_request_safe_mode", _late)
    setattr(geventhttpclient.client, "_may_retry_after_send_error", _never)  # noqa: B010 - its own, it has no switch
    patch(ConnectionPool, "return_socket", _noted)
    patch(ConnectionPool, "_is_socket_alive", _not_idle)


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
        hold_origin(self._build_url(url), job)
        _hold_method(method, job)
        this = generator()
        with nullcontext() if this.leaves(self.user) else this.admitted(), within(job.deadline):
            return original(self, method, url, *args, **options)

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


def _hold_method(method: str, job: Job) -> None:
    """A declared request says itself what it does; of a locustfile, the contract must say so."""
    if not (job.asks or job.read_only or method.upper() in SAFE_METHODS):
        raise WritesError(f"{method} may change the deployment: the contract does not say read_only")
