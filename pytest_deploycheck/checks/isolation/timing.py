"""Refusals by the clock: what another tenant owns is refused as fast as what nobody has.

Both are asked for in turn, in pairs, and chance decides which comes first in each: so whatever else slows the
deployment down meets both alike, and only a difference that is theirs is left.
"""

import random
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from pytest_deploycheck.checks.isolation.foreign import Apart, find_foreign
from pytest_deploycheck.checks.isolation.replies import all_answered, broken_control, shown
from pytest_deploycheck.checks.isolation.trespass import Pair, Rules, first_ids
from pytest_deploycheck.checks.surface.owned import Sources
from pytest_deploycheck.checks.surface.path import filled, nobodys_ids, parameters
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.evidence import Evidence, Reply
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest, Probe
from pytest_deploycheck.model.route import Route
from pytest_deploycheck.statistics.signed_rank import at_least, at_most, exceeding

DOUBT = 1e-6
"""How often, at most, a healthy route is said to tell: once in a million checks, in either direction."""

LEAST = 0.005
"""Seconds. A difference that is typically smaller is no finding: a network hides it, and so do caches."""

SIGHT = 0.1
"""Seconds. If noise could hide a difference as large as this, the check has seen nothing."""

SURE = 0.001
"""How often the difference may be larger than what is said to be its bound."""

LEAST_PAIRS = 21
"""With fewer, not even unanimous pairs leave as little doubt (0.5 ** 21 < DOUBT / 2)."""

DEFAULT_PAIRS = 40

Bundle: TypeAlias = Generator[
    tuple[Probe, ...], tuple[Evidence, ...], tuple[tuple[Reply, Reply], ...] | Inconclusive
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """A route of one thing, asked for with ids of the other's and with ids that nobody has, `pairs` times.

    `own` and `others` say where each finds ids.
    """

    route: Route
    pair: Pair
    rules: Rules
    own: Sources
    others: Sources
    pairs: int

    @property
    def spend(self) -> Spend:
        """The most that it sends: two controls, and the pairs."""
        return Spend(requests=self.own.requests + self.others.requests + 2 + 2 * self.pairs)

    @property
    def tenant(self) -> None:
        """It creates nothing."""

    def __str__(self) -> str:
        asker, other = self.pair.asker.name, self.pair.other.name
        return f"{self.route.title} as {asker} tells nothing of {other} by its time"

    def steps(self) -> Steps:
        """Find ids, see that their owner reads them and the asker its own; then take the time of refusals."""
        found = yield from find_foreign(self.pair, self.own, self.others)
        if isinstance(found, Inconclusive):
            return found
        controls = (
            self._request(self.pair.other.name, found.foreign, "control"),
            self._request(self.pair.asker.name, first_ids(found.own), "control"),
        )
        replies = all_answered(controls, (yield controls))
        if isinstance(replies, Inconclusive):
            return replies
        for control, reply in zip(controls, replies, strict=True):
            if trouble := broken_control(control, reply):
                return trouble
        timed = yield from self._timed(found.foreign, _theirs(found))
        return timed if isinstance(timed, Inconclusive) else self._judge(timed)

    def _timed(self, ids: dict[str, object], theirs: Sequence[object]) -> Bundle:
        """Ask in pairs, one by one. As many ids that nobody has as of the other's: caches help both alike."""
        last = parameters(self.route.url)[-1]
        nobodys = nobodys_ids(theirs[0], len(theirs))
        pairs: list[tuple[Reply, Reply]] = []
        for number, first in enumerate(_order(str(self), self.pairs)):
            asker, index = self.pair.asker.name, number % len(theirs)
            both = (
                self._request(asker, {**ids, last: theirs[index]}, "what the other owns"),
                self._request(asker, {**ids, last: nobodys[index]}, "what nobody has"),
            )
            seen: dict[bool, Reply] = {}
            for is_theirs in (first, not first):
                request = both[0] if is_theirs else both[1]
                replies = all_answered((request,), (yield (request,)))
                if isinstance(replies, Inconclusive):
                    return replies
                (seen[is_theirs],) = replies
            pairs.append((seen[True], seen[False]))
        return tuple(pairs)

    def _request(self, identity: str, ids: dict[str, object], purpose: str) -> HttpRequest:
        return HttpRequest(
            method=self.route.method, target=filled(self.route.url, ids), identity=identity, purpose=purpose
        )

    def _judge(self, pairs: tuple[tuple[Reply, Reply], ...]) -> Outcome:
        """Only refusals of one kind each can be held against one another."""
        for position, whose in enumerate((f"what {self.pair.other.name} owns", "what nobody has")):
            replies = [pair[position] for pair in pairs]
            if served := next((reply for reply in replies if reply.ok), None):
                return Inconclusive(f"{whose} is served ({served.status}): there is no refusal to time")
            if len({reply.status for reply in replies}) > 1:
                several = ", ".join(dict.fromkeys(map(shown, replies)))
                return Inconclusive(f"{whose} is refused in several ways: {several}")
        return ruled([theirs.elapsed - nobodys.elapsed for theirs, nobodys in pairs], self.pair.other.name)


def ruled(differences: Sequence[float], other: str) -> Outcome:
    """Decide by how many seconds later what `other` owns was refused than what nobody has, pair by pair."""
    for word, signed in (("later", list(differences)), ("sooner", [-each for each in differences])):
        if exceeding(signed, LEAST) <= DOUBT / 2:
            certain = at_least(signed, DOUBT / 2)
            return Failed(
                f"what {other} owns is refused {_ms(certain)} {word} than what nobody has, or more: "
                f"the time tells which ids exist ({many(len(signed), 'pair')}, "
                "less than one in a million by chance)",
                hint="look a thing up by its id and the tenant together, so that both are not found alike",
            )
    bound = max(at_most(differences, SURE), -at_least(differences, SURE))
    pairs = many(len(differences), "pair")
    if bound > SIGHT:
        return Inconclusive(
            f"the times vary so much that a difference of up to {_ms(bound)} may hide there ({pairs}): "
            "take more"
        )
    return Passed(f"no difference in time was shown: it is below {_ms(bound)} ({pairs})")


def _theirs(ids: Apart) -> tuple[object, ...]:
    """Ids of the other's for the last parameter; below another one, only the one that belongs there."""
    *above, last = ids.foreign
    if above:
        return (ids.foreign[last],)
    found = (each for each in ids.others[last] if each is not None and each not in ids.own[last])
    return tuple(islice(found, DEFAULT_PAIRS))


def _order(name: str, pairs: int) -> list[bool]:
    """Whether the other's comes first in each pair: by chance, in half of them, and the same in each run."""
    order = [index % 2 == 0 for index in range(pairs)]
    random.Random(name).shuffle(order)  # noqa: S311 - nobody must be unable to guess it
    return order


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
