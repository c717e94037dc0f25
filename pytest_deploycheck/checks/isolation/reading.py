"""Reading another's thing by its id: refused, while its owner reads it and the asker reads its own."""

from dataclasses import dataclass

from pytest_deploycheck.checks.isolation.foreign import find_foreign
from pytest_deploycheck.checks.isolation.replies import all_answered, broken_control, other_layer, shown
from pytest_deploycheck.checks.isolation.trespass import (
    PLAIN,
    Alteration,
    Pair,
    Rules,
    first_ids,
)
from pytest_deploycheck.checks.surface.owned import Ids, Sources
from pytest_deploycheck.checks.surface.path import filled, nobodys_id, parameters
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.model.route import Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A route of one thing, asked for with an id of the other.

    `own` and `others` say where each finds ids. `within`: all but the last id of the path are the asker's
    own, so that only the last reaches over.
    """

    route: Route
    pair: Pair
    rules: Rules
    own: Sources
    others: Sources
    alteration: Alteration = PLAIN
    within: bool = False

    @property
    def spend(self) -> Spend:
        """The most that it sends: the attempt, two controls, an id that nobody has, and HEAD."""
        return Spend(requests=self.own.requests + self.others.requests + 3 + 2 * self.plain)

    @property
    def plain(self) -> bool:
        """Whether it is tried without anything beside the path, and is asked what does not exist as well."""
        return self.alteration == PLAIN and not self.within

    @property
    def tenant(self) -> None:
        """It creates nothing."""

    def __str__(self) -> str:
        label = " [below its own]" if self.within else str(self.alteration)
        return f"{self.route.title} as {self.pair.asker.name} shows nothing of {self.pair.other.name}{label}"

    def steps(self) -> Steps:
        """Find ids of both, then ask for the other's, and for what proves that a refusal means something."""
        found = yield from find_foreign(self.pair, self.own, self.others)
        if isinstance(found, Inconclusive):
            return found
        requests = self._requests(found.foreign, found.own)
        replies = all_answered(requests, (yield requests))
        if isinstance(replies, Inconclusive):
            return replies
        return self._judge(requests, replies)

    def _requests(self, foreign: dict[str, object], own: Ids) -> tuple[HttpRequest, ...]:
        """The attempt, the owner's request, the asker's own, one for what does not exist, and one by HEAD."""
        last = parameters(self.route.url)[-1]
        mine = first_ids(own)
        aimed = {**mine, last: foreign[last]} if self.within else foreign
        asker, other = self.pair.asker.name, self.pair.other.name
        nobodys = {**aimed, last: nobodys_id(foreign[last])}
        return (
            self.alteration.of(self._request(asker, aimed, "request")),
            self._request(other, foreign, "control"),
            self._request(asker, mine, "control"),
            *(
                (self._request(asker, nobodys, "unknown id"), self._request(asker, foreign, "HEAD"))
                if self.plain
                else ()
            ),
        )

    def _request(self, identity: str, ids: dict[str, object], purpose: str) -> HttpRequest:
        return HttpRequest(
            method="HEAD" if purpose == "HEAD" else self.route.method,
            target=filled(self.route.url, ids),
            identity=identity,
            purpose=purpose,
        )

    def _judge(self, requests: tuple[HttpRequest, ...], replies: tuple[Reply, ...]) -> Outcome:
        """That the owner reads it comes first: else nobody knows whose it is."""
        attempt, owners, own, *more = replies
        if trouble := broken_control(requests[1], owners):
            return trouble
        if attempt.ok:
            return Failed(
                f"expected {self.rules.denied}, got {attempt.status} for what {self.pair.other.name} owns",
                hint="the route looks the id up without the tenant",
            )
        if trouble := broken_control(requests[2], own) or other_layer(attempt, own, bare=self.rules.bare):
            return trouble
        if attempt.status not in self.rules.denied:
            return Failed(f"expected {self.rules.denied}, got {shown(attempt)}")
        if not more:
            return Passed()
        unknown, head = more
        if head.ok:
            return Failed(
                f"HEAD: got {head.status} for what {self.pair.other.name} owns; GET got {attempt.status}",
                hint="bind every method to the tenant: the length of an answer tells something, too",
            )
        return self._judge_oracle(attempt, unknown)

    def _judge_oracle(self, attempt: Reply, unknown: Reply) -> Outcome:
        """Whether the refusal tells that the id exists."""
        if attempt.status == unknown.status:
            return Passed()
        told = f"{attempt.status} for what exists, {unknown.status} for what does not: that tells ids apart"
        return Failed(told, hint="answer both alike") if self.rules.strict else Passed(told)
