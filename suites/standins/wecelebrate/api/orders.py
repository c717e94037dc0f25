"""Orders: created, read, changed and removed within the caller's tenant."""

import contextlib
import uuid
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.api.answers import (
    ApiError,
    answer,
    forbidden,
    invalid,
    not_found,
    read_object,
)
from suites.standins.wecelebrate.api.caller import Caller, caller_of
from suites.standins.wecelebrate.api.database import Connection, Row
from suites.standins.wecelebrate.api.leaks import reads_as
from suites.standins.wecelebrate.api.resources import (
    EMPLOYEES,
    ORDERS,
    PRODUCTS,
    SITES,
    item_of,
    listed,
    shown,
)

STATUSES = frozenset({"pending", "confirmed", "shipped", "delivered", "cancelled"})
MAX_QUANTITY = 1000
MAX_REFERENCE = 100
INSERT = f"""
insert into public.orders
  (id, client_id, site_id, employee_id, product_id, reference, quantity, total_cents, created_by)
values (%(id)s, %(client_id)s, %(site_id)s, %(employee_id)s, %(product_id)s, %(reference)s,
  %(quantity)s, %(total_cents)s, %(created_by)s)
returning {", ".join(ORDERS.columns)}
"""  # noqa: S608 - columns from our own table
UPDATE = f"""
update public.orders set quantity = %(quantity)s, reference = %(reference)s, status = %(status)s,
  total_cents = %(total_cents)s, updated_at = now()
where id = %(id)s returning {", ".join(ORDERS.columns)}
"""  # noqa: S608 - columns from our own table
THEIR_PRODUCT = """
select id from public.products where client_id = %s order by id::text = %s desc, sku limit 1
"""
FIRST_SITE = "select id from public.sites where client_id = %s order by slug limit 1"


class _Discarded(Exception):  # noqa: N818 - not an error: undoes the transaction
    """Undoes what was written."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a client may say about an order."""

    given: dict[str, Any]

    def quantity(self) -> int:
        """Return the quantity, a whole number from 1."""
        value = self.given.get("quantity")
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_QUANTITY:
            raise invalid(f"quantity must be a whole number from 1 to {MAX_QUANTITY}")
        return value

    def reference(self) -> str | None:
        """Return the client's own reference, if it gave one."""
        value = self.given.get("reference")
        if value is None:
            return None
        if not isinstance(value, str) or not 1 <= len(value) <= MAX_REFERENCE or "\x00" in value:
            raise invalid(f"reference must be a text of 1 to {MAX_REFERENCE} characters")
        return value

    def status(self) -> str:
        """Return the status."""
        value = self.given.get("status")
        if value not in STATUSES:
            raise invalid(f"status must be one of {', '.join(sorted(STATUSES))}")
        return str(value)

    def id(self, name: str) -> str:
        """Return the id of something else that the order names."""
        value = self.given.get(name)
        try:
            return str(uuid.UUID(value))
        except (AttributeError, TypeError, ValueError):
            raise invalid(f"{name} must be an id") from None


async def list_orders(request: Request) -> Response:
    """List the tenant's orders, filtered by `reference`, `status` or `search`."""
    return shown(request, await listed(request, ORDERS))


async def read_order(request: Request) -> Response:
    """Show one order."""
    caller = reads_as(request, ORDERS.table)
    async with request.app.state.database.as_caller(caller) as connection:
        stumbles = _replica(request).fault("odd_id_500")
        return answer(await item_of(connection, caller, ORDERS, request.path_params["id"], stumbles=stumbles))


async def create_order(request: Request) -> Response:
    """Create an order of one product."""
    fault = _replica(request).fault
    caller = caller_of(request)
    if fault("order_create_error"):
        raise ApiError(500, "internal_error", "something went wrong")
    content = await read_object(request)
    caller = await _creates_as(request, caller, content)
    draft = Draft(content)
    order: Row = {}
    with contextlib.suppress(_Discarded):
        async with request.app.state.database.as_caller(caller) as connection:
            values = await _values(connection, caller, draft)
            wanted = values["quantity"]
            if fault("order_wrong_quantity"):
                values["quantity"] = wanted % MAX_QUANTITY + 1
            order = await _one(connection, INSERT, values)
            order["quantity"] = wanted
            if fault("order_not_persisted"):
                raise _Discarded
    if fault("order_create_hangs"):
        await _until_gone(request)
    location = {"location": f"{request.scope['path']}/{order['id']}"}
    return answer(order, 201, location)


