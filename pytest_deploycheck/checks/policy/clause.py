"""Judges the policies of one command on one relation, about old rows (USING) or new ones (WITH CHECK)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_deploycheck.checks.policy import causes
from pytest_deploycheck.checks.policy.census import Census
from pytest_deploycheck.checks.policy.findings import DECLARE, Finding, Open, Undecided
from pytest_deploycheck.checks.policy.rules import CHECK, USING, Rule, rules
from pytest_deploycheck.checks.policy.samples import Origin, Sample
from pytest_deploycheck.checks.policy.scene import Scene
from pytest_deploycheck.checks.policy.subjects import Belongs, Subject
from pytest_deploycheck.checks.policy.trying import Tried
from pytest_deploycheck.checks.policy.wording import listed
from pytest_deploycheck.model.evidence import Refused

_DOES = {
    ("insert", CHECK): "takes new rows of {}",
    ("update", USING): "lets rows of {} be changed",
    ("update", CHECK): "lets rows be moved to {}",
    ("delete", USING): "lets rows of {} be deleted",
}


_OTHERS = {
    Belongs.SHARED: "everybody",
    Belongs.PRIVATE: "the service",
    Belongs.UNKNOWN: "nobody knows whom",
}
"""Whose the rows of a relation are that belong to no tenant."""


@dataclass(frozen=True, slots=True)
class Clause:
    """What the policies of a command, applied to an actor, say about old or new rows of a relation."""

    scene: Scene
    subject: Subject
    command: str
    clause: str

    def judge(self) -> Iterator[Finding]:
        """Tell which rows that it must not touch they let through, or why nobody knows."""
        applied = self._rules(self.clause)
        rows = self.scene.rows[self.subject.key]
        tried = self.scene.tried.get(self.subject.key)
        if not any(rule.policy.permissive for rule in applied) or not self._is_reached(tried):
            return
        if isinstance(rows, Refused):
            yield Undecided(self.subject.name, self.scene.uncounted(self.subject, rows))
        elif tried is None:
            yield Undecided(self.subject.name, "its policies were not tried")
        elif refusal := tried.refusal(applied):
            why = f"the policies for {self.command} cannot be tried: {refusal.message} ({refusal.sqlstate})"
            yield Undecided(self.subject.name, why)
        else:
            yield from self._judge(applied, tried, rows)

    def _judge(self, applied: tuple[Rule, ...], tried: Tried, rows: Census) -> Iterator[Finding]:
        wrong = [each for each in tried.accepted(applied) if self._is_wrong(each)]
        if wrong:
            yield self._open(wrong, tried.accepting(applied, wrong[0]))
        elif why := self._gap(rows):
            yield Undecided(self.subject.name, why)

    def _rules(self, clause: str) -> tuple[Rule, ...]:
        return rules(self.subject.relation, self.command, clause, self.scene.roles)

    def _is_reached(self, tried: Tried | None) -> bool:
        """Whether the actor can set whose a row is at all; to move a row, it must get hold of one."""
        rights = self.scene.rights[self.subject.key]
        if self.clause == USING:
            return True
        if self.command == "insert":
            return rights.plants
        old = self._rules(USING)
        return rights.moves and (tried is None or bool(tried.refusal(old) or tried.accepted(old)))

    def _is_wrong(self, sample: Sample) -> bool:
        """Whether the actor must not touch such a row."""
        may = self.subject.may_write(self.scene.acting.actor.roles)
        if self.subject.belongs is not Belongs.TENANTS:
            return not may
        if sample.origin is Origin.COPY and (self.clause == USING or self._is_tied()):
            return False
        if sample.tenant is None:
            return self.subject.writers is None or not may
        if sample.tenant in self.scene.acting.own:
            return not may
        return True

    def _is_tied(self) -> bool:
        """Whether a foreign key ties the tenant of a row to another column that policies look at.

        Then nobody can write a row that names one tenant here and another there.
        """
        column = self.subject.owner.column if self.subject.owner else ""
        used = set(self.subject.used) - {column}
        keys = (each for each in self.subject.relation.constraints if each.kind == "f" and each.validated)
        return any(column in key.columns and used & set(key.columns) for key in keys)

    def _open(self, wrong: Sequence[Sample], through: Sequence[Rule]) -> Open | Undecided:
        what = _DOES[self.command, self.clause].format(self._whose(wrong))
        if (trigger := self._trigger()) and self.clause == CHECK:
            why = f"{what}, unless its trigger {trigger} sees to it: `writes: true` would decide"
            return Undecided(self.subject.name, why)
        cause, mend = causes.blamed(self.subject, through)
        if self.subject.belongs is Belongs.UNKNOWN:
            return Undecided(self.subject.name, f"{what}; {DECLARE}; {cause}")
        return Open(self.subject.name, what, mend, cause)

    def _whose(self, wrong: Sequence[Sample]) -> str:
        if self.subject.belongs is not Belongs.TENANTS:
            return _OTHERS[self.subject.belongs]
        strange = dict.fromkeys(each.tenant for each in wrong if each.tenant not in self.scene.acting.own)
        if strange:
            return listed(map(self.scene.named, strange))
        return f"its own tenant (which only {listed(sorted(self.subject.writers or ()), 'or')} may)"

    def _trigger(self) -> str:
        """A trigger that runs before the policies, and speaks of the column that tells whose a row is."""
        column = self.subject.owner.column if self.subject.owner else ""
        if not column:
            return ""
        bodies = {function.name: function.body for function in self.scene.catalog.functions}
        before = re.compile(rf"\bBEFORE\b.*\b{self.command.upper()}\b.*\bFOR EACH ROW\b")
        speaks = re.compile(rf"\b{re.escape(column)}\b")
        for each in self.subject.relation.triggers:
            if (
                each.enabled in "OA"
                and before.search(each.definition)
                and speaks.search(bodies.get(each.function, ""))
            ):
                return each.name
        return ""

    def _gap(self, rows: Census) -> str:
        """Why it proves too little that they let no such row through, if so."""
        used = set(self.subject.used)
        owner = self.subject.owner
        if used <= ({owner.column} if owner else set()):
            return ""
        others = rows.beside(self.scene.acting.own) if owner else tuple(rows.groups)
        if not others and not self.scene.belongs_to_all:
            return (
                "no row of another tenant to try its policies on"
                if owner
                else "no row to try its policies on"
            )
        if any(rows.groups[tenant].more for tenant in others):
            return f"its policies were tried on some rows only: they use {listed(sorted(used))}"
        return ""
