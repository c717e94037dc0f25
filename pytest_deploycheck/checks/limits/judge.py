"""Whether a count fits the declared limit: a fault, a doubt, or neither."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

from pytest_deploycheck.checks.limits.count import Count
from pytest_deploycheck.checks.limits.fields import told
from pytest_deploycheck.model.many import many


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """The declared limit. `user`: of one user, else of one address. `tolerance` is in requests.

    `others` are the limits of the other tiers, by their names.
    """

    limit: int
    window: float
    tolerance: int
    user: bool
    others: Mapping[str, int] = field(default_factory=dict)

    def allowed(self, elapsed: float) -> int:
        """The most that may be served in `elapsed` seconds: a bucket is refilled meanwhile."""
        return self.limit + ceil(self.limit * elapsed / self.window) + self.tolerance

    def hint(self, counted: Count) -> str:
        """What makes a limiter serve too many."""
        if self.user:
            return "users are not limited, or each replica counts for itself"
        if counted.counters > 1:
            return f"the same number remained {counted.counters} times: so many replicas count apart"
        return "the limiter is off, or each replica counts for itself"

    def of_another_tier(self, counted: Count) -> str:
        """Say whose limit was met instead, where it is that of another tier."""
        met = {each.limit for each in counted.told}
        if counted.refusal:
            met |= {told(counted.refusal).limit, counted.served}
        name = next((name for name, limit in self.others.items() if limit in met), None)
        return f"that is the limit of the tier {name}" if name else ""

    def __str__(self) -> str:
        return f"{self.limit} in {self.window:g} s"


@dataclass(frozen=True, slots=True)
class Judged:
    """`doubt`: what a count in a window of its own would decide."""

    faults: tuple[str, ...] = ()
    doubt: str = ""
    hint: str = ""


def judge(bound: Bound, counted: Count, *, fresh: bool) -> Judged:
    """Hold a count against the limit. `fresh`: nothing was sent in the window before it.

    Otherwise what the run sent before counts too, and a new window may have begun during the count.
    """
    if counted.refusal is None or counted.served > bound.allowed(counted.elapsed):
        return _too_many(bound, counted, certain=fresh or counted.one_window)
    left = bound.limit if counted.left_at_first is None else min(counted.left_at_first, bound.limit)
    if counted.served >= left - bound.tolerance:
        return Judged()
    if told(counted.refusal).limit not in (None, bound.limit):
        return Judged()  # another limit, as the 429 itself says: told with its fields
    return _too_few(bound, counted, fresh=fresh)


def _too_many(bound: Bound, counted: Count, *, certain: bool) -> Judged:
    if counted.sent <= bound.allowed(counted.elapsed):
        return Judged(
            doubt=f"{many(counted.sent, 'request')} took {counted.elapsed:.0f} s, "
            f"too slow for {bound} to be reached"
        )
    told_of = f"{many(counted.served, 'request was', 'requests were')} served before the first 429"
    if counted.refusal is None:
        told_of = f"{many(counted.sent, 'request')}, none refused"
    what = f"{told_of}; the contract says {bound}"
    if certain:
        return Judged(faults=(what,), hint=bound.hint(counted))
    return Judged(doubt=f"{what}, and a new window may have begun meanwhile")


def _too_few(bound: Bound, counted: Count, *, fresh: bool) -> Judged:
    what = f"429 after {many(counted.served, 'request')}; the contract says {bound}"
    if not fresh:
        return Judged(doubt=f"{what}, and what the run sent before counts too")
    if counted.served == 0:
        return Judged(faults=(f"still 429 after a window of {bound.window:g} s without a request",))
    if bound.user:
        return Judged(faults=(what,), hint="a lower limit is configured, or another one is met first")
    return Judged(doubt=f"{what}; somebody else may send from this address")
