"""What a load check must say before anything is sent: what can't be decided is refused, with arithmetic."""

from pathlib import Path

from pytest_deploycheck.checks.exchange.act import Act
from pytest_deploycheck.checks.exchange.line import Line, read_line
from pytest_deploycheck.checks.exchange.rules import hold_creation_rules, require_identity
from pytest_deploycheck.checks.exchange.section import Step
from pytest_deploycheck.checks.language.template import names_in
from pytest_deploycheck.checks.loading.plan import planned
from pytest_deploycheck.checks.loading.section import Ask, LoadSection
from pytest_deploycheck.checks.loading.sockets import hold_socket
from pytest_deploycheck.model.kind import Context, Loc, Misuse
from pytest_deploycheck.model.load import WEBSOCKET, Arrivals, LoadRun
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.names import ANONYMOUS, SAFE_METHODS
from pytest_deploycheck.statistics.bursts import LEAST_BLOCKS
from pytest_deploycheck.statistics.judge import least
from pytest_deploycheck.statistics.thresholds import Metric, Threshold

MOST_CREATIONS = 400
"""Removing one takes up to four requests, and removals have a budget of their own."""


def hold_rules(section: LoadSection, context: Context) -> None:
    """Refuse a section that contradicts itself, or would change the deployment.

    Raises:
        Misuse: at the part that is wrong.
    """
    _hold_source(section, context)
    _hold_data(section)
    _hold_shape(section)
    _hold_what_counts(section)
    for name in section.identity:
        _require(name, context, ("as",))
    for number, entry in enumerate(section.scenario):
        for key, ask in entry.items():
            at: Loc = ("scenario", number, key)
            if ask.identity:
                _require(ask.identity, context, (*at, "as"))
            hold_socket(key, ask, section, at)
            _hold_write(key, ask, section, at)
            _hold_names(key, ask, section, at)
    _hold_thresholds(section)


def _hold_source(section: LoadSection, context: Context) -> None:
    if bool(section.scenario) == bool(section.locustfile):
        what = "both scenario and locustfile" if section.scenario else "nothing to send"
        raise Misuse(what, expected="scenario: [GET /path], or locustfile: FILE")
    if section.locustfile and not (context.folder / section.locustfile).is_file():
        raise Misuse(
            f"'{section.locustfile}' is no file",
            at=("locustfile",),
            expected="a path from the contract's folder",
        )
    if section.locustfile and Path(section.locustfile).name.startswith("test_"):
        raise Misuse(
            f"'{section.locustfile}' would be collected by pytest, and importing locust breaks it",
            at=("locustfile",),
            expected="another name, such as locustfile.py",
        )


def _hold_data(section: LoadSection) -> None:
    if section.locustfile and section.data:
        raise Misuse("data belongs to a scenario", at=("data",), expected="it in the locustfile itself")
    if section.data_per == "user" and not (section.users and section.data):
        raise Misuse(
            "data_per: user without users, or without data",
            at=("data_per",),
            expected="users and data: each arrival is somebody else",
        )


def _hold_shape(section: LoadSection) -> None:
    if section.users and section.arrivals:
        raise Misuse(
            "users and arrivals",
            at=("users",),
            expected="one of them: users wait for answers, arrivals do not",
        )
    if section.requests and section.duration:
        raise Misuse("requests and duration", at=("requests",), expected="one of them")
    if section.preset == "stress" and (section.users or section.requests):
        raise Misuse(
            "a stress run raises its arrivals", expected="arrivals, up_to and duration of each stage"
        )
    if section.up_to and section.preset != "stress":
        raise Misuse("up_to without preset: stress", at=("up_to",), expected="preset: stress")
    if section.max_requests and not section.locustfile:
        raise Misuse("max_requests without a locustfile", at=("max_requests",), expected="requests")
    if section.processes > 1 and section.workers:
        raise Misuse("processes and workers", at=("processes",), expected="one of them")
    generators = section.workers.expected if section.workers else section.processes
    if section.users and section.users < generators:
        raise Misuse(
            f"{many(section.users, 'user')} on {many(generators, 'process', 'processes')}",
            expected="a user for each",
        )


def _hold_what_counts(section: LoadSection) -> None:
    """Refuse what would be passed over: who reads it in the contract would believe it."""
    told = section.model_fields_set
    if section.users is None:
        for key in ("spawn_rate", "think", "max_rate"):
            if key in told:
                raise Misuse(
                    f"{key} belongs to users, and arrivals are sent",
                    at=(key,),
                    expected=f"users, or no {key}",
                )
    elif "max_in_flight" in told:
        raise Misuse(
            "max_in_flight belongs to arrivals, and users are sent",
            at=("max_in_flight",),
            expected="arrivals, or no max_in_flight",
        )
    if section.locustfile and "think" in told:
        raise Misuse("think belongs to a scenario", at=("think",), expected="wait_time in the locustfile")
    if section.max_requests and section.requests and section.max_requests < section.requests:
        raise Misuse(
            f"max_requests: {section.max_requests} ends the run before its {section.requests} requests",
            at=("max_requests",),
            expected=f"at least {section.requests}",
        )