async def _creates_as(request: Request, caller: Caller, content: dict[str, Any]) -> Caller:
    """Refuse an order for another tenant; a fault lets the caller act for it."""
    fault = _replica(request).fault
    if fault("tenant_create_by_product"):
        return caller.without_bounds()
    if caller.tenant and content.get("client_id", caller.tenant) != caller.tenant:
        if fault("tenant_create_by_body"):
            caller = caller.within(str(content["client_id"]))
            async with request.app.state.database.as_caller(caller) as connection:
                wanted = (caller.tenant, str(content.get("product_id")))
                content["product_id"] = str((await _one(connection, THEIR_PRODUCT, wanted))["id"])
            return caller
        raise forbidden()
    return caller


async def _until_gone(request: Request) -> None:
    """Wait until the client has given up."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def change_order(request: Request) -> Response:
    """Change quantity, reference or status of an order."""
    caller = caller_of(request)
    content = await read_object(request)
    draft = Draft(content)
    unknown = set(content) - {"quantity", "reference", "status"}
    if unknown or not content:
        raise invalid("only quantity, reference and status can be changed")
    writer = _writes_as(request, caller, "update")
    async with request.app.state.database.as_caller(writer) as connection:
        order = await item_of(connection, writer, ORDERS, request.path_params["id"])
        price = order["total_cents"] // order["quantity"]
        changes = {name: getattr(draft, name)() for name in content}
        values = {**order, **changes}
        values["total_cents"] = price * values["quantity"]
        changed = await _one(connection, UPDATE, values)
    _refuse_afterwards(request, caller, order, "update")
    return answer(changed)


async def delete_order(request: Request) -> Response:
    """Remove an order."""
    fault = _replica(request).fault
    caller = caller_of(request)
    if fault("order_delete_forbidden"):
        raise forbidden("orders can't be removed")
    writer = _writes_as(request, caller, "delete")
    async with request.app.state.database.as_caller(writer) as connection:
        order = await item_of(connection, writer, ORDERS, request.path_params["id"])
        if not fault("order_delete_ignored"):
            await connection.execute("delete from public.orders where id = %s", (order["id"],))
    _refuse_afterwards(request, caller, order, "delete")
    return Response(status_code=204)


def _writes_as(request: Request, caller: Caller, verb: str) -> Caller:
    """Return as whom an order is written: the caller, unless a fault is on."""
    faults = (f"tenant_{verb}_order", f"tenant_{verb}_despite_403")
    return caller.without_bounds() if any(map(_replica(request).fault, faults)) else caller


def _refuse_afterwards(request: Request, caller: Caller, order: Row, verb: str) -> None:
    """Refuse what has been done already."""
    is_theirs = caller.tenant is not None and str(order["client_id"]) != caller.tenant
    if is_theirs and _replica(request).fault(f"tenant_{verb}_despite_403"):
        raise forbidden()


async def _values(connection: Connection, caller: Caller, draft: Draft) -> Row:
    """Return the row to write; whatever it names must be the tenant's own."""
    quantity = draft.quantity()
    product = await item_of(connection, caller, PRODUCTS, draft.id("product_id"))
    tenant = product["client_id"]
    employee = None
    if draft.given.get("employee_id") is not None:
        employee = (await item_of(connection, caller, EMPLOYEES, draft.id("employee_id")))["id"]
    if draft.given.get("site_id") is not None:
        site = (await item_of(connection, caller, SITES, draft.id("site_id")))["id"]
    else:
        site = (await _one(connection, FIRST_SITE, (tenant,)))["id"]
    return {
        "id": uuid.uuid4(),
        "client_id": tenant,
        "site_id": site,
        "employee_id": employee,
        "product_id": product["id"],
        "reference": draft.reference(),
        "quantity": quantity,
        "total_cents": quantity * product["price_cents"],
        "created_by": caller.user,
    }


async def _one(connection: Connection, query: str, values: Row | tuple[object, ...]) -> Row:
    row = await (await connection.execute(query.encode(), values)).fetchone()
    if row is None:
        raise not_found()
    return row


def _replica(request: Request) -> Replica:
    replica: Replica = request.app.state.replica
    return replica
