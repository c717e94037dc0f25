"""A signed event takes effect once; anything else has no effect at all."""

import pytest

from tests.standins.events import SENDERS, Event, Sender
from tests.standins.world import World

both = pytest.mark.parametrize("sender", SENDERS.values(), ids=SENDERS)


@both
def test_a_signed_event_takes_effect_once_in_its_tenant(world: World, sender: Sender) -> None:
    event = sender.event(world)
    answers = [event.deliver(world).json() for _ in range(3)]

    assert [answer["duplicate"] for answer in answers] == [False, True, True]
    assert len(event.effects(world)) == 1
    assert event.effects(world, "SHOPPER_B") == []


@both
def test_the_platform_removes_an_effect_and_its_event(world: World, sender: Sender) -> None:
    before = world.standin.state()["rows"]
    event = sender.event(world)
    event.deliver(world)
    path = f"/api/{sender.source}/{event.effects(world)[0]['id']}"

    refused = [world.call("DELETE", path, person).status_code for person in ("ADMIN_A", "SHOPPER_B", None)]
    removed = world.bearing(world.given["SUPABASE_SERVICE_ROLE_KEY"], "DELETE", path)

    assert refused == [403, 403, 401]
    assert removed.status_code == 204
    assert world.standin.state()["rows"] == before


@both
@pytest.mark.parametrize(
    "change",
    [
        Event.unsigned,
        Event.forged,
        Event.tampered,
        lambda event: event.at(-400),
        lambda event: event.at(+400),
        Event.misread,
    ],
    ids=["unsigned", "forged", "tampered", "stale", "future", "unreadable"],
)
def test_a_bad_signature_has_no_effect(world: World, sender: Sender, change: object) -> None:
    assert callable(change)
    before = world.standin.state()["rows"]
    event = sender.event(world)

    answer = change(event).deliver(world)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_signature")
    assert world.standin.state()["rows"] == before


@both
def test_an_event_of_another_type_is_taken_and_ignored(world: World, sender: Sender) -> None:
    before = world.standin.state()["rows"]

    assert sender.event(world, kind="something.else").deliver(world).status_code == 200
    assert world.standin.state()["rows"] == before


@both
def test_an_event_of_no_tenant_is_refused(world: World, sender: Sender) -> None:
    event = sender.event(world, tenant="11111111-1111-4111-8111-111111111111")

    assert event.deliver(world).status_code == 422
