"""What a tenant owns and may read: one entry a resource."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from psycopg import sql
from starlette.requests import Request
from starlette.responses import Response

from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.api.answers import ApiError, answer, forbidden, not_found
from suites.standins.wecelebrate.api.caller import Caller
from suites.standins.wecelebrate.api.database import Connection, Database, Row
from suites.standins.wecelebrate.api.leaks import lists_as, reads_as

MAX_LIMIT = 100
DEFAULT_LIMIT = 20
IN_TENANT = sql.SQL("(%(tenant)s::uuid is null or client_id = %(tenant)s)")


@dataclass(frozen=True, slots=True)
class Resource:
    """A table, what is shown of it, in which order, and what it can be filtered by."""

    table: str
    columns: tuple[str, ...]
    order: str
    equals: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    key: Callable[[str], Any] = uuid.UUID


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is wanted."""

    number: int
    limit: int

    @classmethod
    def of(cls, request: Request) -> "Page":
        """Read `page` and `limit`."""
        number = _whole(request, "page", 1)
        return cls(number, min(_whole(request, "limit", DEFAULT_LIMIT), MAX_LIMIT))


PRODUCTS = Resource(
    "products",
    (
        "id",
        "client_id",
        "catalog_id",
        "sku",
        "name",
        "description",
        "category",
        "price_cents",
        "currency",
        "inventory",
        "status",
    ),
    "sku",
    equals=("category", "status", "sku"),
    search=("name", "sku", "description"),
)
ORDERS = Resource(
    "orders",
    (
        "id",
        "client_id",
        "order_number",
        "reference",
        "product_id",
        "quantity",
        "total_cents",
        "status",
        "site_id",
        "employee_id",
        "created_at",
        "updated_at",
    ),
    "order_number desc",
    equals=("reference", "status", "product_id"),
    search=("order_number", "reference"),
)
SITES = Resource(
    "sites", ("id", "client_id", "name", "slug", "domain", "status"), "slug", ("slug",), ("name", "slug")
)
CATALOGS = Resource("catalogs", ("id", "client_id", "name", "type", "status"), "name", (), ("name",))
EMPLOYEES = Resource(
    "employees",
    ("id", "client_id", "site_id", "email", "first_name", "last_name", "employee_number", "status"),
    "employee_number",
    equals=("email", "site_id"),
    search=("email", "first_name", "last_name"),
)
EVENTS = Resource(
    "analytics_events",
    ("id", "client_id", "site_id", "event_type", "payload", "occurred_at"),
    "id",
    equals=("event_type",),
    key=int,
)
ADMINS = Resource("admin_users", ("id", "client_id", "email", "role", "status"), "email", ("email",))
AUDIT = Resource(
    "audit_logs",
    ("id", "client_id", "admin_user_id", "action", "entity_type", "entity_id", "created_at"),
    "id",
    equals=("action", "entity_type"),
    key=int,
)
PAYMENTS = Resource(
    "payments",
    ("id", "client_id", "event", "amount_cents", "currency", "created_at"),
    "created_at, id",
    ("event",),
)
MESSAGES = Resource(
    "messages",
    ("id", "client_id", "event", "recipient", "status", "created_at"),
    "created_at, id",
    ("event", "status"),
    ("recipient",),
)


async def page_of(database: Database, caller: Caller, resource: Resource, request: Request) -> Row:
    """Return one page of what the caller may see."""
    page = Page.of(request)
    filters = _filters(resource, request)
    values = {"tenant": caller.tenant, "limit": page.limit, "skip": (page.number - 1) * page.limit}
    values |= {name: value for name, (_, value) in filters.items()}
    table = sql.Identifier("public", resource.table)
    where = sql.SQL(" and ").join([IN_TENANT, *(condition for condition, _ in filters.values())])
    query = sql.SQL(
        "select {columns}, count(*) over () as total from {table} where {where}"
        " order by {order} limit %(limit)s offset %(skip)s"
    ).format(
        columns=_columns(resource),
        table=table,
        where=where,
        order=sql.SQL(resource.order),  # from the table above
    )
    async with database.as_caller(caller) as connection:
        rows = await (await connection.execute(query, values)).fetchall()
    total = rows[0]["total"] if rows else 0
    if request.app.state.replica.fault("tenant_total") and caller.tenant:
        return await _counted_for_all(database, caller, resource, request, rows)
    for row in rows:
        del row["total"]
    return {"data": rows, "pagination": {"page": page.number, "limit": page.limit, "total": total}}


