"""Reads rows as a role that sees all of them: where row-level security would hide one, the read errs."""

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_deploycheck.checks.database.reading import Asking, unanswered
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.evidence import Answers, Evidence, Refused, Rows
from pytest_deploycheck.model.kind import Context
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Statement, Transaction

_TOGETHER = 25
"""Statements of one transaction: no longer than these take does it hold its snapshot."""

DENIED, CANCELLED, LOCKED = "42501", "57014", "55P03"
"""insufficient_privilege, query_canceled and lock_not_available (PostgreSQL, appendix A)."""


def quoted(*names: str) -> str:
    """Return a qualified name for SQL."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def operators_path(catalog: Catalog) -> str:
    """Return a search_path on which the operators of extensions are found, citext's = for example."""
    schemas = {extension.schema for extension in catalog.extensions} - {"pg_catalog"}
    return ", ".join(("pg_catalog", *(quoted(schema) for schema in sorted(schemas))))


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads rows: `role`, or the login itself if it is None. `timeout` is in seconds, for a statement."""

    role: str | None
    timeout: float

    @classmethod
    def of(cls, context: Context, timeout: float) -> "Reader":
        """The reader of an environment."""
        return cls(context.environment.database_reader, timeout)

    def ask(
        self, statements: Sequence[Statement], purpose: str, settings: tuple[tuple[str, str], ...] = ()
    ) -> Asking[tuple[Rows | Refused, ...] | Inconclusive]:
        """Ask all `statements` in one round, and return what each returned."""
        if not statements:
            return ()
        seen = yield tuple(
            Transaction(
                statements=tuple(statements[start : start + _TOGETHER]),
                role=self.role,
                settings=(*settings, ("row_security", "off")),
                timeout=self.timeout,
                purpose=purpose,
            )
            for start in range(0, len(statements), _TOGETHER)
        )
        answers: list[Rows | Refused] = []
        for each in seen:
            if not isinstance(each, Answers):
                return self._unanswered(each)
            answers += each.answers
        return tuple(answers)

    def why(self, refused: Refused, what: str, tables: str) -> str:
        """Why `what` could not be read from `tables`, and what would decide it."""
        match refused.sqlstate:
            case code if code == DENIED:
                return f"{what}: {refused.message}; {self._missing_right(tables)}"
            case code if code == CANCELLED:
                return f"{what}: no answer within {self.timeout:g} s; a longer `timeout` would decide it"
            case code if code == LOCKED:
                return f"{what}: another session holds a lock on it"
            case _:
                return f"{what}: {refused.message} (SQLSTATE {refused.sqlstate})"

    def _missing_right(self, tables: str) -> str:
        if self.role is None:
            return "name a role that sees every row in `database_reader` of the environment"
        grant = f"GRANT SELECT ON {tables} TO {self.role}"
        return f"{grant}; where row-level security hides rows from it, ALTER ROLE {self.role} BYPASSRLS"

    def _unanswered(self, seen: Evidence) -> Inconclusive:
        told = unanswered(seen, "answers")
        if self.role and f"SQLSTATE {DENIED}" in told.reason:
            return Inconclusive(f"{told.reason}: GRANT {self.role} TO the database's login")
        return told
