"""The scenario of a contract that lists its requests: a user of locust made from the job."""

import random
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

from locust import FastHttpUser, between, task

from pytest_deploycheck.probes.load.job import Ask, Job


def declared_user(job: Job, index: Callable[[], int]) -> type[FastHttpUser]:
    """Return the class of users that send the job's requests; `index` tells which generator this is."""
    rows = _rows(job, index)

    class Declared(FastHttpUser):
        wait_time = between(*job.think)  # type: ignore[no-untyped-call, unused-ignore]

        @task
        def ask(self) -> None:
            send(self, choose(job))

        def turn(self, ask: Ask) -> None:
            """Send one chosen request, for an arrival."""
            send(self, ask)

    def send(user: FastHttpUser, ask: Ask) -> None:
        row = next(rows)
        target = _filled(ask.target, row)
        body = _filled(ask.body, row).encode() if ask.body is not None else None
        with user.client.request(
            ask.method,
            target,
            name=ask.name.partition(" ")[2],
            data=body,  # type: ignore[arg-type]  # geventhttpclient takes bytes
            headers=dict(ask.headers),
            catch_response=True,
            allow_redirects=False,
        ) as response:
            if response.status_code in ask.statuses:
                response.success()
            elif response.status_code:
                response.failure(f"status {response.status_code}")

    return Declared


def choose(job: Job) -> Ask:
    """Return the request that is sent next, by weight."""
    if len(job.asks) == 1:
        return job.asks[0]
    return random.choices(job.asks, [ask.weight for ask in job.asks])[0]  # noqa: S311 - no secret


def _rows(job: Job, index: Callable[[], int]) -> Iterator[Mapping[str, str]]:
    """Yield rows of the test data for ever, no two generators the same one at first."""
    if not job.data:
        while True:
            yield {}
    for number in count(index(), job.generators):
        yield job.data[number % len(job.data)]


def _filled(text: str | None, row: Mapping[str, Any]) -> str:
    filled = text or ""
    for name, value in row.items():
        filled = filled.replace("{" + name + "}", value)
    return filled
