"""Webhooks: a signed event arrives, and takes effect once."""

import re
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.api.answers import ApiError, answer, forbidden, invalid, read_object
from suites.standins.wecelebrate.api.caller import PLATFORM, caller_of
from suites.standins.wecelebrate.api.database import Connection, Row
from suites.standins.wecelebrate.api.resources import MESSAGES, PAYMENTS, Resource, item_of
from suites.standins.wecelebrate.api.signatures import TOLERANCE, Read, Signed, stripe, svix, svix_key

NEW_EVENT = """
insert into public.webhook_events (id, client_id, source)
select %(event)s, id, %(source)s from public.clients where id = %(client_id)s
on conflict (id) do nothing returning id
"""
NEW_PAYMENT = """
insert into public.payments (client_id, event, amount_cents, currency)
values (%(client_id)s, %(event)s, %(amount_cents)s, %(currency)s)
"""
NEW_MESSAGE = """
insert into public.messages (client_id, event, recipient, status)
values (%(client_id)s, %(event)s, %(recipient)s, %(status)s)
"""
FORGET_PAYMENT = """
with gone as (delete from public.payments where id = %(id)s returning id, event)
delete from public.webhook_events where id = (select event from gone)
  and not exists (select from public.payments p, gone where p.event = gone.event and p.id <> gone.id)
"""
FORGET_MESSAGE = """
with gone as (delete from public.messages where id = %(id)s returning id, event)
delete from public.webhook_events where id = (select event from gone)
  and not exists (select from public.messages m, gone where m.event = gone.event and m.id <> gone.id)
"""
MAX_EVENT = 200
MAX_AMOUNT = 2**31 - 1

Effect = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sender:
    """A service that sends events: how it signs them, and what they do here."""

    source: str
    read: Read
    key: Callable[[str], bytes]
    effect: Callable[[Request, Row], Effect | None]
    insert: str

    def secret(self, replica: Replica) -> bytes:
        """Return the key its signatures are made with."""
        secret: str = replica.settings[f"{self.source}_webhook_secret"]
        return self.key(secret)


def _payment(_request: Request, event: Row) -> Effect | None:
    if event.get("type") != "payment_intent.succeeded":
        return None
    try:
        paid = event["data"]["object"]
        amount, currency, tenant = paid["amount"], paid["currency"].upper(), paid["metadata"]["client_id"]
        effect = {"client_id": str(uuid.UUID(tenant)), "amount_cents": amount, "currency": currency}
    except (AttributeError, KeyError, TypeError, ValueError):
        raise invalid("the event names no amount, currency and metadata.client_id") from None
    whole = isinstance(amount, int) and not isinstance(amount, bool) and 0 <= amount <= MAX_AMOUNT
    if not whole or not re.fullmatch("[A-Z]{3}", currency):
        raise invalid("the event's amount or currency makes no sense")
    return {**effect, "event": _event_id(event.get("id"))}


def _message(request: Request, event: Row) -> Effect | None:
    kind, _, status = str(event.get("type")).partition(".")
    if kind != "message" or status not in {"delivered", "bounced"}:
        return None
    try:
        tenant, recipient = str(uuid.UUID(event["data"]["client_id"])), event["data"]["recipient"]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise invalid("the event names no client_id and recipient") from None
    if not isinstance(recipient, str) or not re.fullmatch(r"[^@\s\x00]+@[^@\s\x00]+", recipient):
        raise invalid("the event's recipient is no address")
    identity = _event_id(request.headers.get("svix-id"))
    return {"client_id": tenant, "recipient": recipient, "status": status, "event": identity}


def _event_id(given: object) -> str:
    if not isinstance(given, str) or not 1 <= len(given) <= MAX_EVENT or "\x00" in given:
        raise invalid("the event has no id")
    return given


SENDERS = {
    "payments": Sender("payments", stripe, str.encode, _payment, NEW_PAYMENT),
    "messages": Sender("messages", svix, svix_key, _message, NEW_MESSAGE),
}


