"""From the contract's words to the load run, with its caps and what ends it early."""

from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from pathlib import Path

from pytest_deploycheck.checks.exchange.act import Act
from pytest_deploycheck.checks.exchange.line import Line, read_line
from pytest_deploycheck.checks.exchange.request import request_of
from pytest_deploycheck.checks.exchange.section import Creates, Step
from pytest_deploycheck.checks.exchange.status import SUCCESS
from pytest_deploycheck.checks.language.template import as_text
from pytest_deploycheck.checks.loading.creations import counted
from pytest_deploycheck.checks.loading.section import Ask, LoadSection
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.creation import MARK, Creation
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.load import (
    MOST_REQUESTS,
    WEBSOCKET,
    Arrivals,
    LoadRequest,
    LoadRun,
    Stage,
    StopRule,
    Talk,
    Users,
    Workers,
)
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.statistics.thresholds import Metric, Threshold

CLOSED_RATE = 500.0
"""Requests per second that closed users may send if nothing is said: nobody knows how many they would."""

EACH = 5
"""Requests that an arrival of a locustfile may send on average, if the contract does not say."""

RAMP = 5.0
"""Seconds in which a run on a protected environment gets up to its rate, if the contract does not say."""

STEP_UP = 1.5
"""How much more each stage of a stress run sends than the one before."""

_LEAST_IN_FLIGHT = 20
_MOST_IN_FLIGHT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What a preset fills in where the contract says nothing. Rates per second, times in seconds."""

    arrivals: float
    duration: float
    warmup: float


PRESETS = {
    "smoke": Preset(arrivals=10, duration=10, warmup=1),
    "baseline": Preset(arrivals=10, duration=60, warmup=5),
    "stress": Preset(arrivals=10, duration=20, warmup=5),
    "soak": Preset(arrivals=5, duration=1200, warmup=10),
}
UP_TO = 10.0
"""How many times its first rate a stress run reaches, if it does not say."""


def run_of(section: LoadSection, context: Context, name: str) -> LoadRun:
    """Return the load run that a section asks for.

    Raises:
        Misuse: for what cannot be sent, or must not.
    """
    scenario = _scenario(section, context)
    protected = context.environment.protected
    model = _model(section, scenario, protected=protected)
    warmup = _warmup(section, model, protected=protected)
    cap = context.environment.budget.load_rate
    rate = min((r for r in (section.max_rate, cap) if r is not None), default=None)
    if isinstance(model, Users) and (model.requests is None or warmup):
        rate = rate or CLOSED_RATE  # how much will be sent is known, then
    most = section.max_requests or _most(model, warmup, rate) * _each(section)
    if most > MOST_REQUESTS:
        raise Misuse(
            f"{most:,} requests in one run", expected=f"at most {MOST_REQUESTS:,}: every latency is kept"
        )
    return LoadRun(
        name=name,
        scenario=counted(scenario, most, section.processes),
        model=model,
        most=most,
        most_rate=rate if isinstance(model, Users) else None,
        warmup=warmup,
        deadline=section.deadline,
        identities=tuple(section.identity) if section.locustfile else (),
        data=tuple(tuple((key, as_text(value)) for key, value in row.items()) for row in section.data),
        keeps_row=section.data_per == "user",
        breaker=section.stop_after_failures,
        processes=section.processes,
        workers=_workers(section),
        stops=_stops(section, model),
        version_header=section.version_header or "",
        read_only=section.read_only,
    )


def _model(
    section: LoadSection, scenario: tuple[LoadRequest, ...] | Path, *, protected: bool
) -> Arrivals | Users:
    if section.users is not None:
        return _users(section, section.users, protected=protected)
    preset = PRESETS[section.preset or "baseline"]
    rate = section.arrivals or preset.arrivals
    seconds = section.requests / rate if section.requests else section.duration or preset.duration
    stages = _stages(section, rate, seconds)
    fastest = stages[-1].rate
    enough = min(max(ceil(fastest * section.deadline) + 1, _LEAST_IN_FLIGHT), _MOST_IN_FLIGHT)
    enough += ceil(1.25 * fastest * held(scenario))  # chance may choose them more often than the mean
    return Arrivals(stages=stages, in_flight=section.max_in_flight or enough)


def held(scenario: tuple[LoadRequest, ...] | Path) -> float:
    """How many seconds a request of the scenario is held on average, after its answer."""
    if isinstance(scenario, Path):
        return 0.0
    whole = sum(request.weight for request in scenario)
    return sum(r.talk.hold * r.weight / whole for r in scenario if r.talk)


def _stages(section: LoadSection, rate: float, seconds: float) -> tuple[Stage, ...]:
    """One stage; for stress more, each faster than the one before, the last at `up_to`."""
    stages = [Stage(rate, seconds)]
    last = section.up_to or rate * UP_TO
    while section.preset == "stress" and stages[-1].rate < last:
        stages.append(Stage(min(stages[-1].rate * STEP_UP, last), seconds))
    return tuple(stages)


def _users(section: LoadSection, users: int, *, protected: bool) -> Users:
    seconds = None
    if section.requests is None:
        seconds = section.duration or PRESETS[section.preset or "baseline"].duration
    return Users(
        users=users,
        spawn_rate=section.spawn_rate or (users / RAMP if protected else float(users)),
        seconds=seconds,
        requests=section.requests,
        think=section.think,
    )


def _warmup(section: LoadSection, model: Arrivals | Users, *, protected: bool) -> float:
    """Users who are still being added are warm-up, unless the contract says how long that is."""
    if section.warmup is not None:
        return section.warmup
    if isinstance(model, Users):
        return max(0.0, model.users / model.spawn_rate - 1)
    own = PRESETS[section.preset].warmup if section.preset else 0.0
    return max(own, RAMP) if protected else own


def too_fast(run: LoadRun, context: Context) -> str:
    """Why a run is too fast for its environment, if so; another environment may bear it."""
    rate = context.environment.budget.load_rate
    if rate is None or not isinstance(run.model, Arrivals):
        return ""
    each = max(1.0, run.most / _most(run.model, run.warmup, None))
    fastest = run.model.stages[-1].rate
    if fastest * each <= rate:
        return ""
    told = f"{fastest:g} arrivals/s"
    told += f" with up to {each:g} requests each (max_requests says how many in all)" if each > 1 else ""
    allowed = f"{rate:g}/s that load may send to {context.environment.name} (budget.load_rate)"
    return f"{told} are more than the {allowed}"


def _most(model: Arrivals | Users, warmup: float, rate: float | None) -> int:
    """The most requests that a run may send, one for each arrival."""
    match model:
        case Arrivals(stages=stages):
            return ceil(stages[0].rate * warmup / 2 + sum(s.rate * s.seconds for s in stages)) + 1
        case Users(requests=int(requests)):
            return requests + ceil((rate or CLOSED_RATE) * warmup)
        case Users(seconds=seconds):
            return ceil((rate or CLOSED_RATE) * (warmup + (seconds or 0.0)))


def _each(section: LoadSection) -> int:
    """Requests of an arrival, at most: a task of a locustfile may send several."""
    return EACH if section.locustfile and section.users is None else 1


def _scenario(section: LoadSection, context: Context) -> tuple[LoadRequest, ...] | Path:
    if section.locustfile:
        return (context.folder / section.locustfile).absolute()
    default = section.identity[0] if section.identity else ANONYMOUS
    found = []
    for entry in section.scenario:
        for key, ask in entry.items():
            line = read_line(key)
            if line is not None:
                found += [_request(line, ask, name) for name in _senders(ask, section) or (default,)]
    return tuple(found)


def _senders(ask: Ask, section: LoadSection) -> tuple[str, ...]:
    """Who sends a request: its own identity, or each of the section's in turn."""
    return (ask.identity,) if ask.identity else tuple(section.identity)


