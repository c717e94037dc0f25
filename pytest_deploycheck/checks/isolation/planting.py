"""Creating something with another's tenant named in it: refused, or it belongs to whoever creates it."""

from collections.abc import Generator
from dataclasses import dataclass
from itertools import starmap

from pytest_deploycheck.checks.isolation.replies import all_answered, broken_control, other_layer, shown
from pytest_deploycheck.checks.isolation.thing import Recipe, Thing
from pytest_deploycheck.checks.isolation.trespass import Alteration, Pair, Rules
from pytest_deploycheck.checks.surface.owned import find_ids
from pytest_deploycheck.checks.surface.reply import UNHANDLED
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.evidence import Evidence, Reply
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest, Probe
from pytest_deploycheck.model.route import Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Planting:
    """A creation that names the other's tenant somewhere in the request, or something of the other's.

    `borrowed` is the name of something that the asker does not own and uses nevertheless.

    `standing` is a route that shows that the other is let in, so that what it cannot read is not its own.
    """

    recipe: Recipe
    pair: Pair
    rules: Rules
    alteration: Alteration
    borrowed: str = ""
    standing: Route | None = None

    @property
    def spend(self) -> Spend:
        """Two creations, four readings, a control, and the removal of what should not be there."""
        once = self.recipe.spend(self.pair.asker)
        lists = self.recipe.sources(self.pair.other).requests if self.borrowed else 0
        return once + once + Spend(requests=lists + 5 + (self.standing is not None), writes=1)

    @property
    def tenant(self) -> str | None:
        """Where it creates something, if all is well."""
        return self.pair.asker.tenant

    def __str__(self) -> str:
        other = self.pair.other.name
        return f"{self.recipe.line} as {self.pair.asker.name} plants nothing at {other}{self.alteration}"

    def steps(self) -> Steps:
        """Create honestly, to prove that it can be done; then name the other's tenant."""
        honest = yield from self.recipe.create(self.pair.asker)
        if isinstance(honest, Inconclusive):
            return honest
        borrowed = yield from self._borrow(honest)
        if isinstance(borrowed, Inconclusive):
            return borrowed
        made = yield from self.recipe.make(self.pair.asker, self.alteration, borrowed)
        if isinstance(made, Inconclusive):
            return made
        _, reply, known = made
        if not reply.ok:
            return self._refused(reply, honest.reply)
        planted = self.recipe.id_of(reply, known)
        if planted is None:
            where = self.recipe.creates.id
            return Inconclusive(f"got {reply.status}, and nothing at {where}: what it made, nobody knows")
        return (yield from self._whose(Thing(planted, known, reply), honest))

    def _borrow(
        self, honest: Thing
    ) -> Generator[tuple[Probe, ...], tuple[Evidence, ...], dict[str, object] | Inconclusive]:
        """An id of the other's for what is borrowed; nothing where nothing is."""
        if not self.borrowed:
            return {}
        ids = yield from find_ids(self.recipe.sources(self.pair.other), self.pair.other.name)
        if isinstance(ids, Inconclusive):
            return ids
        found = [each for each in ids[self.borrowed] if each not in (None, honest.known[self.borrowed])]
        if not found:
            return Inconclusive(f"{self.pair.other.name} finds no other {self.borrowed} to borrow")
        return {self.borrowed: found[0]}

    def _refused(self, reply: Reply, control: Reply) -> Outcome:
        if reply.status >= UNHANDLED or reply.status not in range(400, 500):
            return Failed(f"expected a refusal, or 2xx and one's own, got {shown(reply)}")
        return other_layer(reply, control, bare=self.rules.bare) or Passed(f"refused: {reply.status}")

    def _whose(self, planted: Thing, honest: Thing) -> Steps:
        """Whoever can read it owns it, unless the other reads also what is surely the asker's."""
        read, (asker, other) = self.recipe.read, (self.pair.asker, self.pair.other)
        requests = (
            read(asker, planted.id, planted.known, "whose it is"),
            read(other, planted.id, planted.known, "whose it is"),
            read(asker, honest.id, honest.known, "control"),
            read(other, honest.id, honest.known, "control"),
            *self._standing,
        )
        replies = all_answered(requests, (yield requests))
        if isinstance(replies, Inconclusive):
            return replies
        own, others, honest_own, honest_others, *standing = replies
        if others.ok and not honest_others.ok:
            yield (self.recipe.remove(other, planted.id, planted.known),)
            return Failed(
                f"got {planted.reply.status}, and {other.name} reads what that created: it is in its tenant",
                hint="take the tenant from the credential, never from the request",
            )
        controls = zip((requests[2], *self._standing), (honest_own, *standing), strict=True)
        if trouble := next(filter(None, starmap(broken_control, controls)), None):
            return trouble
        if honest_others.ok:
            return Inconclusive(f"{other.name} reads what {asker.name} owns: reading cannot tell whose it is")
        if not own.ok:
            return Inconclusive(f"neither can read what was created ({own.status}, {others.status})")
        note = "" if self.standing else f"; no route shows that {other.name} is let in at all"
        return Passed(f"it belongs to {asker.name}{note}")

    @property
    def _standing(self) -> tuple[HttpRequest, ...]:
        if self.standing is None:
            return ()
        path, name = self.standing.url, self.pair.other.name
        return (HttpRequest(method="GET", target=path, identity=name, purpose="control"),)
