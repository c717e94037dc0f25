"""Faults of the rate limits: what shows them, and what it shows while they are on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.standins.world import FUNCTION, World

Observe = Callable[[World], Any]
HEALTH = f"{FUNCTION}/health"


@contextmanager
def limited(world: World, limit: int = 4) -> Iterator[None]:
    world.standin.limit(limit)
    try:
        yield
    finally:
        world.standin.limit(100)


def served(count: int) -> Observe:
    """Answers until the limit of 4 and after."""

    def observe(world: World) -> int:
        with limited(world):
            return [world.http.get(HEALTH).status_code for _ in range(count)].count(200)

    return observe


def refused(world: World) -> httpx.Response:
    with limited(world, 1):
        return [world.http.get(HEALTH) for _ in range(2)][-1]


def recovers(world: World) -> int:
    with limited(world, 1):
        for _ in range(2):
            world.http.get(HEALTH)
        world.standin.advance(61)
        return world.http.get(HEALTH).status_code


def with_header(name: str, value: str) -> Observe:
    def observe(world: World) -> list[int]:
        with limited(world, 1):
            return [
                world.http.get(HEALTH, headers={name: f"{value}{number}"}).status_code for number in (1, 2)
            ]

    return observe


def in_other_words(world: World) -> list[int]:
    with limited(world, 1):
        return [world.http.get(f"{HEALTH}?{number}").status_code for number in (1, 2)]


def remaining(world: World) -> list[str]:
    with limited(world):
        return [world.http.get(HEALTH).headers["ratelimit-remaining"] for _ in range(4)]


def logins(world: World) -> list[int]:
    with limited(world, 1):
        return [world.login("SHOPPER_A", "wrong").status_code for _ in range(2)]


def from_many_addresses(world: World) -> list[int]:
    headers = {"authorization": f"Bearer {world.token()}"}
    statuses = []
    with limited(world, 1):
        for number in (1, 2):
            with world.client(f"127.0.0.{number}") as client:
                statuses.append(client.get(f"{FUNCTION}/api/sites", headers=headers).status_code)
    return statuses


LIMIT_CASES: dict[str, tuple[Observe, Any]] = {
    "rate_limit_off": (served(12), 12),
    "rate_limit_per_replica": (served(12), 8),
    "rate_limit_one_replica": (served(12), 10),
    "rate_limit_too_low": (served(12), 2),
    "rate_limit_too_high": (served(12), 6),
    "rate_limit_never_recovers": (recovers, 429),
    "rate_limit_wrong_status": (lambda world: refused(world).status_code, 403),
    "rate_limit_wrong_body": (lambda world: refused(world).json()["error"]["code"], "oops"),
    "retry_after_missing": (lambda world: "retry-after" in refused(world).headers, False),
    "retry_after_zero": (lambda world: refused(world).headers["retry-after"], "0"),
    "retry_after_past": (lambda world: "GMT" in refused(world).headers["retry-after"], True),
    "forwarded_for_trusted": (with_header("x-forwarded-for", "203.0.113."), [200, 200]),
    "forwarded_trusted": (with_header("forwarded", "for=203.0.113."), [200, 200]),
    "real_ip_trusted": (with_header("x-real-ip", "203.0.113."), [200, 200]),
    "client_ip_trusted": (with_header("x-client-ip", "203.0.113."), [200, 200]),
    "rate_limit_by_url": (in_other_words, [200, 200]),
    "remaining_never_falls": (remaining, ["3", "3", "3", "3"]),
    "login_limit_off": (logins, [400, 400]),
    "auth_limit_off": (logins, [400, 400]),
    "user_limit_off": (from_many_addresses, [200, 200]),
}
