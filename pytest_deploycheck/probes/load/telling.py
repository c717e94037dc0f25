"""From a load run to the job that its generators are told, credentials included."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from math import ceil
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.identity import Credentials
from pytest_deploycheck.model.load import Arrivals, LoadRequest, LoadRun, Talk
from pytest_deploycheck.probes.load.job import GOODBYE, Ask, Headers, Job

USER_AGENT = "pytest-deploycheck"


def job_of(run: LoadRun, environment: Environment, held: Mapping[str, Credentials]) -> Job:
    """Return the job; `held` are the credentials of everybody who sends."""
    scenario = run.scenario if isinstance(run.scenario, tuple) else ()
    common = Job(
        host=environment.base_url,
        asks=tuple(_ask(request, held[request.identity]) for request in scenario),
        data=tuple(dict(row) for row in run.data),
        keeps_row=run.keeps_row,
        spread=tuple(_headers(held[name]) for name in run.identities),
        headers=(("User-Agent", USER_AGENT), *environment.headers),
        warmup=run.warmup,
        deadline=run.deadline,
        longest=longest(run),
        breaker=run.breaker,
        most=run.most,
        most_rate=run.most_rate,
        version_header=run.version_header.lower(),
        ca=str(environment.ca.absolute()) if environment.ca else "",
        proxy=_proxy(environment.base_url),
        generators=run.generators,
        read_only=run.read_only,
        file=_digest(run.scenario),
    )
    return shaped(common, run)


def _digest(scenario: object) -> str:
    """What tells a locustfile from another one."""
    return sha256(scenario.read_bytes()).hexdigest() if isinstance(scenario, Path) else ""


def shaped(job: Job, run: LoadRun) -> Job:
    """Return the job with the run's arrivals or users in it."""
    match run.model:
        case Arrivals(stages=stages, in_flight=in_flight, seconds=seconds):
            told = tuple((stage.rate, stage.seconds) for stage in stages)
            return replace(job, stages=told, in_flight=in_flight, seconds=seconds)
        case users:
            return replace(
                job, users=users.users, seconds=users.seconds, requests=users.requests, think=users.think
            )


def longest(run: LoadRun) -> float:
    """How many seconds a run may take, warm-up and last answers included.

    A number of requests may take as long as if each took its whole deadline, but no more than ten minutes.
    """
    match run.model:
        case Arrivals(seconds=seconds):
            return run.warmup + seconds + run.deadline
        case users if users.seconds is not None:
            return run.warmup + users.seconds + run.deadline
        case users:
            each = ceil((users.requests or 0) / users.users) * (run.deadline + _held(run) + users.think[1])
            return run.warmup + min(each, 600.0) + run.deadline


def _held(run: LoadRun) -> float:
    """The longest that a connection is held, asked whether anybody is there, and closed, in seconds."""
    requests = run.scenario if isinstance(run.scenario, tuple) else ()
    longest = max((request.talk.hold for request in requests if request.talk), default=None)
    return 0.0 if longest is None else longest + run.deadline + GOODBYE


def _ask(request: LoadRequest, credentials: Credentials) -> Ask:
    talk = request.talk or Talk()
    sent = in_query(credentials, talk.token_in) if talk.token_in else credentials
    return Ask(
        name=request.name,
        method=request.method,
        target=request.target,
        headers=(*request.headers, *_headers(sent)),
        query=tuple((name, value.reveal()) for name, value in sent.query),
        body=request.body.decode() if request.body is not None else None,
        statuses=request.statuses,
        weight=request.weight,
        creates=request.creates is not None,
        part=request.part,
        messages=talk.messages,
        expected=talk.expected,
        hold=talk.hold,
    )


def in_query(credentials: Credentials, field: str) -> Credentials:
    """Return the same with the token in a field of the query, and in no header."""
    if (token := credentials.token) is None:
        return credentials
    others = tuple((n, value) for n, value in credentials.headers if token.reveal() not in value.reveal())
    return replace(credentials, headers=others, query=(*credentials.query, (field, token)))


def _headers(credentials: Credentials) -> Headers:
    return tuple((name, value.reveal()) for name, value in credentials.headers)


def _proxy(url: str) -> str:
    """The proxy that the usual variables name for `url` (HTTPS_PROXY, NO_PROXY), as other requests use it."""
    parts = urlsplit(url)
    return "" if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme, "")
