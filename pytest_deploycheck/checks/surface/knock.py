"""The conversations that try a door: with bad credentials, and by detours."""

from collections.abc import Generator

from pytest_deploycheck.checks.surface import bypass, denial
from pytest_deploycheck.checks.surface.credentials import Bad
from pytest_deploycheck.checks.surface.denial import Attempt, Control
from pytest_deploycheck.checks.surface.door import Door
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.evidence import Claims, Evidence, Reply, Values
from pytest_deploycheck.model.identity import Forgery, forged_as
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Inspect, Probe, Variables


def with_bad_credentials(door: Door, bad: tuple[Bad, ...], credential: str, *, strict: bool) -> Steps:
    """Ask with each bad credential, beside `credential`, which must be let in."""
    fitting = yield from _fitting(door, bad)
    opened = yield from door.open(credential)
    if isinstance(opened, Inconclusive):
        return opened
    attempts = tuple(
        Attempt(each.name, door.ask(opened.target, each.identity, each.headers, each.name), each.statuses)
        for each in fitting
    )
    requests = tuple(attempt.request for attempt in attempts)
    if opened.control is None:
        evidence = yield requests
        return denial.judge(attempts, evidence, None, strict=strict)
    seen, *others = yield (opened.control, *requests)
    return denial.judge(attempts, others, Control(opened.control, seen), strict=strict)


def with_a_strangers(door: Door, bad: Bad, credential: str, *, strict: bool) -> Steps:
    """Ask with the credential of somebody who is no user here: one whose time is over proves nothing."""
    seen, clock = yield (Inspect(bad.identity), Variables(()))
    ends = seen.claims.get("exp") if isinstance(seen, Claims) else None
    now = clock.at.timestamp() if isinstance(clock, Values) else 0.0
    if isinstance(ends, int | float) and ends <= now:
        return Inconclusive(f"the token of {bad.identity} has expired: that alone is a reason to refuse it")
    return (yield from with_bad_credentials(door, (bad,), credential, strict=strict))


def without_header(door: Door, bad: tuple[Bad, ...]) -> Steps:
    """Ask with rightly signed tokens that are not in the header: nothing, if the route is open anyway."""
    opened = yield from door.open(forged_as(door.user.name, Forgery.RENEWED))
    if isinstance(opened, Inconclusive):
        return opened
    if opened.control is None:
        raise ValueError("a safe route is its own control")
    attempts = tuple(
        Attempt(each.name, door.ask(opened.target, each.identity, each.headers, each.name)) for each in bad
    )
    plain = door.ask(opened.target, ANONYMOUS, (), "no credential")
    first, bare, *others = yield (opened.control, plain, *(attempt.request for attempt in attempts))
    if isinstance(bare, Reply) and bare.ok:
        return Inconclusive(f"the route is open without any credential: got {bare.status}")
    return denial.judge(attempts, others, Control(opened.control, first), strict=False)


def by_detours(door: Door) -> Steps:
    """Ask for a GET route in other words, without a credential, beside its plain path and its control."""
    opened = yield from door.open(door.user.name)
    if isinstance(opened, Inconclusive):
        return opened
    if opened.control is None:
        raise ValueError("a safe route is its own control")
    detours = bypass.detours(opened.target)
    plain = door.ask(opened.target, ANONYMOUS, (), "plain path")
    first, denied, *others = yield (opened.control, plain, *(request for _, request in detours))
    names = [name for name, _ in detours]
    return bypass.judge(names, others, denied, Control(opened.control, first))


def _fitting(
    door: Door, bad: tuple[Bad, ...]
) -> Generator[tuple[Probe, ...], tuple[Evidence, ...], tuple[Bad, ...]]:
    """Leave out what means nothing for a token without a certain claim."""
    if not any(each.claim for each in bad):
        return bad
    (seen,) = yield (Inspect(door.user.name),)
    if not isinstance(seen, Claims):
        return bad
    return tuple(each for each in bad if not each.claim or each.claim in seen.claims)
