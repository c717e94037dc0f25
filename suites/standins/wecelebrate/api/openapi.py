"""The function's OpenAPI document: what it says is held against the routes by a test."""

from typing import Any

from suites.standins.wecelebrate.api import resources
from suites.standins.wecelebrate.api.paths import FUNCTION
from suites.standins.wecelebrate.api.resources import Resource

Json = dict[str, Any]

UUID: Json = {"type": "string", "format": "uuid"}
TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer"}
TYPES: dict[str, Json] = {
    "price_cents": WHOLE,
    "total_cents": WHOLE,
    "amount_cents": WHOLE,
    "inventory": WHOLE,
    "quantity": WHOLE,
    "payload": {"type": "object"},
    "created_at": {"type": "string", "format": "date-time"},
    "updated_at": {"type": "string", "format": "date-time"},
    "occurred_at": {"type": "string", "format": "date-time"},
    "reference": {"type": ["string", "null"]},
    "domain": {"type": ["string", "null"]},
    "employee_id": {"type": ["string", "null"], "format": "uuid"},
}
LISTED: dict[str, tuple[str, Resource]] = {
    "/api/products": ("Product", resources.PRODUCTS),
    "/api/orders": ("Order", resources.ORDERS),
    "/api/sites": ("Site", resources.SITES),
    "/api/catalogs": ("Catalog", resources.CATALOGS),
    "/api/employees": ("Employee", resources.EMPLOYEES),
    "/api/analytics-events": ("AnalyticsEvent", resources.EVENTS),
    "/api/payments": ("Payment", resources.PAYMENTS),
    "/api/messages": ("Message", resources.MESSAGES),
    "/api/admin/users": ("AdminUser", resources.ADMINS),
    "/api/admin/audit-logs": ("AuditEntry", resources.AUDIT),
}
STATUS: Json = {"enum": ["pending", "confirmed", "shipped", "delivered", "cancelled"]}
QUANTITY: Json = {"type": "integer", "minimum": 1, "maximum": 1000}
REFERENCE: Json = {"type": ["string", "null"], "minLength": 1, "maxLength": 100}
NEW_ORDER: Json = {
    "type": "object",
    "required": ["product_id", "quantity"],
    "properties": {
        "product_id": UUID,
        "quantity": QUANTITY,
        "reference": REFERENCE,
        "site_id": {"type": ["string", "null"], "format": "uuid"},
        "employee_id": {"type": ["string", "null"], "format": "uuid"},
    },
}
ORDER_CHANGE: Json = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {"quantity": QUANTITY, "reference": REFERENCE, "status": STATUS},
}
NEW_ADMIN: Json = {
    "type": "object",
    "required": ["email"],
    "properties": {
        "email": {"type": "string", "format": "email", "maxLength": 200},
        "role": {"enum": ["admin", "manager", "viewer"], "default": "viewer"},
    },
}
SITE_CONFIG: Json = {
    "type": "object",
    "properties": {
        "site_id": UUID,
        "client_id": UUID,
        "default_catalog_id": UUID,
        "show_prices": {"type": "boolean"},
        "allow_out_of_stock": {"type": "boolean"},
        "items_per_page": WHOLE,
        "updated_at": TYPES["updated_at"],
    },
}
USER: list[Json] = [{"user": []}]
PUBLIC: list[Json] = []
PLATFORM: list[Json] = [{"platform": []}]
EITHER: list[Json] = [{"user": []}, {"platform": []}]
REFUSALS = {
    "400": "BadRequest",
    "401": "Unauthorized",
    "403": "Forbidden",
    "404": "NotFound",
    "409": "Conflict",
    "413": "TooLarge",
    "422": "Invalid",
}
MEANINGS = {
    "BadRequest": "The request can't be read",
    "Unauthorized": "No valid access token",
    "Forbidden": "Another tenant's, or for another role",
    "NotFound": "Nobody has it",
    "Conflict": "It is in use",
    "TooLarge": "The body is too large",
    "Invalid": "It can be read, but makes no sense",
    "TooManyRequests": "The rate limit is used up",
}


