"""The limit is 100 requests a minute, counted once for all replicas."""

from tests.standins.world import FUNCTION, World


def test_request_101_is_refused_whichever_replica_gets_it(world: World) -> None:
    answers = [world.http.get(f"{FUNCTION}/health") for _ in range(101)]

    assert [answer.status_code for answer in answers] == [200] * 100 + [429]
    assert {answer.headers["x-replica"] for answer in answers} == {"replica-1", "replica-2"}
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert answers[-1].headers["ratelimit-remaining"] == "0"
    assert answers[-1].json()["error"]["code"] == "rate_limited"


def test_a_forged_address_resets_nothing(world: World) -> None:
    world.standin.limit(2)
    forged = {"x-forwarded-for": "203.0.113.9", "x-real-ip": "203.0.113.9", "forwarded": "for=203.0.113.9"}

    statuses = [world.http.get(f"{FUNCTION}/health", headers=forged).status_code for _ in range(3)]

    world.standin.limit(100)
    assert statuses == [200, 200, 429]


def test_after_the_window_the_client_is_served_again(world: World) -> None:
    world.standin.limit(1)
    statuses = [world.http.get(f"{FUNCTION}/health").status_code for _ in range(2)]
    world.standin.advance(60)
    statuses.append(world.http.get(f"{FUNCTION}/health").status_code)

    world.standin.limit(100)
    assert statuses == [200, 429, 200]


def test_a_user_is_limited_from_all_addresses_together(world: World) -> None:
    token = world.token()
    world.standin.limit(2)
    statuses = []
    for number in (1, 2, 3):
        with world.client(f"127.0.0.{number}") as client:
            headers = {"authorization": f"Bearer {token}"}
            statuses.append(client.get(f"{FUNCTION}/api/sites", headers=headers).status_code)

    world.standin.limit(100)
    assert statuses == [200, 200, 429]
