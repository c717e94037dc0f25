"""What nobody should be able to read, and a mistake serves."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.api.answers import answer, not_found
from suites.standins.wecelebrate.api.paths import FUNCTION

METRICS = "# HELP http_requests_total Requests\n# TYPE http_requests_total counter\nhttp_requests_total 42\n"
GIT = '[core]\n\trepositoryformatversion = 0\n[remote "origin"]\n\turl = git@example.com:wecelebrate.git\n'
Show = Callable[[Replica], Response]


def _debug(replica: Replica) -> Response:
    return answer({"debug": True, "environment": {"NODE_ENV": "production"}, "replica": replica.name})


def _environment(replica: Replica) -> Response:
    key = replica.settings["service_key"]
    return PlainTextResponse(f"NODE_ENV=production\nSUPABASE_SERVICE_ROLE_KEY={key}\n")


EXPOSED: dict[str, tuple[str, Show]] = {
    "metrics_open": ("/metrics", lambda _: PlainTextResponse(METRICS)),
    "debug_open": ("/debug", _debug),
    "env_file_served": ("/.env", _environment),
    "git_folder_served": ("/.git/config", lambda _: PlainTextResponse(GIT)),
}
"""Fault → what it serves, at the root and below the function."""


def routes() -> list[Route]:
    """Return the routes that answer 404 unless a fault is on."""
    return [
        Route(f"{prefix}{path}", _route(name, show), methods=["GET"])
        for name, (path, show) in EXPOSED.items()
        for prefix in ("", FUNCTION)
    ]


def _route(name: str, show: Show) -> Callable[[Request], Awaitable[Response]]:
    async def route(request: Request) -> Response:
        replica: Replica = request.app.state.replica
        if not replica.fault(name):
            raise not_found("Not Found")
        return show(replica)

    return route
