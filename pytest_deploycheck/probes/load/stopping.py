"""Ends a run as soon as one of its stop rules is shown to be broken, however often one looks."""

from bisect import bisect

from pytest_deploycheck.model.load import StopRule
from pytest_deploycheck.probes.load.tally import Count, Tally
from pytest_deploycheck.statistics.decision import Ruling, percent
from pytest_deploycheck.statistics.eprocess import Watch


class Stopping:
    """Looks once a second at what came in since the last look."""

    def __init__(self, rules: tuple[StopRule, ...], tally: Tally) -> None:
        self._tally = tally
        self._watched = [_Watched(rule, tally.count(rule.limit, rule.endpoint)) for rule in rules]
        self._looked = 0.0

    def look(self) -> str:
        """Return which rule is broken, with the count; nothing if none is."""
        if self._tally.at < self._looked + 1:
            return ""
        self._looked = self._tally.at
        broken = [told for watched in self._watched if (told := watched.look(self._looked))]
        return f"{broken[0]} after {self._looked:.0f} s" if broken else ""


class _Watched:
    """A rule and what was counted for it until the last look."""

    def __init__(self, rule: StopRule, count: Count) -> None:
        self._rule = rule
        self._count = count
        self._watch = self._anew()
        self._stage = 0
        self._bad = self._n = 0

    def _anew(self) -> Watch:
        return Watch(self._rule.share, self._rule.confidence, block=self._rule.block)

    def look(self, at: float) -> str:
        """Look at what came in, `at` seconds after the warm-up; a new stage is looked at by itself."""
        stage = bisect(self._rule.ends, at)
        if stage != self._stage:
            self._stage, self._watch = stage, self._anew()
        bad, n = self._count.bad, self._count.n
        ruling = self._watch.look(bad - self._bad, n - self._n)
        self._bad, self._n = bad, n
        return (
            f"{self._rule.told}: {bad:,} of {n:,} bad ({percent(bad / n)})" if ruling is Ruling.FAILED else ""
        )
