"""Where locust's clients may go: to one origin; and what they follow there is counted as it is sent."""

from collections.abc import Callable, Iterator
from functools import wraps
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from locust.clients import HttpSession
from locust.contrib.fasthttp import FastHttpSession, FastRequest, LocustUserAgent
from locust.exception import StopUser
from requests.exceptions import ConnectionError as RequestsConnectionError

from pytest_deploycheck.probes.load.job import Job
from pytest_deploycheck.probes.loadgen.deadline import current
from pytest_deploycheck.probes.loadgen.generator import Generator
from pytest_deploycheck.probes.loadgen.kinds import ForeignRedirectError
from pytest_deploycheck.probes.loadgen.patching import patch

_PORTS = {"http": 80, "https": 443}


class ForeignOriginError(Exception):
    """A scenario asked for another host than the environment's: its credentials would go there."""


class NotFollowedError(Exception):
    """Nothing more is sent, so a redirect isn't followed; `reply` is the redirect."""

    def __init__(self, reply: Any) -> None:  # noqa: ANN401 - locust's
        super().__init__("nothing more is sent")
        self.reply = reply


def hold_redirects(job: Job, generator: Callable[[], Generator]) -> None:
    """Change the classes before any user is made."""
    patch(FastRequest, "redirect", lambda original: _same_origin_redirect(original, job))
    patch(HttpSession, "resolve_redirects", lambda original: _counted_replies(original, job, generator))
    patch(LocustUserAgent, "_urlopen", lambda original: _counted_hop(original, generator))
    patch(FastHttpSession, "_send_request_safe_mode", _as_it_is)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _is_foreign(url: str, job: Job) -> bool:
    return "://" in url.partition("?")[0] and _origin(url) != _origin(job.host)


def hold_origin(url: str, job: Job) -> None:
    """Refuse to ask another host.

    Raises:
        ForeignOriginError: naming it.
    """
    if _is_foreign(str(url), job):
        raise ForeignOriginError(f"{'://'.join(urlsplit(url)[:2])} is not the environment under load")


def _same_origin_redirect(original: Any, job: Job) -> Any:  # noqa: ANN401 - locust's own
    @wraps(original)
    def redirect(self: Any, code: int, location: str) -> None:  # noqa: ANN401 - locust's own
        goal = str(self.url_split.redirect(location))
        if _origin(goal) != _origin(job.host):
            raise ForeignRedirectError
        original(self, code, location)

    return redirect


def _follows(generator: Callable[[], Generator]) -> bool:
    """Whether a redirect is followed; its wait for the cap on the rate is no part of the deadline."""
    deadline = current()
    if deadline is None:  # sent past locust, where nothing is counted
        return True
    try:
        with deadline.paused():
            generator().follow()
    except StopUser:
        return False
    return True


def _counted_replies(original: Any, job: Job, generator: Callable[[], Generator]) -> Any:  # noqa: ANN401 - locust's own
    """What a redirect leads to is a request as well; `yield_requests` only prepares it."""

    @wraps(original)
    def replies(self: Any, reply: Any, request: Any, **options: Any) -> Iterator[Any]:  # noqa: ANN401 - locust's own
        found = original(self, reply, request, **options)
        if options.get("yield_requests"):
            yield from found
            return
        for sent in count():
            refused = sent >= self.max_redirects  # by the client itself
            goal = self.get_redirect_target(reply)
            if goal and _is_foreign(goal, job):
                raise RequestsConnectionError(ForeignRedirectError())
            if not goal or not (refused or _follows(generator)):
                return
            reply = next(found)
            yield reply

    return replies


def _counted_hop(original: Any, generator: Callable[[], Generator]) -> Any:  # noqa: ANN401 - locust's own
    @wraps(original)
    def urlopen(self: Any, request: Any) -> Any:  # noqa: ANN401 - locust's own
        redirect = getattr(request, "redirect_reply", None)
        if redirect is not None and not _follows(generator):
            raise NotFollowedError(redirect)
        reply = original(self, request)
        if reply.status_code in self.redirect_response_codes:
            _ = reply.content  # it is let go before it is known whether more is sent
            request.redirect_reply = reply
        return reply

    return urlopen


def _as_it_is(original: Any) -> Any:  # noqa: ANN401 - locust's own
    @wraps(original)
    def send(self: Any, method: str, url: str, **options: Any) -> Any:  # noqa: ANN401 - locust's own
        try:
            return original(self, method, url, **options)
        except NotFollowedError as error:
            return error.reply

    return send
