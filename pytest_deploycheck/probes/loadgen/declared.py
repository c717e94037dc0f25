"""The scenario of a contract that lists its requests: a user of locust made from the job."""

import random
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import count
from weakref import WeakKeyDictionary

from locust import FastHttpUser, between, task
from locust.env import Environment

from pytest_deploycheck.probes.load.job import Ask, Headers, Job
from pytest_deploycheck.probes.loadgen.generator import Generator
from pytest_deploycheck.probes.loadgen.sockets import Visitors

MARK = "mark"
"""The name that stands for the mark of what a request creates."""


def declared_user(job: Job, generator: Callable[[], Generator]) -> type[FastHttpUser]:
    """Return the class of users that send the job's requests."""
    sender = Sender(job, generator)

    class Declared(FastHttpUser):
        wait_time = between(*job.think)  # type: ignore[no-untyped-call, unused-ignore]  # locust annotates it in some versions only

        def __init__(self, environment: Environment) -> None:
            super().__init__(environment)
            self.client.client.cookiejar = None  # a user is many identities: one would get another's

        @task
        def ask(self) -> None:
            sender.send(self, choose(job))

        def turn(self, ask: Ask) -> None:
            """Send one chosen request, for an arrival."""
            sender.send(self, ask)

    return Declared


class Sender:
    """Sends declared requests, each with a row of the test data."""

    def __init__(self, job: Job, generator: Callable[[], Generator]) -> None:
        self._job = job
        self._generator = generator
        self._rows = _rows(job, generator)
        self._kept: WeakKeyDictionary[FastHttpUser, Mapping[str, str]] = WeakKeyDictionary()
        self._visitors = Visitors(job, generator)

    def send(self, user: FastHttpUser, ask: Ask) -> None:
        """Send a request as `user`; one that creates something carries a mark of its own."""
        row = self._row(user)
        if ask.part:
            self._visitors.visit(_opening(ask, row))
            return
        if not ask.creates:
            self._exchange(user, ask, row)
            return
        with self._generator().marking(self._job.asks.index(ask)) as mark:
            self._exchange(user, ask, {**row, MARK: mark})

    def _row(self, user: FastHttpUser) -> Mapping[str, str]:
        if not self._job.keeps_row:
            return next(self._rows)
        if user not in self._kept:
            self._kept[user] = next(self._rows)
        return self._kept[user]

    def _exchange(self, user: FastHttpUser, ask: Ask, row: Mapping[str, str]) -> None:
        with user.client.request(
            ask.method,
            with_query(_filled(ask.target, row, quote), ask.query),
            name=ask.name.partition(" ")[2],
            data=_filled(ask.body, row).encode() if ask.body is not None else None,  # type: ignore[arg-type]  # requests takes bytes, its stubs say text
            headers={name: _filled(value, row) for name, value in ask.headers},
            catch_response=True,
            allow_redirects=False,
        ) as response:
            if ask.creates and response.status_code:
                self._generator().marks.made(row[MARK], response.status_code, response.text or "")
            if response.status_code in ask.statuses:
                response.success()
            elif response.status_code:
                response.failure(f"status {response.status_code}")


def _opening(ask: Ask, row: Mapping[str, str]) -> Ask:
    """Return what opens a WebSocket, with a row of the test data in it."""
    return replace(
        ask,
        target=with_query(_filled(ask.target, row, quote), ask.query),
        headers=tuple((name, _filled(value, row)) for name, value in ask.headers),
        messages=tuple(_filled(message, row) for message in ask.messages),
        expected=_filled(ask.expected, row),
    )


def with_query(target: str, fields: Headers) -> str:
    """Return a target with fields added to its query."""
    if not fields:
        return target
    return f"{target}{'&' if '?' in target else '?'}{urllib.parse.urlencode(fields)}"


def choose(job: Job) -> Ask:
    """Return the request that is sent next, by weight."""
    if len(job.asks) == 1:
        return job.asks[0]
    return random.choices(job.asks, [ask.weight for ask in job.asks])[0]  # noqa: S311 - no secret


def _rows(job: Job, generator: Callable[[], Generator]) -> Iterator[Mapping[str, str]]:
    """Yield rows of the test data for ever, no two generators the same one at first."""
    if not job.data:
        while True:
            yield {}
    for number in count(generator().index, job.generators):
        yield job.data[number % len(job.data)]


def _filled(text: str | None, row: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
    filled = text or ""
    for name, value in row.items():
        filled = filled.replace("{" + name + "}", escape(value))
    return filled


def quote(value: str) -> str:
    """Return a value as it may stand in a path or a query (RFC 3986, 2.1)."""
    return urllib.parse.quote(value, safe="")
