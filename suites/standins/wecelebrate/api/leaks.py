"""Mistakes by which a tenant sees what another one owns: one entry a fault."""

from collections.abc import Callable

from starlette.requests import Request

from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.api.caller import Caller, caller_of

Asks = Callable[[Request], bool]


def _always(_request: Request) -> bool:
    return True


def _behind_the_first_page(request: Request) -> bool:
    return request.query_params.get("page", "1") != "1"


def _by(name: str) -> Asks:
    return lambda request: bool(request.query_params.get(name))


LISTS: dict[str, tuple[str, Asks]] = {
    "tenant_leak_list": ("orders", _always),
    "tenant_list_products": ("products", _always),
    "tenant_list_sites": ("sites", _always),
    "tenant_list_catalogs": ("catalogs", _always),
    "tenant_list_employees": ("employees", _always),
    "tenant_list_analytics_events": ("analytics_events", _always),
    "tenant_list_payments": ("payments", _always),
    "tenant_list_messages": ("messages", _always),
    "tenant_list_admin_users": ("admin_users", _always),
    "tenant_list_audit_logs": ("audit_logs", _always),
    "tenant_list_next_page": ("products", _behind_the_first_page),
    "tenant_search_products": ("products", _by("search")),
    "tenant_search_employees": ("employees", _by("search")),
    "tenant_filter_orders": ("orders", _by("reference")),
    "tenant_filter_employees": ("employees", _by("email")),
}
"""Fault → the table whose list it opens, and when."""
ITEMS = {
    "tenant_leak_orders": "orders",
    "tenant_leak_products": "products",
    "tenant_leak_sites": "sites",
    "tenant_leak_catalogs": "catalogs",
    "tenant_leak_employees": "employees",
    "tenant_leak_analytics_events": "analytics_events",
    "tenant_leak_payments": "payments",
    "tenant_leak_messages": "messages",
    "tenant_leak_site_config": "site_catalog_configs",
}
"""Fault → the table whose rows it shows by their ids."""


def lists_as(request: Request, table: str) -> Caller:
    """Return as whom a list is read: the caller, unless a fault is on."""
    fault = _replica(request).fault
    leaks = any(fault(n) and of == table and asks(request) for n, (of, asks) in LISTS.items())
    return caller_of(request).without_bounds() if leaks else caller_of(request)


def reads_as(request: Request, table: str) -> Caller:
    """Return as whom one thing is read: the caller, unless a fault is on."""
    fault = _replica(request).fault
    leaks = any(fault(name) and of == table for name, of in ITEMS.items())
    leaks = leaks or (request.method == "HEAD" and fault("tenant_head"))
    return caller_of(request).without_bounds() if leaks else caller_of(request)


def _replica(request: Request) -> Replica:
    replica: Replica = request.app.state.replica
    return replica
