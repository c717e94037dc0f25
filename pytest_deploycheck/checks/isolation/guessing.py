"""Ids that are numbers in a row: those next to the asker's own lead to nothing of others."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pytest_deploycheck.checks.isolation.replies import (
    NO_JSON,
    all_answered,
    broken_control,
    document,
    other_layer,
    shown,
)
from pytest_deploycheck.checks.isolation.trespass import Pair, Rules, first_ids, listed
from pytest_deploycheck.checks.language.jsonpath import parse_path
from pytest_deploycheck.checks.language.template import as_text
from pytest_deploycheck.checks.surface.owned import Sources, find_ids
from pytest_deploycheck.checks.surface.path import filled, parameters
from pytest_deploycheck.checks.surface.reply import UNHANDLED
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.model.route import Route

GUESSES = 4

_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guessing:
    """A route of one thing, asked for with numbers next to the asker's own ids, at most four."""

    route: Route
    pair: Pair
    rules: Rules
    own: Sources
    others: Sources

    @property
    def spend(self) -> Spend:
        """The most that it sends."""
        return Spend(requests=self.own.requests + self.others.requests + 1 + GUESSES)

    @property
    def tenant(self) -> None:
        """It creates nothing."""

    def __str__(self) -> str:
        return f"{self.route.title} as {self.pair.asker.name} guesses nothing of {self.pair.other.name}"

    def steps(self) -> Steps:
        """Guess, while the asker reads its own."""
        own = yield from find_ids(self.own, self.pair.asker.name)
        if isinstance(own, Inconclusive):
            return own
        others = yield from find_ids(self.others, self.pair.other.name)
        if isinstance(others, Inconclusive):
            return others
        last = parameters(self.route.url)[-1]
        theirs = frozenset(as_text(value) for value in others[last])
        guesses = _guesses(own[last], theirs)
        if not guesses:
            return Passed("its ids are not numbers: there is nothing to count up or down")
        requests = tuple(self._request({**first_ids(own), last: each}) for each in (own[last][0], *guesses))
        replies = all_answered(requests, (yield requests))
        if isinstance(replies, Inconclusive):
            return replies
        if trouble := broken_control(requests[0], replies[0]):
            return trouble
        return self._judge(dict(zip(guesses, replies[1:], strict=True)), replies[0], theirs)

    def _request(self, ids: dict[str, object]) -> HttpRequest:
        return HttpRequest(
            method=self.route.method,
            target=filled(self.route.url, ids),
            identity=self.pair.asker.name,
            purpose="guess",
        )

    def _judge(self, replies: dict[str, Reply], control: Reply, theirs: frozenset[str]) -> Outcome:
        home = self.rules.home(self.pair.asker) or self._owner(control)
        served = {guess: reply for guess, reply in replies.items() if reply.ok}
        foreign = [guess for guess, reply in served.items() if self._foreign(guess, reply, home, theirs)]
        if foreign:
            return Failed(
                f"{foreign[0]}, next to its own, is served and belongs to another tenant",
                hint="the route looks the id up without the tenant",
            )
        unclear = [guess for guess, reply in served.items() if home is None or self._owner(reply) is None]
        if unclear:
            return Inconclusive(f"{listed(unclear)} is served and in no list: whose it is, nobody can tell")
        for reply in replies.values():
            if reply.status >= UNHANDLED:
                return Failed(f"expected a refusal, got {shown(reply)}")
            if not reply.ok and (trouble := other_layer(reply, control, bare=self.rules.bare)):
                return trouble
        return Passed(f"tried {listed(replies)}")

    def _foreign(self, guess: str, reply: Reply, home: str | None, theirs: frozenset[str]) -> bool:
        owner = self._owner(reply)
        return owner != home if owner is not None and home is not None else guess in theirs

    def _owner(self, reply: Reply) -> str | None:
        """The tenant that a thing belongs to, where the contract says how to tell."""
        data = document(reply)
        if self.route.listing.owner is None or data is NO_JSON:
            return None
        found = parse_path(self.route.listing.owner).find(data)
        return as_text(found[0]) if found and found[0] is not None else None


def _guesses(own: Iterable[object], theirs: frozenset[str]) -> tuple[str, ...]:
    """Numbers next to one's own, first those that the other is known to have."""
    guesses = tuple(dict.fromkeys(_neighbours(map(as_text, own))))
    return tuple(sorted(guesses, key=lambda guess: guess not in theirs)[:GUESSES])


def _neighbours(own: Iterable[str]) -> Iterator[str]:
    numbers = sorted({int(text) for text in own if _NUMBER.fullmatch(text)})
    for number in numbers:
        for guess in (number - 1, number + 1):
            if guess > 0 and guess not in numbers:
                yield str(guess)
