"""A sender that runs out of sockets blames itself, whichever client it is, and stops."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_deploycheck.model.loaded import NO_FILES
from tests.probes.load.conftest import running

USERS = """\
from locust import HttpUser, task


class Visitor(HttpUser):
    @task
    def wait(self):
        self.client.get("/ok/900")
"""
SENDER = [sys.executable, "-m", "tests.probes.load.scarce"]
OFTEN = "arrivals: 150/s, duration: 20s, max_in_flight: 500, thresholds: [errors<1%]"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize(
    ("module", "scenario"),
    [
        ("slow", "scenario: [GET /ok/900]"),
        ("talks", "scenario: [{WS /echo: {hold: 3s}}]"),
        ("slow", "locustfile: users.py"),
    ],
)
def test_a_sender_without_files_is_inconclusive(
    tmp_path: Path, module: str, scenario: str, host: str
) -> None:
    (tmp_path / "users.py").write_text(USERS)

    with running(module=f"tests.servers.{module}") as server:
        url = server.url.replace("127.0.0.1", host)
        told = subprocess.run(
            [*SENDER, url, str(tmp_path), f"{{{scenario}, {OFTEN}}}"],
            capture_output=True,
            check=True,
            text=True,
        ).stdout

    ending, why, kinds, outcome, reason = json.loads(told)
    assert (ending, list(kinds), outcome) == ("saturated", [NO_FILES], "Inconclusive")
    assert why.startswith(f"20 not sent, {NO_FILES}: raise its ulimit -n")
    assert f"could not be sent, {NO_FILES}: raise its ulimit -n" in reason
