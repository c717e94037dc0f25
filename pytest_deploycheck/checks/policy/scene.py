"""All that is known when an actor is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_deploycheck.checks.database.reader import Reader
from pytest_deploycheck.checks.policy.actors import Acting
from pytest_deploycheck.checks.policy.census import Census
from pytest_deploycheck.checks.policy.doors import Doors
from pytest_deploycheck.checks.policy.looking import Seen
from pytest_deploycheck.checks.policy.rights import Rights
from pytest_deploycheck.checks.policy.section import PoliciesSection
from pytest_deploycheck.checks.policy.subjects import Subject, Survey
from pytest_deploycheck.checks.policy.trying import Tried
from pytest_deploycheck.checks.policy.wording import name_of
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.evidence import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """An actor, what its role holds, what there is to see, what it sees, what policies would take.

    Mappings are by a subject's key. `tenants` are names of the contract by the ids that rows hold; `roles`
    those whose privileges the actor's role has. `rows` is what `reader` tells of every relation that somebody
    other than the service role may reach; `applies`, whether row-level security holds the actor there.
    """

    section: PoliciesSection
    catalog: Catalog
    survey: Survey
    acting: Acting
    tenants: Mapping[str, str]
    roles: frozenset[str]
    rights: Mapping[int, Rights]
    rows: Mapping[int, Census | Refused]
    applies: Mapping[int, bool] = field(default_factory=dict)
    seen: Mapping[int, Seen | Refused] = field(default_factory=dict)
    tried: Mapping[int, Tried] = field(default_factory=dict)
    doors: Doors = field(default_factory=dict)
    reader: Reader = field(default_factory=lambda: Reader(None, 0.0))

    @property
    def reached(self) -> tuple[Subject, ...]:
        """The relations that there is something to say about."""
        return tuple(subject for subject in self.survey.subjects if subject.key in self.rows)

    @property
    def title(self) -> str:
        """Who acts."""
        return self.acting.actor.title

    def named(self, tenant: str | None) -> str:
        """What people call a tenant."""
        return "no tenant" if tenant is None else self.tenants.get(tenant, f"tenant {tenant}")

    def uncounted(self, subject: Subject, refused: Refused) -> str:
        """Why nobody knows whose rows there are in a relation, and what would tell."""
        return self.reader.why(refused, "whose its rows are", name_of(subject.relation.name))

    @property
    def belongs_to_all(self) -> bool:
        """Whether the actor is a member of every tenant that the contract knows."""
        return set(self.acting.own) >= set(self.tenants)

    @property
    def exempt(self) -> str:
        """Why row-level security does not hold the actor's role at all, or nothing."""
        role = self.catalog.role(self.acting.role)
        if role and role.superuser:
            return "is a superuser"
        return "has BYPASSRLS" if role and role.bypass_rls else ""
