"""A webhook delivery that is right, or wrong in one thing."""

import json
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pytest_deploycheck.checks.language.template import MARK, filled
from pytest_deploycheck.checks.posture.signatures import SCHEMES, Delivery, stranger
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.model.secret import Secret


class Wrong(Enum):
    """What is wrong with a delivery."""

    MISSING = "without a signature"
    FORGED = "signed with another key"
    STALE = "signed too long ago"
    TAMPERED = "changed after it was signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where deliveries go, and how they are signed. `tolerance` is in seconds."""

    path: str
    scheme: str
    secret: Secret
    header: str
    headers: tuple[tuple[str, str], ...]
    event: Any
    tolerance: float

    @property
    def key(self) -> bytes:
        """The key in the secret. Raises ValueError if there is none."""
        return SCHEMES[self.scheme].key(self.secret.reveal())

    def delivery(self, mark: str, at: int, wrong: Wrong | None, purpose: str) -> HttpRequest:
        """Return the request that delivers the event of `mark`."""
        event = filled(self.event, {MARK: mark})
        body = _json(event)
        stale = wrong is Wrong.STALE
        signed = Delivery(
            id=f"msg_{mark}", at=at - 2 * int(self.tolerance) if stale else at, body=body, signed=body
        )
        if wrong is Wrong.TAMPERED:
            signed = signed.tampered(_json({**event, "deploycheck_tampered": True}))
        return HttpRequest(
            method="POST",
            target=self.path,
            headers=(("Content-Type", "application/json"), *self.headers, *self._signature(signed, wrong)),
            body=signed.body,
            writes=True,
            purpose=purpose,
        )

    def _signature(self, delivery: Delivery, wrong: Wrong | None) -> tuple[tuple[str, str], ...]:
        sign = SCHEMES[self.scheme].sign
        if wrong is Wrong.MISSING:
            return sign(None, delivery, self.header)
        return sign(stranger(self.key) if wrong is Wrong.FORGED else self.key, delivery, self.header)


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
