"""How fast users send: how many there are, their pauses, the cap on their rate, each request's weight."""

from pathlib import Path

from pytest_deploycheck.model.load import LoadRequest, Users
from pytest_deploycheck.model.loaded import Ending
from tests.probes.load.conftest import Server
from tests.probes.load.runs import closed, loaded, probe


def test_users_send_no_faster_than_the_cap(server: Server, tmp_path: Path) -> None:
    run = closed("/ok/1", model=Users(users=5, spawn_rate=5, seconds=2), most_rate=50)

    seen = loaded(probe(server.url, tmp_path).send(run))

    assert seen.ending is Ending.COMPLETE
    assert server.counted["GET /ok/1"] in range(50, 102)
    assert seen.lateness.throttled > 0


def test_users_pause_between_their_requests(server: Server, tmp_path: Path) -> None:
    run = closed("/ok/1", model=Users(users=4, spawn_rate=4, seconds=2, think=(0.2, 0.2)))

    loaded(probe(server.url, tmp_path).send(run))

    assert server.counted["GET /ok/1"] in range(8, 45)  # without a pause it would be thousands


def test_users_come_one_after_another(server: Server, tmp_path: Path) -> None:
    run = closed("/ok/1", model=Users(users=4, spawn_rate=1, seconds=5, think=(9, 9)))

    seen = loaded(probe(server.url, tmp_path).send(run))

    assert seen.measured().n == 4
    assert len(seen.measured().parts) >= 3


def test_a_request_is_chosen_as_often_as_its_weight_says(server: Server, tmp_path: Path) -> None:
    both = (LoadRequest(method="GET", target="/ok/1", weight=9), LoadRequest(method="GET", target="/ok/2"))

    loaded(probe(server.url, tmp_path).send(closed("/", scenario=both, requests=1000)))

    assert server.counted["GET /ok/2"] in range(50, 151)  # five standard deviations around 100
    assert sum(server.counted.values()) == 1000
