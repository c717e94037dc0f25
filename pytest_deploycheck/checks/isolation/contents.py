"""Lists, judged by their contents: nothing that the other really owns stands in the asker's."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TypeAlias

from pytest_deploycheck.checks.isolation.items import Seen, seen_in
from pytest_deploycheck.checks.isolation.pages import Reading, read_on
from pytest_deploycheck.checks.isolation.replies import (
    all_answered,
    named,
    other_layer,
    shown,
)
from pytest_deploycheck.checks.isolation.totals import miscounted
from pytest_deploycheck.checks.isolation.trespass import PLAIN, Alteration, Pair, Rules, first_ids
from pytest_deploycheck.checks.language.jsonpath import JsonPath
from pytest_deploycheck.checks.language.template import as_text
from pytest_deploycheck.checks.surface.owned import Sources, find_ids
from pytest_deploycheck.checks.surface.path import filled, parameters
from pytest_deploycheck.checks.surface.reply import UNHANDLED
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.evidence import Evidence, Reply
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.many import many, some
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest, Probe
from pytest_deploycheck.model.route import Route

Replies: TypeAlias = Generator[
    tuple[Probe, ...], tuple[Evidence, ...], tuple[tuple[HttpRequest, Reply], ...] | Inconclusive
]


@dataclass(frozen=True, slots=True)
class Search:
    """A query parameter, and where in the other's first item the value for it stands."""

    name: str
    path: JsonPath


