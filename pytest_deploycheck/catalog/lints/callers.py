"""What a policy has to do with who asks: bound to the caller, true for everybody signed in, or open."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pytest_deploycheck.catalog.lints.case import Case
from pytest_deploycheck.catalog.lints.expressions import (
    Expression,
    Words,
    always,
    calls,
    is_tautology,
    narrows,
    own_columns,
    parts,
    read,
)
from pytest_deploycheck.model.relation import Policy, Relation

_SHOWN = 120
"""Characters of an expression that are shown."""

_WHO = frozenset({"CURRENT_USER", "SESSION_USER", "CURRENT_ROLE"})
_SETTING = frozenset({"current_setting"})
_SESSION = frozenset({"uid", "role", "jwt", "email"})
"""Functions that only tell who asks, as Supabase has them in auth."""
_EVERYBODY = frozenset({"'authenticated'", "'anon'", "''"})
_RELATES = frozenset({"=", "IN", "ANY", "@>", "<@", "&&", "?", "?|", "DISTINCT", "~~", "~~*", "~", "~*"})
"""Operators that tie a column to a value; those of patterns are another lint's."""


@dataclass(frozen=True)
class Clause:
    """One expression of a policy: USING, or WITH CHECK, which is USING's where it has none."""

    case: Case
    table: Relation
    policy: Policy
    word: str
    text: str | None

    @property
    def expression(self) -> Expression:
        """The expression, taken apart."""
        return read(self.text)

    @property
    def shown(self) -> str:
        """The expression on one line, not all of it if it is long: `USING (true)`."""
        text = " ".join((self.text or "nothing").split())
        text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
        return f"{self.word} {text if text.startswith('(') else f'({text})'}"

    @property
    def functions(self) -> frozenset[str]:
        """The functions that are not PostgreSQL's own."""
        return frozenset(function.name for function in self.policy.functions)

    def columns(self, part: Words) -> frozenset[str]:
        """Which columns of its own table a part uses."""
        names = tuple(column.name for column in self.table.columns) or self.policy.columns
        return own_columns(part, self.table.name.name, names)

    @property
    def used(self) -> frozenset[str]:
        """Which columns of its own table the whole uses."""
        return frozenset().union(*(self.columns(part) for part in parts(self.expression)))

    def is_true(self) -> bool:
        """Whether it is true for every row and everybody."""
        return always(self.expression, self._sure)

    def is_true_when_signed_in(self) -> bool:
        """Whether it is true for every row as soon as somebody is signed in."""
        return always(self.expression, lambda part: self._sure(part) or self._signed_in(part))

    def binds(self, columns: frozenset[str] | None = None) -> bool:
        """Whether each way to satisfy it ties one of these columns (any, if None) to who asks."""
        return self.ties(self.expression, columns)

    def ties(self, expression: Expression, columns: frozenset[str] | None = None) -> bool:
        """As `binds`, of a part."""
        return narrows(expression, lambda part: self._bound(part, columns))

    @property
    def guarded(self) -> bool:
        """Whether a restrictive policy for the same roles and command ties the row to who asks."""
        look = using if self.word == "USING" else checking
        columns = self.case.tenant_columns(self.table) or None
        mine = set(self.case.concerned(self.policy))
        for other in self.table.policies:
            meant = other.command in ("*", self.policy.command) and mine <= set(self.case.concerned(other))
            guard = look(self.case, self.table, other) if meant and not other.permissive else None
            if guard is not None and guard.binds(columns):
                return True
        return False

    def asks_caller(self, part: Words) -> bool:
        """Whether a part looks at who asks: the session, a function, a relation of the caller's own rows."""
        return (
            bool(_WHO & set(part))
            or calls(part, _SETTING | self.functions)
            or ("SELECT" in part and any(map(self._shows_own, self.policy.relations)))
        )

    def _shows_own(self, name: object) -> bool:
        relation = self.case.catalog.relation(str(name))
        return relation is not None and (relation.row_security or relation.kind == "v")

    def _bound(self, part: Words, columns: frozenset[str] | None) -> bool:
        used = self.columns(part)
        related = bool(_RELATES & set(part)) or calls(part, self.functions - _SESSION)
        negated = part[:1] == ("NOT",) and "DISTINCT" not in part
        return (
            bool(used & columns if columns else used) and related and not negated and self.asks_caller(part)
        )

    def _sure(self, part: Words) -> bool:
        return is_tautology(part) or self._not_null(part)

    def _not_null(self, part: Words) -> bool:
        column = self.table.column(part[0]) if part[1:] == ("IS", "NOT", "NULL") else None
        return column is not None and column.not_null

    def _signed_in(self, part: Words) -> bool:
        """No column, no other table, no function of the application's, no value but that of a sign-in."""
        return (
            not self.columns(part)
            and not self.policy.relations
            and self.functions <= _SESSION
            and self.asks_caller(part)
            and not any(_compared(part))
        )


def _compared(part: Words) -> list[str]:
    """The texts that something is compared with, but those that every session has."""
    texts = [word for word in part if word.startswith("'")]
    after = [part[place + 1 :] for place, word in enumerate(part) if word in ("=", "IN", "ANY", "@>", "?")]
    return [text for rest in after for text in rest if text in texts and text not in _EVERYBODY]


def using(case: Case, table: Relation, policy: Policy) -> Clause | None:
    """What lets rows be seen, changed or removed; None for INSERT."""
    return None if policy.command == "a" else Clause(case, table, policy, "USING", policy.using)


def checking(case: Case, table: Relation, policy: Policy) -> Clause | None:
    """What new rows must keep; None for SELECT and DELETE."""
    if policy.command in "rd":
        return None
    text = policy.check if policy.check is not None or policy.command == "a" else policy.using
    return Clause(case, table, policy, "WITH CHECK", text)


def wide(case: Case, name: str, is_wide: Callable[[Clause], bool]) -> Iterator[Clause]:
    """Of each permissive policy on a platform's table the first expression that lets too much through."""
    table = case.catalog.relation(name)
    for policy in case.policies_on(table) if table else ():
        clauses = (using(case, table, policy), checking(case, table, policy)) if table else ()
        told = (clause for clause in clauses if clause is not None and clause.text is not None)
        if found := next(filter(is_wide, told), None):
            yield found


def lacks(name: str) -> Callable[[Case], str]:
    """Tells whether a table of a platform is not there, so that nothing of it can be looked at."""
    return lambda case: "" if case.catalog.relation(name) else f"there is no table {name}"
