"""A webhook delivery that is right, or wrong in one thing."""

import json
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pytest_deploycheck.checks.exchange.act import Act
from pytest_deploycheck.checks.exchange.line import Line
from pytest_deploycheck.checks.exchange.request import request_of
from pytest_deploycheck.checks.exchange.section import Creates, Send, Step
from pytest_deploycheck.checks.language.template import MARK, filled
from pytest_deploycheck.checks.posture.signatures import SCHEMES, Delivery, stranger
from pytest_deploycheck.model.creation import Creation
from pytest_deploycheck.model.names import ANONYMOUS
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
    """Where deliveries go, and how they are signed. `tolerance` is in seconds.

    Each goes over a connection of its own, so that a balancer chooses anew.
    """

    path: str
    scheme: str
    secret: Secret
    header: str
    headers: tuple[tuple[str, str], ...]
    event: Any
    tolerance: float
    creates: Creates | None = None

    @property
    def act(self) -> Act:
        """A delivery as other checks have it: what it writes, and how that is undone."""
        step = Step(send=Send(json=self.event), creates=self.creates, writes=self.creates is None)
        return Act(Line("POST", self.path), step, ANONYMOUS)

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
            fresh=True,
            creates=self._creation(mark),
            purpose=purpose,
        )

    def _creation(self, mark: str) -> Creation | None:
        return request_of(self.act, {MARK: mark}).creates

    def _signature(self, delivery: Delivery, wrong: Wrong | None) -> tuple[tuple[str, str], ...]:
        sign = SCHEMES[self.scheme].sign
        if wrong is Wrong.MISSING:
            return sign(None, delivery, self.header)
        return sign(stranger(self.key) if wrong is Wrong.FORGED else self.key, delivery, self.header)


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