def document(server: str = FUNCTION) -> Json:
    """Return the document; the server is relative to where it is served."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "WeCelebrate", "version": "2.0.0"},
        "servers": [{"url": server}],
        "security": USER,
        "paths": _paths(),
        "components": {
            "securitySchemes": {
                "user": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "platform": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The project's service-role key",
                },
            },
            "schemas": {**{name: _shape(resource) for name, resource in LISTED.values()}, **_fixed()},
            "responses": {name: _refusal(name) for name in MEANINGS},
        },
    }


def _paths() -> Json:
    paths: Json = {
        "/health": {"get": _operation("Say that the function runs", {"200": _object("status")}, PUBLIC)},
        "/version": {
            "get": _operation("Say what runs", {"200": _object("commit", "replica")}, PUBLIC),
        },
        "/openapi.json": {"get": _operation("This document", {"200": _object()}, PUBLIC)},
        "/api/sites/{site}/catalog-config": {
            "parameters": [_in_path("site", UUID)],
            "get": _operation("Show how a site shows its catalogs", _ok("SiteCatalogConfig", "403", "404")),
        },
        "/webhooks/payments": {"post": _webhook("payment", "stripe-signature")},
        "/webhooks/messages": {"post": _webhook("message", "svix-id", "svix-timestamp", "svix-signature")},
    }
    for path, (name, resource) in LISTED.items():
        paths[path] = {"get": _list(path, name, resource)}
        if not path.startswith("/api/admin"):
            key = {"type": "integer"} if resource.key is int else UUID
            show = _operation(f"Show one {name}", _ok(name, "403", "404"), _readers(path))
            paths[f"{path}/{{id}}"] = {"parameters": [_in_path("id", key)], "get": show}
    _write_routes(paths)
    return paths


def _write_routes(paths: Json) -> None:
    paths["/api/orders"]["post"] = _operation(
        "Create an order", _made("Order", "400", "403", "404", "413", "422"), body=NEW_ORDER
    )
    order = paths["/api/orders/{id}"]
    order["patch"] = _operation(
        "Change an order", _ok("Order", "400", "403", "404", "413", "422"), body=ORDER_CHANGE
    )
    order["delete"] = _operation("Remove an order", _gone("403", "404"))
    paths["/api/admin/users"]["post"] = _operation(
        "Invite an administrator", _made("AdminUser", "400", "403", "409", "413", "422"), body=NEW_ADMIN
    )
    paths["/api/admin/users/{id}"] = {
        "parameters": [_in_path("id", UUID)],
        "delete": _operation("Remove an administrator", _gone("403", "404", "409")),
    }
    for path in ("/api/payments/{id}", "/api/messages/{id}"):
        paths[path]["delete"] = _operation("Remove it and its event", _gone("403", "404"), PLATFORM)


def _readers(path: str) -> list[Json]:
    return EITHER if path in {"/api/payments", "/api/messages"} else USER


def _list(path: str, name: str, resource: Resource) -> Json:
    page = {
        "type": "object",
        "required": ["data", "pagination"],
        "properties": {
            "data": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
            "pagination": {"$ref": "#/components/schemas/Pagination"},
        },
    }
    answers = {"200": {"description": "One page", "content": _json(page)}, **_refused("400", "403")}
    operation = _operation(f"List every {name} of the tenant", answers, _readers(path))
    names = [*resource.equals, *(["search"] if resource.search else [])]
    bounds = {"type": "integer", "minimum": 1, "maximum": 1_000_000}
    numbers = [_in_query(name, bounds) for name in ("page", "limit")]
    operation["parameters"] = [*numbers, *(_in_query(name, TEXT) for name in names)]
    return operation


def _webhook(what: str, *headers: str) -> Json:
    event = {"type": "object", "required": ["type", "data"]}
    answers = {"200": _object("received", "duplicate", of="boolean"), **_refused("400", "413", "422")}
    operation = _operation(f"Take a {what} event, once", answers, PUBLIC, event)
    operation["parameters"] = [
        {"name": name, "in": "header", "required": True, "schema": TEXT} for name in headers
    ]
    return operation


def _operation(summary: str, answers: Json, security: list[Json] = USER, body: Json | None = None) -> Json:
    refused = _refused("401") if security else {}
    limited = {"429": {"$ref": "#/components/responses/TooManyRequests"}}
    operation = {"summary": summary, "security": security, "responses": {**answers, **refused, **limited}}
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _json(body)}
    return operation


def _ok(name: str, *refusals: str) -> Json:
    content = _json({"$ref": f"#/components/schemas/{name}"})
    return {"200": {"description": "It", "content": content}, **_refused(*refusals)}


def _made(name: str, *refusals: str) -> Json:
    return {"201": _ok(name)["200"], **_refused(*refusals)}


def _gone(*refusals: str) -> Json:
    return {"204": {"description": "Removed"}, **_refused(*refusals)}


def _refused(*statuses: str) -> Json:
    return {status: {"$ref": f"#/components/responses/{REFUSALS[status]}"} for status in statuses}


def _refusal(name: str) -> Json:
    return {"description": MEANINGS[name], "content": _json({"$ref": "#/components/schemas/Error"})}


def _object(*names: str, of: str = "string") -> Json:
    shape = {"type": "object", "required": list(names), "properties": {name: {"type": of} for name in names}}
    return {"description": "It", "content": _json(shape)}


def _shape(resource: Resource) -> Json:
    properties = {name: TYPES.get(name, UUID if name.endswith("_id") else TEXT) for name in resource.columns}
    properties["id"] = WHOLE if resource.key is int else UUID
    properties |= {"entity_id": TEXT} if "entity_id" in properties else {}
    return {"type": "object", "required": list(resource.columns), "properties": properties}


def _fixed() -> Json:
    pagination = dict.fromkeys(("page", "limit", "total"), WHOLE)
    error = {"type": "object", "required": ["code", "message"], "properties": {"code": TEXT, "message": TEXT}}
    return {
        "SiteCatalogConfig": SITE_CONFIG,
        "Pagination": {"type": "object", "required": list(pagination), "properties": pagination},
        "Error": {"type": "object", "required": ["error"], "properties": {"error": error}},
    }


def _json(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _in_path(name: str, schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _in_query(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "schema": schema}