def _request(line: Line, ask: Ask, identity: str) -> LoadRequest:
    sent = request_of(Act(line, Step.model_construct(send=ask.send), identity), {})
    return LoadRequest(
        method=line.method,
        target=sent.target,
        identity=identity,
        headers=sent.headers,
        body=sent.body,
        statuses=tuple(sorted((ask.status or SUCCESS).codes)),
        weight=ask.weight,
        creates=_creation(ask.creates) if ask.creates else None,
        talk=_talk(ask) if line.method == WEBSOCKET else None,
    )


def _talk(ask: Ask) -> Talk:
    return Talk(
        messages=tuple(ask.messages),
        expected=ask.expect or "",
        hold=ask.hold or 0.0,
        token_in=ask.token_in or "",
    )


def _creation(creates: Creates) -> Creation:
    """Return how a request is undone; {mark} and {id} are left for those who know them."""
    find, found = next(iter(creates.find.items())) if creates.find else (None, None)
    return Creation(
        mark=MARK,
        identify=creates.id,
        delete=str(creates.delete),
        gone=str(creates.gone or Line("GET", creates.delete.target)),
        find=str(find) if find else None,
        found=found.text if found else None,
        identity=creates.by,
    )


def spend(run: LoadRun) -> Spend:
    """What a run sends at most, with the removal of what it creates."""
    creating = [r for r in run.scenario if r.creates] if isinstance(run.scenario, tuple) else []
    removals = sum(r.creations * (4 if r.creates and r.creates.find else 2) for r in creating)
    return Spend(load=run.most, writes=2 * run.creations, requests=removals)


def _workers(section: LoadSection) -> Workers | None:
    told = section.workers
    return Workers(told.expected, told.host, told.port) if told else None


def _stops(section: LoadSection, model: Arrivals | Users) -> tuple[StopRule, ...]:
    """The thresholds that end the run as soon as they are shown to be broken; in a stress run, all."""
    ends = tuple(accumulate(s.seconds for s in model.stages)) if isinstance(model, Arrivals) else ()
    seconds = model.stages[0].seconds if isinstance(model, Arrivals) else model.seconds or 60.0
    return tuple(
        StopRule(
            share=threshold.share,
            confidence=section.confidence,
            limit=threshold.limit if threshold.metric is Metric.QUANTILE else None,
            endpoint=threshold.endpoint,
            block=min(5, max(1, int(seconds // 12))),
            ends=ends,
            told=str(threshold),
        )
        for threshold in (limit.threshold for limit in section.thresholds)
        if (threshold.abort_on_fail or section.preset == "stress") and threshold.share is not None
    )


def planned(run: LoadRun, threshold: Threshold) -> float | None:
    """How many requests of a threshold are planned at most; None if nobody knows."""
    match run.model:
        case Arrivals(stages=stages):
            n: float = stages[0].rate * stages[0].seconds
        case Users(requests=int(requests)):
            n = requests
        case Users(users=users, seconds=seconds, think=(shortest, _)):
            n = (run.most_rate or CLOSED_RATE) * (seconds or 0.0)
            if shortest:
                n = min(n, users * ((seconds or 0.0) // shortest + 1))
    if threshold.endpoint is None:
        return n
    if isinstance(run.scenario, Path):
        return None
    whole = sum(request.weight for request in run.scenario)
    return n * sum(r.weight for r in run.scenario if threshold.endpoint in (r.name, r.part)) / whole
