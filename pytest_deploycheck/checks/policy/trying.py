"""Has the actor itself try the expressions of policies on rows, as the server would.

The rows come as JSON, so that nothing must be visible to the actor; its role, claims and rights are its own,
and so is what it sees of other relations that an expression reads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pytest_deploycheck.checks.database.reader import quoted
from pytest_deploycheck.checks.policy.batch import Part, Table
from pytest_deploycheck.checks.policy.rules import Rule, texts
from pytest_deploycheck.checks.policy.samples import Sample
from pytest_deploycheck.checks.policy.subjects import WHOLE_ROW, Subject
from pytest_deploycheck.checks.policy.wording import literal, name_of
from pytest_deploycheck.model.evidence import Refused


@dataclass(frozen=True, slots=True)
class Trial:
    """The rows that the policies of a relation are tried on; `keys` are those of answers, by expression."""

    samples: tuple[Sample, ...]
    keys: Mapping[str, int]


class Trials:
    """What is tried: the same expression on the same rows once, whichever relations it stands at."""

    def __init__(self) -> None:
        self._keys: dict[str, int] = {}

    def trial(self, subject: Subject, samples: tuple[Sample, ...], roles: frozenset[str]) -> Trial:
        """Add what holds `roles` on a relation."""
        asked = {text: _asked(subject, samples, text) for text in texts(subject.relation, roles)}
        return Trial(
            samples, {text: self._keys.setdefault(sql, len(self._keys)) for text, sql in asked.items()}
        )

    @property
    def parts(self) -> tuple[Part, ...]:
        """Ask which of the rows each expression accepts."""
        return tuple(Part(key, f"SELECT {key}, {sql}") for sql, key in self._keys.items())


def _asked(subject: Subject, samples: tuple[Sample, ...], text: str) -> str:
    rows = literal(f"[{', '.join(sample.row for sample in samples)}]")
    return f"""ARRAY(
  SELECT deploycheck_number::int4
  FROM pg_catalog.jsonb_array_elements({rows}::jsonb) WITH ORDINALITY
         AS deploycheck_rows (deploycheck_row, deploycheck_number),
       LATERAL {_row(subject, text)}
  WHERE ({text}))"""


def _row(subject: Subject, text: str) -> str:
    """A row with the columns that policies use; of the relation's own type where the expression names it."""
    relation = subject.relation
    if relation.name.name in text or WHOLE_ROW in text:
        record = f"pg_catalog.jsonb_populate_record(NULL::{name_of(relation.name)}, deploycheck_row)"
        return f"{record} AS {quoted(relation.name.name)}"
    used = frozenset(subject.looked_at)
    columns = [f"{quoted(each.name)} {each.type}" for each in relation.columns if each.name in used]
    listed = ", ".join(columns) or "deploycheck_nothing text"
    return f"pg_catalog.jsonb_to_record(deploycheck_row) AS deploycheck_new ({listed})"


@dataclass(frozen=True, slots=True)
class Tried:
    """Which rows each expression accepts, by their place among the samples, or why nobody knows."""

    samples: tuple[Sample, ...] = ()
    takes: Mapping[str, frozenset[int] | Refused] = field(default_factory=dict)

    def refusal(self, applied: Sequence[Rule]) -> Refused | None:
        """Why nobody knows what these rules accept, if so."""
        answers = (self.takes.get(rule.text) for rule in applied)
        return next((each for each in answers if isinstance(each, Refused)), None)

    def accepted(self, applied: Sequence[Rule]) -> tuple[Sample, ...]:
        """The samples that all rules together let through: some permissive one, and every restrictive one."""
        some = frozenset[int]().union(*(self._takes(rule) for rule in applied if rule.policy.permissive))
        every = (self._takes(rule) for rule in applied if not rule.policy.permissive)
        return tuple(self.samples[place] for place in sorted(some.intersection(*every)))

    def accepting(self, applied: Sequence[Rule], sample: Sample) -> tuple[Rule, ...]:
        """The permissive rules that let a sample through."""
        place = self.samples.index(sample)
        return tuple(rule for rule in applied if rule.policy.permissive and place in self._takes(rule))

    def _takes(self, rule: Rule) -> frozenset[int]:
        found = self.takes.get(rule.text, frozenset[int]())
        return frozenset() if isinstance(found, Refused) else found


def parsed(made: Trial, answers: Mapping[int, Table | Refused]) -> Tried:
    """Return what the answers to a trial's parts tell."""
    takes: dict[str, frozenset[int] | Refused] = {}
    for text, key in made.keys.items():
        answer = answers[key]
        takes[text] = answer if isinstance(answer, Refused) else frozenset(n - 1 for n in answer[0][0])
    return Tried(made.samples, takes)