def receiver(source: str) -> Callable[[Request], Awaitable[Response]]:
    """Return the route that takes one sender's events."""
    sender = SENDERS[source]

    async def route(request: Request) -> Response:
        replica: Replica = request.app.state.replica
        content = await read_object(request)
        signed = sender.read(request.headers, await request.body())
        await _verify(replica, sender, signed)
        effect = sender.effect(request, content)
        is_new = False if effect is None else await _take_effect(request, sender, effect, signed)
        return answer({"received": True, "duplicate": effect is not None and not is_new})

    return route


def remover(resource: Resource, statement: str) -> Callable[[Request], Awaitable[Response]]:
    """Return the route by which the platform's own services remove an effect and its event."""

    async def route(request: Request) -> Response:
        caller = caller_of(request)
        if caller is not PLATFORM and not request.app.state.replica.fault("platform_routes_open"):
            raise forbidden("this is for the platform's own services")
        async with request.app.state.database.as_caller(caller) as connection:
            item = await item_of(connection, caller, resource, request.path_params["id"])
        async with request.app.state.database.as_caller(PLATFORM) as connection:
            await connection.execute(statement.encode(), item)
        return Response(status_code=204)

    return route


remove_payment = remover(PAYMENTS, FORGET_PAYMENT)
remove_message = remover(MESSAGES, FORGET_MESSAGE)


async def _verify(replica: Replica, sender: Sender, signed: Signed | None) -> None:
    def fault(name: str) -> bool:
        return replica.fault(f"{sender.source}_webhook_{name}")

    if signed is None:
        if fault("unsigned_accepted"):
            return
        raise _refused("there is no signature")
    key = sender.secret(replica)[::-1] if fault("wrong_secret") else sender.secret(replica)
    seen_before = f"webhook:{signed.signatures[0].hex()}"
    if signed.fits(key):
        if fault("tampered_accepted"):
            await replica.remember(seen_before)
    elif not (
        fault("forged_accepted") or (fault("tampered_accepted") and await replica.recalls(seen_before))
    ):
        raise _refused("the signature does not fit")
    if abs(time.time() - signed.time) > TOLERANCE and not fault("stale_accepted"):
        raise _refused("the signature is too old or of the future")


def _refused(reason: str) -> ApiError:
    return ApiError(400, "invalid_signature", reason)


async def _take_effect(request: Request, sender: Sender, effect: Effect, signed: Signed | None) -> bool:
    """Write the effect unless the event has been here before; say whether it was new."""
    async with request.app.state.database.as_caller(PLATFORM) as connection:
        is_new = await _remember(connection, {**effect, "source": sender.source})
        is_forgotten = await _is_forgotten(request.app.state.replica, sender, effect, signed)
        if not is_new and not is_forgotten:
            return False
        await connection.execute(sender.insert.encode(), effect)
    return True


async def _is_forgotten(replica: Replica, sender: Sender, effect: Effect, signed: Signed | None) -> bool:
    """Say whether a fault makes this replica take for new what it has seen, or another one has."""
    if replica.fault(f"{sender.source}_webhook_replay_per_replica"):
        return await _is_first(replica, f"event:{replica.name}:{effect['event']}")
    if signed and replica.fault(f"{sender.source}_webhook_replay_resigned"):
        return await _is_first(replica, f"signature:{signed.signatures[0].hex()}")
    return replica.fault(f"{sender.source}_webhook_replay_counted_twice")


async def _is_first(replica: Replica, key: str) -> bool:
    was_here = await replica.recalls(key)
    await replica.remember(key)
    return not was_here


async def _remember(connection: Connection, event: Effect) -> bool:
    known = "select client_id from public.webhook_events where id = %(event)s"
    if await (await connection.execute(NEW_EVENT.encode(), event)).fetchone():
        return True
    if await (await connection.execute(known.encode(), event)).fetchone():
        return False
    raise invalid("the event names a tenant that is not here")
