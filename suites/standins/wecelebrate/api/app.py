"""The application of one replica: routes, and what surrounds them."""

import asyncio

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.api import (
    admins,
    auth_service,
    data_api,
    exposed,
    frontend,
    openapi,
    orders,
    products,
    resources,
    webhooks,
)
from suites.standins.wecelebrate.api.answers import (
    ApiError,
    answer,
    not_found,
    on_api_error,
    on_http_error,
)
from suites.standins.wecelebrate.api.database import Database
from suites.standins.wecelebrate.api.envelope import Envelope
from suites.standins.wecelebrate.api.gates import Gates
from suites.standins.wecelebrate.api.paths import API, AUTH, DATA, FUNCTION
from suites.standins.wecelebrate.api.tokens import verify

SLOW_SECONDS = 1.2


async def health(request: Request) -> Response:
    """Say that the function runs; for everybody."""
    replica: Replica = request.app.state.replica
    if replica.fault("health_needs_token"):
        await verify(replica, request.headers.get("authorization", ""))
    if replica.fault("health_error"):
        raise ApiError(503, "unavailable", "the service is not available")
    if replica.fault("health_slow"):
        await asyncio.sleep(SLOW_SECONDS)
    return answer({"status": "degraded" if replica.fault("health_degraded") else "ok"})


async def version(request: Request) -> Response:
    """Say which commit this replica runs; for everybody."""
    replica: Replica = request.app.state.replica
    if replica.fault("version_missing"):
        raise not_found()
    is_old = replica.odd_fault("version_one_replica_old")
    commit = replica.settings["old_commit" if is_old else "commit"]
    return answer({"commit": commit, "replica": replica.name})


async def described(request: Request) -> Response:
    """Show the OpenAPI document; for everybody."""
    document = openapi.document()
    if request.app.state.replica.fault("route_undeclared"):
        document["paths"]["/api/exports"] = {"get": document["paths"]["/api/sites"]["get"]}
    return answer(document)


def routes() -> list[Route]:
    """Return every route of the function and of the auth service."""
    routes = [
        Route(f"{AUTH}/settings", auth_service.settings, methods=["GET"]),
        Route(f"{AUTH}/.well-known/jwks.json", auth_service.jwks, methods=["GET"]),
        Route(f"{AUTH}/token", auth_service.token, methods=["POST"]),
        Route(f"{AUTH}/signup", auth_service.sign_up, methods=["POST"]),
        Route(f"{AUTH}/admin/users", auth_service.list_users, methods=["GET"]),
        Route(f"{AUTH}/admin/users/{{id}}", auth_service.read_user, methods=["GET"]),
        Route(f"{AUTH}/admin/users/{{id}}", auth_service.remove_user, methods=["DELETE"]),
        Route(f"{DATA}/{{table}}", data_api.rows, methods=["GET"]),
        Route(f"{FUNCTION}/health", health, methods=["GET"]),
        Route(f"{FUNCTION}/version", version, methods=["GET"]),
        Route(f"{FUNCTION}/openapi.json", described, methods=["GET"]),
        Route(f"{FUNCTION}/webhooks/payments", webhooks.receiver("payments"), methods=["POST"]),
        Route(f"{FUNCTION}/webhooks/messages", webhooks.receiver("messages"), methods=["POST"]),
        Route(f"{API}/products", products.list_products, methods=["GET"]),
        Route(f"{API}/orders", orders.list_orders, methods=["GET"]),
        Route(f"{API}/orders", orders.create_order, methods=["POST"]),
        Route(f"{API}/orders/{{id}}", orders.read_order, methods=["GET"]),
        Route(f"{API}/orders/{{id}}", orders.change_order, methods=["PATCH"]),
        Route(f"{API}/orders/{{id}}", orders.delete_order, methods=["DELETE"]),
        Route(f"{API}/sites/{{site}}/catalog-config", products.catalog_config, methods=["GET"]),
        Route(f"{API}/admin/users", resources.lister(resources.ADMINS), methods=["GET"]),
        Route(f"{API}/admin/users", admins.invite, methods=["POST"]),
        Route(f"{API}/admin/users/{{id}}", admins.remove, methods=["DELETE"]),
        Route(f"{API}/payments/{{id}}", webhooks.remove_payment, methods=["DELETE"]),
        Route(f"{API}/messages/{{id}}", webhooks.remove_message, methods=["DELETE"]),
        Route(f"{API}/admin/audit-logs", resources.lister(resources.AUDIT), methods=["GET"]),
        Route(f"{API}/products/{{id}}", resources.reader(resources.PRODUCTS), methods=["GET"]),
    ]
    for path, resource in (
        ("sites", resources.SITES),
        ("catalogs", resources.CATALOGS),
        ("employees", resources.EMPLOYEES),
        ("analytics-events", resources.EVENTS),
        ("payments", resources.PAYMENTS),
        ("messages", resources.MESSAGES),
    ):
        routes.append(Route(f"{API}/{path}", resources.lister(resource), methods=["GET"]))
        routes.append(Route(f"{API}/{path}/{{id}}", resources.reader(resource), methods=["GET"]))
    return routes


def create(replica: Replica) -> Starlette:
    """Return the application for one replica."""
    app = Starlette(
        routes=[*routes(), *frontend.routes(), *exposed.routes()],
        middleware=[Middleware(Envelope, replica), Middleware(Gates, replica)],
        exception_handlers={ApiError: on_api_error, HTTPException: on_http_error},
    )
    app.router.redirect_slashes = False
    app.state.replica = replica
    app.state.database = Database(replica.settings["database"])
    return app
