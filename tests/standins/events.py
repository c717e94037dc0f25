"""Events as Stripe and Svix would deliver them, and as somebody else would."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx

from tests.standins.world import FUNCTION, World

Headers = dict[str, str]


@dataclass(frozen=True)
class Event:
    """One delivery: what it says, and how its signature is made."""

    source: str
    id: str
    body: bytes
    headers: Callable[["Event"], Headers]
    secret: str
    time: int
    signed: bytes = b""

    def deliver(self, world: World) -> httpx.Response:
        headers = {"content-type": "application/json", **self.headers(self)}
        return world.http.post(f"{FUNCTION}/webhooks/{self.source}", headers=headers, content=self.body)

    def effects(self, world: World, person: str = "SHOPPER_A") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = world.get(f"/api/{self.source}?event={self.id}", person)["data"]
        return found

    def at(self, seconds: int) -> "Event":
        return replace(self, time=self.time + seconds)

    def unsigned(self) -> "Event":
        return replace(self, headers=lambda _: {})

    def without_signature(self) -> "Event":
        """Without the header alone that holds the signature; svix-id stays."""
        return replace(
            self,
            headers=lambda event: {n: v for n, v in self.headers(event).items() if "signature" not in n},
        )

    def misread(self) -> "Event":
        return replace(self, headers=lambda event: dict.fromkeys(self.headers(event), "t=x,v1=?"))

    def forged(self) -> "Event":
        return replace(self, secret="whsec_" + base64.b64encode(b"another secret").decode())

    def tampered(self) -> "Event":
        return replace(self, body=self.body.replace(b'"data"', b'"extra": 1, "data"'), signed=self.body)


@dataclass(frozen=True)
class Sender:
    source: str
    secret: str
    kind: str
    headers: Callable[[Event], Headers]
    data: Callable[[str], dict[str, Any]]

    def event(self, world: World, *, kind: str = "", tenant: str = "") -> Event:
        identity = f"T-{uuid.uuid4()}"
        content = {
            "id": identity,
            "type": kind or self.kind,
            "data": self.data(tenant or world.given["TENANT_A_ID"]),
        }
        body = json.dumps(content).encode()
        return Event(self.source, identity, body, self.headers, world.given[self.secret], int(time.time()))


def stripe(event: Event) -> Headers:
    content = f"{event.time}.".encode() + (event.signed or event.body)
    signature = hmac.new(event.secret.encode(), content, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={event.time},v1={signature}"}


def svix(event: Event) -> Headers:
    key = base64.b64decode(event.secret.removeprefix("whsec_"))
    content = f"{event.id}.{event.time}.".encode() + (event.signed or event.body)
    signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {
        "svix-id": event.id,
        "svix-timestamp": str(event.time),
        "svix-signature": f"v1,{signature}",
    }


SENDERS = {
    "stripe": Sender(
        "payments",
        "PAYMENTS_WEBHOOK_SECRET",
        "payment_intent.succeeded",
        stripe,
        lambda tenant: {"object": {"amount": 1250, "currency": "usd", "metadata": {"client_id": tenant}}},
    ),
    "svix": Sender(
        "messages",
        "MESSAGES_WEBHOOK_SECRET",
        "message.delivered",
        svix,
        lambda tenant: {"client_id": tenant, "recipient": "someone@new.example"},
    ),
}