def _hold_thresholds(section: LoadSection) -> None:
    if not section.thresholds:
        raise Misuse("no thresholds", expected="thresholds: [p(95)<500ms, errors<1%]")
    for number, limit in enumerate(section.thresholds):
        if limit.threshold.abort_on_fail and limit.threshold.share is None:
            raise Misuse(
                f"abortOnFail on '{limit.threshold}': only shares are watched while they grow",
                at=("thresholds", number),
                expected="a percentile or errors, such as p(95)<500ms",
            )
    if section.preset == "stress" and all(limit.threshold.share is None for limit in section.thresholds):
        raise Misuse(
            "nothing would end the stress run: neither a mean nor a rate is watched while it grows",
            at=("thresholds",),
            expected="a percentile or errors beside them, such as p(95)<500ms",
        )


def _require(name: str, context: Context, at: Loc) -> None:
    if name != ANONYMOUS:
        require_identity(name, context, at)


def _hold_write(key: str, ask: Ask, section: LoadSection, at: Loc) -> None:
    line = read_line(key)
    if line is None or line.method == WEBSOCKET:
        return
    if ask.creates:
        _hold_creation(line, ask, section, at)
    elif line.method not in SAFE_METHODS and not (ask.read_only or section.read_only):
        raise Misuse(
            f"{line.method} may change the deployment, and nobody would undo it",
            at=at,
            expected="creates: {id, delete, find}, or read_only: true where it changes nothing",
        )


def _hold_creation(line: Line, ask: Ask, section: LoadSection, at: Loc) -> None:
    if ask.read_only or section.read_only:
        raise Misuse("read_only and creates contradict each other", at=at, expected="one of the two")
    if section.workers:
        raise Misuse(
            "what other machines create is not in this one's ledger", at=at, expected="processes, not workers"
        )
    step = Step.model_construct(_fields_set={"send", "creates"}, send=ask.send, creates=ask.creates)
    hold_creation_rules(Act(line, step, ANONYMOUS), at)


def hold_few_creations(run: LoadRun) -> None:
    """Refuse more creations than are removed.

    Raises:
        Misuse: with their number.
    """
    if run.creations > MOST_CREATIONS:
        raise Misuse(
            f"up to {run.creations} creations in one run",
            expected=f"at most {MOST_CREATIONS}: each is in the ledger, removed, and looked for again",
        )


def _hold_names(key: str, ask: Ask, section: LoadSection, at: Loc) -> None:
    """Refuse a name in braces that not every row of the test data fills."""
    send = ask.send
    told = [key.partition(" [")[0], ask.messages, ask.expect]
    used = names_in([*told, send.headers, send.query, send.document, send.form, send.body])
    for name in sorted(set(used) - ({"mark"} if ask.creates else set())):
        if not section.data or any(name not in row for row in section.data):
            raise Misuse(
                f"'{{{name}}}' has no value", at=at, expected=f"data: [{{{name}: ...}}], in every row"
            )


def hold_named(run: LoadRun, threshold: Threshold, at: Loc) -> None:
    """Refuse a threshold on requests that are not sent; those of a locustfile nobody knows.

    Raises:
        Misuse: with the names of those that are.
    """
    names_of_all = run.names | run.parts
    if not isinstance(run.scenario, Path) and threshold.endpoint not in (None, *names_of_all):
        names = ", ".join(sorted(names_of_all))
        raise Misuse(f"no request is called '{threshold.endpoint}'", at=at, expected=f"one of {names}")


def hold_decidable(run: LoadRun, threshold: Threshold, confidence: float, at: Loc) -> None:
    """Refuse a threshold that the planned run cannot decide.

    Raises:
        Misuse: with the arithmetic.
    """
    hold_named(run, threshold, at)
    n = planned(run, threshold)
    enough = least(threshold, confidence)
    if n is not None and n < enough:
        raise Misuse(
            f"'{threshold}' cannot be decided with {n:,.0f} requests: at {confidence:.0%} it takes at least "
            f"{enough:,}, all of them good",
            at=at,
            expected="more requests, a longer run, or a limit that allows more",
        )
    if threshold.metric is Metric.RATE:
        _hold_rate(run, threshold, at)


def _hold_rate(run: LoadRun, threshold: Threshold, at: Loc) -> None:
    offered = run.model.stages[0].rate if isinstance(run.model, Arrivals) else run.most_rate
    if offered is not None and offered < threshold.limit:
        raise Misuse(
            f"'{threshold}' cannot hold: at most {offered:g}/s are sent", at=at, expected="more arrivals"
        )
    seconds = run.model.seconds
    if seconds is not None and seconds < LEAST_BLOCKS:
        raise Misuse(
            f"'{threshold}' cannot be decided in {seconds:g} s",
            at=at,
            expected=f"at least {LEAST_BLOCKS}s: a rate is judged by its seconds",
        )
