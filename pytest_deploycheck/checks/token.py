"""What an issued token says: how long it lives, for whom it is."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.exchange.rules import require_identity
from pytest_deploycheck.checks.language.amount import Duration
from pytest_deploycheck.checks.language.claims import ClaimMatchers, broken_claims
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.checks.language.shown import shown
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.evidence import Claims, Silence, Withheld
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import Inspect


class Section(BaseModel):
    """Whose token, and what it must say. `claims`: by name, or by JSONPath."""

    model_config = PART

    identity: Text
    lifetime: Duration | None = None
    claims: ClaimMatchers = Field(default={}, min_length=1)
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return the check of one identity's token.

    Raises:
        Misuse: if it expects nothing, or the identity is not declared.
    """
    require_identity(section.identity, context, ("identity",))
    if section.lifetime is None and not section.claims:
        raise Misuse("no expectation", expected="lifetime or claims")
    yield Check(
        marker=context.marker,
        title=section.name or f"token of {section.identity}",
        place=context.place(()),
        steps=partial(_inspect, section),
        identities=frozenset({section.identity}),
        runbook=section.runbook,
        hint=section.hint,
    )


def _inspect(section: Section) -> Steps:
    (seen,) = yield (Inspect(section.identity),)
    match seen:
        case Claims(claims=claims) if claims:
            faults = (*_lifetime(section.lifetime, claims), *broken_claims(section.claims, claims))
            return Failed("\n".join(faults)) if faults else Passed()
        case Claims():
            return Inconclusive(f"the token of {section.identity} is not a JWT: nobody can see what it says")
        case Silence(reason=reason) | Withheld(reason=reason):
            return Inconclusive(f"no token of {section.identity}: {reason}")
        case _:
            return Inconclusive(f"{type(seen).__name__} shows no claims")


def _lifetime(expected: float | None, claims: Mapping[str, Any]) -> Iterator[str]:
    """Compare `exp` - `iat` (RFC 7519, 4.1.4 and 4.1.6)."""
    if expected is None:
        return
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int | float) or not isinstance(expires, int | float):
        yield f"lifetime: expected {expected:g} s, got iat {shown(issued)} and exp {shown(expires)}"
    elif expires - issued != expected:
        yield f"lifetime: expected {expected:g} s, got {expires - issued:g} s"
