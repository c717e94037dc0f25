"""The YAML of rate limits."""

from typing import Literal

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.exchange.line import PathOf
from pytest_deploycheck.checks.exchange.section import Send
from pytest_deploycheck.checks.exchange.status import StatusOf
from pytest_deploycheck.checks.language.amount import Duration
from pytest_deploycheck.checks.language.jsonpath import Path
from pytest_deploycheck.checks.language.matcher import MatcherOf
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.checks.limits.clients import Client


class TierSection(BaseModel):
    """What a tier (a plan, an upgrade) lets its user send. Without a window it has the section's."""

    model_config = PART

    identity: Text = Field(alias="as")
    limit: int = Field(ge=1)
    window: Duration | None = None


class RateLimitSection(BaseModel):
    """What is limited, for whom, and how it refuses.

    `counts`: whether the limit counts all requests to the deployment, or this path alone. `other`: somebody
    who must still be served when the limit of a user is used up. `clients`: as whom the user sends in turn.
    `tiers`: several limits, each of its own user. `error`: what the body of a 429 shows. `exempted`: the
    environment's `headers` exempt the gate from the limit, so this check sends without them.
    """

    model_config = PART

    path: PathOf
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    identity: Text | None = Field(default=None, alias="as")
    send: Send = Send()
    status: StatusOf | None = None
    read_only: bool = False
    limit: int | None = Field(default=None, ge=1)
    window: Duration | None = None
    tiers: dict[Text, TierSection] = Field(default={}, min_length=2)
    per: Literal["address", "user"]
    counts: Literal["all", "path"] = "all"
    tolerance: int = Field(default=0, ge=0)
    other: Text | None = None
    clients: tuple[Client, ...] = Field(default=(), min_length=2)
    forged_headers: bool = True
    recovers: bool = True
    exempted: bool = False
    error: dict[Path, MatcherOf] = Field(default={}, min_length=1)
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""