async def _counted_for_all(
    database: Database, caller: Caller, resource: Resource, request: Request, rows: list[Row]
) -> Row:
    """Return a page of one tenant's, beside the total of everybody's."""
    everybodys = await page_of(database, caller.without_bounds(), resource, request)
    own = [row for row in rows if row.pop("total")]
    return {**everybodys, "data": own}


async def item_of(
    connection: Connection, caller: Caller, resource: Resource, key: str, *, stumbles: bool = False
) -> Row:
    """Return one thing, or refuse: 403 if another tenant has it, 404 if nobody has.

    What is no id at all is nobody's; by a fault it `stumbles` over that.
    """
    try:
        identity = resource.key(key)
    except ValueError:
        raise ApiError(500, "internal_error", "something went wrong") if stumbles else not_found() from None
    query = sql.SQL("select {columns} from {table} where id = %(id)s and {within}").format(
        columns=_columns(resource), table=sql.Identifier("public", resource.table), within=IN_TENANT
    )
    try:
        rows = await connection.execute(query, {"id": identity, "tenant": caller.tenant})
    except OverflowError:
        raise not_found() from None
    if row := await rows.fetchone():
        return row
    owners = await connection.execute(
        "select private.tenant_of(%s, %s) as tenant", (resource.table, str(identity))
    )
    owner = await owners.fetchone()
    raise forbidden() if owner and owner["tenant"] else not_found()


async def listed(request: Request, resource: Resource) -> Row:
    """Return the page that a request asks for."""
    database: Database = request.app.state.database
    replica: Replica = request.app.state.replica
    if "'" in request.query_params.get("search", "") and replica.fault("search_quote_500"):
        raise ApiError(500, "internal_error", "something went wrong")
    caller = lists_as(request, resource.table)
    page = await page_of(database, caller, resource, request)
    if caller.tenant == replica.settings["second_tenant"] and replica.fault("second_tenant_empty"):
        page["data"], page["pagination"]["total"] = [], 0
    return page


def shown(request: Request, page: Row) -> Response:
    """Answer with a page."""
    replica: Replica = request.app.state.replica
    search = request.query_params.get("search")
    if search is None or not replica.fault("markup_reflected"):
        return answer(page, headers=_next_page(request, page["pagination"]))
    response = answer({**page, "search": search})
    response.headers["content-type"] = "text/html; charset=utf-8"
    return response


def _next_page(request: Request, pagination: dict[str, int]) -> dict[str, str]:
    """Return the link to the next page, if there is one."""
    number = pagination["page"]
    if number * pagination["limit"] >= pagination["total"]:
        return {}
    query = urlencode({**request.query_params, "page": number + 1})
    return {"link": f'<{request.scope["path"]}?{query}>; rel="next"'}


def lister(resource: Resource) -> Callable[[Request], Awaitable[Response]]:
    """Return the route that lists a resource."""

    async def route(request: Request) -> Response:
        return shown(request, await listed(request, resource))

    return route


def reader(resource: Resource) -> Callable[[Request], Awaitable[Response]]:
    """Return the route that shows one thing."""

    async def route(request: Request) -> Response:
        caller = reads_as(request, resource.table)
        async with request.app.state.database.as_caller(caller) as connection:
            return answer(await item_of(connection, caller, resource, request.path_params["id"]))

    return route


def _columns(resource: Resource) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, resource.columns))


def _filters(resource: Resource, request: Request) -> dict[str, tuple[sql.Composed, str]]:
    filters: dict[str, tuple[sql.Composed, str]] = {}
    for name in resource.equals:
        if (value := request.query_params.get(name)) is not None:
            condition = sql.SQL("{}::text = {}").format(sql.Identifier(name), sql.Placeholder(name))
            filters[name] = (condition, value)
    if (wanted := request.query_params.get("search")) and resource.search:
        placeholder = sql.Placeholder("search")
        found = [
            sql.SQL("strpos(lower({}), lower({})) > 0").format(sql.Identifier(name), placeholder)
            for name in resource.search
        ]
        filters["search"] = (sql.SQL("({})").format(sql.SQL(" or ").join(found)), wanted)
    for _, value in filters.values():
        if "\x00" in value:
            raise ApiError(400, "bad_request", "a filter holds a character that nothing can hold")
    return filters


def _whole(request: Request, name: str, default: int) -> int:
    given = request.query_params.get(name)
    if given is None:
        return default
    if not given.isascii() or not given.isdigit() or not 1 <= int(given[:10]) <= 10**6 or len(given) > 7:
        raise ApiError(400, "bad_request", f"{name} must be a whole number from 1 to 1000000")
    return int(given)
