"""Faults of webhooks: what shows them, and what it shows while they are on."""

from collections.abc import Callable
from typing import Any

from tests.standins.events import SENDERS, Event, Sender
from tests.standins.world import World

Observe = Callable[[World], Any]


def taken(sender: Sender, change: Callable[[Event], Event]) -> Observe:
    """The status, and how often the event took effect."""

    def observe(world: World) -> tuple[int, int]:
        event = change(sender.event(world))
        return event.deliver(world).status_code, len(event.effects(world))

    return observe


def tampered_after_use(sender: Sender) -> Observe:
    def observe(world: World) -> int:
        event = sender.event(world)
        event.deliver(world)
        return event.tampered().deliver(world).status_code

    return observe


def repeated(sender: Sender) -> Observe:
    def observe(world: World) -> int:
        event = sender.event(world)
        for _ in range(4):
            event.deliver(world)
        return len(event.effects(world))

    return observe


def resigned(sender: Sender) -> Observe:
    """How often an event took effect that came twice as it was, and once signed anew."""

    def observe(world: World) -> int:
        event = sender.event(world)
        for each in (event, event, event.at(-1)):
            each.deliver(world)
        return len(event.effects(world))

    return observe


def cases(sender: Sender) -> dict[str, tuple[Observe, Any]]:
    prefix = f"{sender.source}_webhook"
    return {
        f"{prefix}_forged_accepted": (taken(sender, Event.forged), (200, 1)),
        f"{prefix}_stale_accepted": (taken(sender, lambda event: event.at(-4000)), (200, 1)),
        f"{prefix}_tampered_accepted": (tampered_after_use(sender), 200),
        f"{prefix}_replay_counted_twice": (repeated(sender), 4),
        f"{prefix}_replay_per_replica": (repeated(sender), 2),
        f"{prefix}_replay_resigned": (resigned(sender), 2),
        f"{prefix}_wrong_secret": (taken(sender, lambda event: event), (400, 0)),
    }


WEBHOOK_CASES: dict[str, tuple[Observe, Any]] = {
    **cases(SENDERS["stripe"]),
    **cases(SENDERS["svix"]),
    "payments_webhook_unsigned_accepted": (taken(SENDERS["stripe"], Event.unsigned), (200, 1)),
    "messages_webhook_unsigned_accepted": (taken(SENDERS["svix"], Event.without_signature), (200, 1)),
}
