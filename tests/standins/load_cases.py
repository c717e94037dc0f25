"""Faults that load shows: what reads of the API show while they are on."""

import time
from collections.abc import Callable, Iterator
from itertools import islice
from random import Random
from typing import Any

import httpx

from suites.standins.kit.strain import SEED
from tests.standins.world import FUNCTION, World

Observe = Callable[[World], Any]
PRODUCTS = f"{FUNCTION}/api/products"
ORDERS = f"{FUNCTION}/api/orders"


def reads(world: World, path: str = PRODUCTS, patience: float = 10.0) -> Iterator[tuple[str, float, str]]:
    """What came of one read after the other: status or error, seconds, and which replica answered."""
    headers = {"x-gate-key": world.given["GATE_KEY"]}
    with world.client() as client:
        while True:
            began = time.monotonic()
            try:
                answer = client.get(path, headers=headers, timeout=patience)
                came, by = str(answer.status_code), answer.headers.get("x-replica", "")
            except httpx.TransportError as error:
                came, by = type(error).__name__, ""
            yield came, time.monotonic() - began, by


def slow(number: int, seconds: float, path: str = PRODUCTS) -> Callable[[World], int]:
    return lambda world: sum(took >= seconds for _, took, _ in islice(reads(world, path), number))


def failing(number: int) -> Observe:
    return lambda world: sum(came == "500" for came, _, _ in islice(reads(world), number))


def about_half_of_the_last(number: int, after: int, status: str) -> Observe:
    """Two replicas take turns; one read may fall into the kill itself."""

    def observe(world: World) -> bool:
        came = [came for came, _, _ in islice(reads(world), after + number)][after:]
        return abs(came.count(status) - number / 2) <= 1

    return observe


def unanswered(number: int, patience: float = 0.4) -> Observe:
    return lambda world: sum(
        came == "ReadTimeout" for came, _, _ in islice(reads(world, patience=patience), number)
    )


def all_of_the_last(number: int, after: int, seconds: float) -> Observe:
    def observe(world: World) -> bool:
        took = [took for _, took, _ in islice(reads(world), after + number)]
        return min(took[after:]) >= seconds

    return observe


def by_the_canary(number: int) -> Callable[[World], int]:
    return lambda world: sum(by == "replica-2" for _, _, by in islice(reads(world), number))


def at_the_end(number: int) -> Observe:
    return lambda world: list(islice(reads(world), number))[-1][0]


def as_long_as_drawn(number: int, most: float) -> Observe:
    """Whether each took as long as the noise has drawn for it: on a busy machine all are slow at times."""

    def observe(world: World) -> bool:
        drawn = Random(SEED)  # noqa: S311 - the noise's own
        return all(took >= drawn.uniform(0, most) - 0.001 for _, took, _ in islice(reads(world), number))

    return observe


def trusted_afterwards(world: World) -> str:
    list(islice(reads(world), 102))
    return world.handshake()


LOAD_CASES: dict[str, tuple[Observe, Any]] = {
    "load_slow_tail": (slow(40, 0.4), 2),
    "load_slow_mean": (slow(4, 0.15), 4),
    "load_errors_1_percent": (failing(200), 2),
    "load_errors_half_percent": (failing(200), 1),
    "load_stalls": (slow(1, 0.5), 1),
    "load_capped": (all_of_the_last(5, 0, 0.018), True),
    "load_tires": (all_of_the_last(5, 60, 0.03), True),
    "load_slow_replica": (slow(4, 0.3), 2),
    "load_slow_endpoint": (lambda world: (slow(2, 0.3)(world), slow(2, 0.3, ORDERS)(world)), (0, 2)),
    "load_hangs": (unanswered(1), 1),
    "load_hangs_10_percent": (unanswered(10), 1),
    "load_drips": (unanswered(1), 1),
    "load_dies": (at_the_end(103), "ConnectError"),
    "load_worker_killed": (about_half_of_the_last(20, 103, "502"), True),
    "load_certificate_changes": (
        trusted_afterwards,
        "Hostname mismatch, certificate is not valid for 'localhost'.",
    ),
    "load_noise": (as_long_as_drawn(40, 0.03), True),
    "load_cold_start": (slow(3, 2), 1),
    "canary_errors": (failing(430), 2),
    "canary_slow": (slow(45, 0.25), 4),
    "canary_alike": (by_the_canary(20), 2),
}
