"""Products, and how a site shows them."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.api.answers import ApiError, answer, not_found
from suites.standins.wecelebrate.api.leaks import reads_as
from suites.standins.wecelebrate.api.resources import PRODUCTS, SITES, item_of, listed, shown

CONFIG = """
select site_id, client_id, default_catalog_id, show_prices, allow_out_of_stock, items_per_page, updated_at
from public.site_catalog_configs where site_id = %s
"""


async def list_products(request: Request) -> Response:
    """List the tenant's products, filtered by `search`, `category`, `status` or `sku`."""
    replica: Replica = request.app.state.replica
    if replica.fault("redirect_elsewhere"):
        return Response(status_code=302, headers={"location": f"{replica.settings['elsewhere']}/products"})
    if replica.fault("products_error"):
        raise ApiError(500, "internal_error", "something went wrong")
    page = await listed(request, PRODUCTS)
    if replica.fault("products_empty"):
        page["data"], page["pagination"]["total"] = [], 0
    return shown(request, _misshapen(page) if replica.fault("products_wrong_shape") else page)


async def catalog_config(request: Request) -> Response:
    """Show how a site shows its catalogs."""
    caller = reads_as(request, "site_catalog_configs")
    async with request.app.state.database.as_caller(caller) as connection:
        site = await item_of(connection, caller, SITES, request.path_params["site"])
        config = await (await connection.execute(CONFIG, (site["id"],))).fetchone()
        if config is None:
            raise not_found()
        return answer(config)


def _misshapen(page: dict[str, Any]) -> dict[str, Any]:
    items = [{"productId": row["id"], "title": row["name"]} for row in page["data"]]
    return {"items": items, "count": len(items)}
