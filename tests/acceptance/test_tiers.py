"""Plans with limits of their own: who pays for more gets it, and who doesn't, doesn't."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import ceil

import pytest

from tests.projects import Project

WINDOW = 2.0
BOUGHT = {"free": 5, "pro": 12}

CONTRACT = """\
system: Shop
environments:
  local: {base_url: "${SHOP_URL}"}
identities:
  fred: {token: "${FREE_TOKEN}"}
  paula: {token: "${PRO_TOKEN}"}
security:
  plans.rate_limit:
    name: plan
    path: /products
    per: user
    window: 2s
    tiers: {free: {as: fred, limit: 5}, pro: {as: paula, limit: 12}}
"""


@dataclass
class Deployment:
    """Counts each user in fixed windows; `allows` is what it lets users of a plan send."""

    allows: dict[str, int] = field(default_factory=lambda: dict(BOUGHT))
    windows: dict[str, tuple[float, int]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, authorization: str) -> tuple[int, dict[str, str]]:
        plan = authorization.removeprefix("Bearer token-of-the-plan-")
        if plan not in self.allows:
            return (200 if not plan else 401), {}
        with self.lock:
            now = time.monotonic()
            ends, used = self.windows.get(plan, (0.0, 0))
            ends, used = (now + WINDOW, 0) if ends <= now else (ends, used)
            self.windows[plan] = ends, used + 1
            return (200, {}) if used < self.allows[plan] else (429, {"Retry-After": str(ceil(ends - now))})


@pytest.fixture
def deployment(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    found = Deployment()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers = found.answer(self.headers.get("Authorization", ""))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for plan in BOUGHT:
        monkeypatch.setenv(f"{plan.upper()}_TOKEN", f"token-of-the-plan-{plan}")
    monkeypatch.setenv("SHOP_URL", f"http://127.0.0.1:{server.server_address[1]}")
    yield found
    server.shutdown()
    server.server_close()


def test_each_plan_gets_what_it_bought(project: Project, deployment: Deployment) -> None:
    project.contract(CONTRACT)

    run = project.pytest()

    assert run.status == 0, run.out


@pytest.mark.parametrize(
    ("allows", "red", "reason"),
    [
        ({"free": 5, "pro": 5}, "plan: pro", "429 after 5 requests; the contract says 12 in 2 s"),
        ({"free": 12, "pro": 12}, "plan: free", "requests, none refused; the contract says 5 in 2 s"),
    ],
    ids=["an upgrade that is not applied", "everybody upgraded"],
)
def test_a_plan_that_gets_anothers_limit_is_no_go(
    project: Project, deployment: Deployment, allows: dict[str, int], red: str, reason: str
) -> None:
    deployment.allows = allows
    project.contract(CONTRACT)

    run = project.pytest()

    assert run.status == 1, run.out
    assert [line for line in run.out.splitlines() if line.startswith("FAILED       ")] == [
        f"FAILED       security::{red}"
    ]
    assert reason in run.out