@dataclass(frozen=True, slots=True)
class Known:
    """What each owns, by the lists that they get when they ask plainly."""

    own: Seen
    others: Seen
    home: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """A list asked for plainly, at the other's path, with something beside it, or for the other's values.

    `own` and `others` say where each finds the ids in the path.
    """

    route: Route
    pair: Pair
    rules: Rules
    own: Sources
    others: Sources
    alteration: Alteration = PLAIN
    search: Search | None = None

    @property
    def plain(self) -> bool:
        """Whether the asker's own list is all that there is to judge."""
        return self.alteration == PLAIN and self.search is None and not parameters(self.route.url)

    @property
    def spend(self) -> Spend:
        """The most that it sends."""
        more = (self.rules.pages - 1) * (1 if self.route.listing.owner else 2)
        attack = 2 if self.search else more if self.plain else 1
        return Spend(requests=self.own.requests + self.others.requests + 2 + attack)

    @property
    def tenant(self) -> None:
        """It creates nothing."""

    def __str__(self) -> str:
        label = f" [{self.search.name}]" if self.search else str(self.alteration)
        return f"{self.route.title} as {self.pair.asker.name} shows nothing of {self.pair.other.name}{label}"

    def steps(self) -> Steps:
        """Ask for both lists; then try to get the other's."""
        own = yield from find_ids(self.own, self.pair.asker.name)
        if isinstance(own, Inconclusive):
            return own
        others = yield from find_ids(self.others, self.pair.other.name)
        if isinstance(others, Inconclusive):
            return others
        mine = self._request(self.pair.asker, filled(self.route.url, first_ids(own)))
        theirs = self._request(self.pair.other, filled(self.route.url, first_ids(others)))
        lists = yield from _asked(replace(theirs, purpose="control"), mine)
        if isinstance(lists, Inconclusive):
            return lists
        known = self._known(*lists)
        if isinstance(known, Failed | Inconclusive):
            return known
        if self.plain:
            return (yield from self._read_on(lists[0], lists[1], known))
        attack = replace(theirs, identity=self.pair.asker.name)
        return (yield from self._attack(attack, known, lists[0][1]))

    def _read_on(
        self, theirs: tuple[HttpRequest, Reply], mine: tuple[HttpRequest, Reply], known: Known
    ) -> Steps:
        """Judge the asker's list, then with the pages that it leads to.

        Where items don't say whose they are, the other's pages tell what is the other's.
        """
        first = self._judge_reply(*mine, known)
        if not isinstance(first, Passed):
            return first
        own = yield from self._book(mine, known.own)
        if isinstance(own, Inconclusive):
            return own
        if own.pages > 1 and self.route.listing.owner is None:
            others = yield from self._book(theirs, known.others)
            if isinstance(others, Inconclusive):
                return others
            known = replace(known, others=others.seen)
        outcome = self._judge(own.seen, known)
        return Passed(outcome.note + own.told) if isinstance(outcome, Passed) else outcome

    def _book(self, first: tuple[HttpRequest, Reply], seen: Seen) -> Reading:
        return read_on((*first, seen), self.route.listing, self.rules.base_url, self.rules.pages)

    def _attack(self, attack: HttpRequest, known: Known, control: Reply) -> Steps:
        if self.search:
            return (yield from self._searched(attack, known, self.search))
        answers = yield from _asked(self.alteration.of(attack))
        if isinstance(answers, Inconclusive):
            return answers
        ((request, reply),) = answers
        if not reply.ok:
            return self._refused(reply, control)
        return self._judge_reply(request, reply, known)

    def _searched(self, attack: HttpRequest, known: Known, search: Search) -> Steps:
        """The other finds its own by the value; whoever else searches for it must not."""
        found = search.path.find(known.others.first)
        if not found or found[0] in (None, ""):
            return Inconclusive(
                f"the first item of {self.pair.other.name} has no {search.path} to search for"
            )
        altered = Alteration(query=((search.name, as_text(found[0])),)).of(attack)
        control = replace(altered, identity=self.pair.other.name, purpose="control")
        answers = yield from _asked(control, altered)
        if isinstance(answers, Inconclusive):
            return answers
        theirs = seen_in(*answers[0], self.route.listing)
        if isinstance(theirs, Inconclusive):
            return theirs
        if not theirs.ids:
            return Inconclusive(f"{named(control)} finds nothing: a search that finds nothing proves nothing")
        return self._judge_reply(*answers[1], known)

    def _judge_reply(self, request: HttpRequest, reply: Reply, known: Known) -> Outcome:
        got = seen_in(request, reply, self.route.listing)
        if isinstance(got, Inconclusive):
            return got
        outcome = self._judge(got, known)
        if isinstance(outcome, Failed):
            return outcome
        told = miscounted(request, reply, self.route.listing, len(got.ids), self.rules.base_url)
        return told or outcome

    def _refused(self, reply: Reply, control: Reply) -> Outcome:
        """To refuse what is asked beside the path, or another's path, is right too."""
        if reply.status >= UNHANDLED or reply.status not in range(400, 500):
            return Failed(f"expected 2xx or a refusal, got {shown(reply)}")
        return other_layer(reply, control, bare=self.rules.bare) or Passed(f"refused: {reply.status}")

    def _known(
        self, theirs: tuple[HttpRequest, Reply], mine: tuple[HttpRequest, Reply]
    ) -> Known | Failed | Inconclusive:
        """What each owns; lists that hold nothing prove nothing."""
        others = seen_in(*theirs, self.route.listing)
        own = seen_in(*mine, self.route.listing)
        if isinstance(others, Inconclusive):
            return others
        if isinstance(own, Inconclusive):
            return own
        for (request, _), seen in ((theirs, others), (mine, own)):
            if not seen.ids:
                return Inconclusive(f"{named(request)} is empty: what stands in other lists proves nothing")
        home = self.rules.home(self.pair.asker)
        if home is None and own.owners:
            tenants = tuple(dict.fromkeys(own.owners))
            if len(tenants) > 1:
                return Failed(
                    f"{named(mine[0])}: {many(len(own.ids), 'item')} belong to {len(tenants)} tenants"
                )
            (home,) = tenants
        others = others.without(home)
        if not others.ids:
            return Inconclusive(
                f"{named(theirs[0])}: all items belong to the tenant of {self.pair.asker.name}"
            )
        return Known(own, others, home)

    def _judge(self, got: Seen, known: Known) -> Outcome:
        if foreign := got.foreign(known.home):
            count = some(len(foreign), len(got.ids), "item", "belongs", "belong")
            return Failed(
                f"{count} to other tenants, the first is {foreign[0]}",
                hint="the list is not bound to the tenant",
            )
        shared = [each for each in got.ids if each in known.others.ids]
        if shared:
            count = some(len(shared), len(got.ids), "item", "is", "are")
            told = f"{count} those of {self.pair.other.name}, the first is {shared[0]}"
            return Failed(told, hint="the list is not bound to the tenant")
        return Passed(f"{many(len(got.ids), 'item')}, none of {len(known.others.ids)}")

    def _request(self, identity: Identity, target: str) -> HttpRequest:
        return HttpRequest(method=self.route.method, target=target, identity=identity.name)


def _asked(*requests: HttpRequest) -> Replies:
    """Ask together, and return each request with its reply."""
    replies = all_answered(requests, (yield requests))
    return replies if isinstance(replies, Inconclusive) else tuple(zip(requests, replies, strict=True))
