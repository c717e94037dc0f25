"""The YAML of row-level security that is proven by acting."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.language.amount import Duration
from pytest_deploycheck.checks.language.part import PART, Runbook, Text

Path = Annotated[str, Field(pattern=r"^[^.\s]+(\.[^.\s]+)*$")]
"""Names of claims from the top of a token downwards: app_metadata.client_id."""

Names = Annotated[tuple[Text, ...], Field(min_length=1)]


class Table(BaseModel):
    """How a relation tells whose its rows are, where it isn't by the usual column.

    One of `tenant`, a column; `through`, a column with a foreign key to a relation that tells; `sql`, an
    expression over a row. `own: optional`: a member may see none of its tenant's rows (those of other users,
    for example). `unowned`: why everybody may read rows of no tenant.
    """

    model_config = PART

    tenant: Text | None = None
    through: Text | None = None
    sql: Text | None = None
    own: Literal["optional"] | None = None
    unowned: Text | None = None


class ActorPart(BaseModel):
    """An actor of the contract's own: the claims of an identity, with some set, or removed by null.

    `sees`: rows of its tenants (own), perhaps (optional), or none (nothing).
    """

    model_config = PART

    identity: Text | None = Field(default=None, alias="as")
    role: Text | None = None
    tenants: Names | None = None
    roles: Names | None = None
    sees: Literal["own", "optional", "nothing"] = "own"
    claims: dict[Path, Any] = Field(default={}, min_length=1)
    settings: dict[Text, Text] = Field(default={}, min_length=1)


class FunctionPart(BaseModel):
    """A call that every actor makes: once with its own tenant, once with each other.

    `call` is SQL in which {tenant} stands for the id. `tenant` is the column of the result that tells whose
    a row is; without it, a call with another's tenant must give nothing.
    """

    model_config = PART

    call: Text
    tenant: Text | None = None


class PoliciesSection(BaseModel):
    """Whose rows are whose, and who acts. Names of relations are `orders` or `public.orders`."""

    model_config = PART

    tenant: Text | None = None
    claim: Path | None = None
    tenants: dict[Text, Text] = Field(default={}, min_length=1)
    identities: tuple[Text, ...] = Field(default=(), min_length=1)
    role: Text = "authenticated"
    anonymous: Text = "anon"
    service: Text | None = "service_role"
    tables: dict[Text, Table] = Field(default={}, min_length=1)
    shared: dict[Text, Text] = Field(default={}, min_length=1)
    private: dict[Text, Text] = Field(default={}, min_length=1)
    exceptions: dict[Text, Text] = Field(default={}, alias="except", min_length=1)
    readers: dict[Text, Names] = Field(default={}, min_length=1)
    writers: dict[Text, Names] = Field(default={}, min_length=1)
    strict: bool = False
    actors: dict[Text, ActorPart] = Field(default={}, min_length=1)
    settings: dict[Text, Text] = Field(default={}, min_length=1)
    functions: tuple[FunctionPart, ...] = Field(default=(), min_length=1)
    routes: dict[Text, Text] = Field(default={}, min_length=1)
    writes: bool = False
    timeout: Duration = 5.0
    name: Text = "policies"
    runbook: Runbook = ()
    hint: str = ""
