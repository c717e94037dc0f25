"""What a section about rate limits must say beyond the types of its keys, and the limits that it is about."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from pytest_deploycheck.checks.exchange.act import Act, sent_names
from pytest_deploycheck.checks.exchange.line import Line
from pytest_deploycheck.checks.exchange.rules import require_identity
from pytest_deploycheck.checks.exchange.section import Step
from pytest_deploycheck.checks.limits.section import RateLimitSection
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.names import ANONYMOUS

ONCE_MORE = 2
"""Requests that a limit has seen when its check has ended: that it recovers, and as another's `other`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One limit, and whose. `name` is empty where there is only one."""

    name: str = ""
    identity: str | None
    limit: int
    window: float
    other: str | None


def tiers_of(section: RateLimitSection) -> Iterator[Tier]:
    """Yield the limits of a section that keeps the rules.

    Where it names nobody else, the user of another tier shows that a limit is of one user: if its own limit
    recovers, and is not used up by being looked at.
    """
    if section.limit and section.window:
        yield Tier(identity=section.identity, limit=section.limit, window=section.window, other=section.other)
    for name, tier in section.tiers.items():
        able = [
            each.identity for each in section.tiers.values() if each is not tier and each.limit > ONCE_MORE
        ]
        neighbour = able[0] if able and section.recovers else None
        yield Tier(
            name=name,
            identity=tier.identity,
            limit=tier.limit,
            window=tier.window or section.window or 0.0,
            other=section.other or neighbour,
        )


def hold_rules(section: RateLimitSection, context: Context) -> None:
    """Refuse what would measure nothing, or harm.

    Raises:
        Misuse: naming the key.
    """
    _hold_number(section)
    for key, name in (("as", section.identity), ("other", section.other)):
        if name and name != ANONYMOUS:
            require_identity(name, context, (key,))
    if section.per == "address":
        _hold_address(section)
    elif not section.tiers and section.identity in (None, ANONYMOUS):
        raise Misuse("a limit per user, and no user", expected="as: an identity")
    if section.other and section.other == section.identity:
        raise Misuse(f"'{section.other}' shares the limit", at=("other",), expected="another identity")
    _hold_tiers(section, context)
    _hold_request(section)


def _hold_number(section: RateLimitSection) -> None:
    """One limit, or several tiers of it."""
    if not section.tiers:
        if section.limit is None or section.window is None:
            raise Misuse("no limit", expected="limit: 100 and window: 60s, or tiers")
        return
    for key, value in (("as", section.identity), ("limit", section.limit)):
        if value is not None:
            raise Misuse(f"'{key}' beside tiers, which have their own", at=(key,), expected="it in each tier")


def _hold_address(section: RateLimitSection) -> None:
    expected = "per: user"
    if section.other:
        raise Misuse(f"'{section.other}' shares the limit", at=("other",), expected=expected)
    if section.tiers:
        raise Misuse("an address is of no tier", at=("tiers",), expected=expected)
    if section.clients:
        raise Misuse("several clients have several limits", at=("clients",), expected=expected)


def _hold_tiers(section: RateLimitSection, context: Context) -> None:
    for name, tier in section.tiers.items():
        require_identity(tier.identity, context, ("tiers", name, "as"))
        if tier.identity == section.other:
            raise Misuse(f"'{section.other}' shares the limit", at=("other",), expected="another identity")
        if tier.window is None and section.window is None:
            raise Misuse(f"the tier '{name}' has no window", at=("tiers", name), expected="window: 60s")
    for (one, first), (two, second) in combinations(section.tiers.items(), 2):
        if first.identity == second.identity:
            raise Misuse(f"'{first.identity}' is of {one} and of {two}", at=("tiers", two, "as"))
        if (first.limit, first.window) == (second.limit, second.window):
            raise Misuse(
                f"{one} and {two} have the same limit: nobody could tell them apart",
                at=("tiers", two),
                expected="another limit or window",
            )


def _hold_request(section: RateLimitSection) -> None:
    if len(section.send.contents) > 1:
        given = " and ".join(sorted(section.send.contents))
        raise Misuse(f"{given} at once", at=("send",), expected="one of json, form and body")
    line = Line(section.method, section.path)
    if not (line.safe or section.read_only):
        raise Misuse(
            f"{section.method} may change the deployment, and it is sent until it is refused",
            at=("method",),
            expected="GET, or read_only: true where nothing can change, such as a login that fails",
        )
    if names := sorted(set(sent_names(Act(line, Step.model_construct(send=section.send), ANONYMOUS)))):
        raise Misuse(f"unknown name '{{{names[0]}}}'", expected=f"{{{{{names[0]}}}}} for the text itself")
