"""The page that users see: just enough of it to have a script, which everybody can read."""

import json

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.api.answers import not_found

SCRIPT = "/assets/app.js"
CHUNK = "/assets/admin.js"
HIDDEN_MAP = "/assets/maps/app.json"
COOKIE = {"wc-locale": "en; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax"}
LEFT_OUT = {
    "cookie_not_secure": "; Secure",
    "cookie_for_scripts": "; HttpOnly",
    "cookie_from_other_sites": "; SameSite=Lax",
}
"""Fault → the attribute that the page's cookie lacks."""
PAGE = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>WeCelebrate</title></head>
<body><main id="app"></main><script src="{SCRIPT}"></script></body></html>
"""
POLICY = {"content-security-policy": "default-src 'self'; frame-ancestors 'none'"}


async def page(request: Request) -> Response:
    """Show the page, and remember its language."""
    replica: Replica = request.app.state.replica
    request.state.headers = POLICY
    ((name, value),) = COOKIE.items()
    for fault, attribute in LEFT_OUT.items():
        value = value.replace(attribute, "") if replica.fault(fault) else value
    return HTMLResponse(PAGE, headers={"set-cookie": f"{name}={value}"})


async def script(request: Request) -> Response:
    """Serve the page's script: the anon key is public, no other is."""
    replica: Replica = request.app.state.replica
    key = "service_key" if replica.fault("bundle_holds_secret") else "anon_key"
    code = f'const key="{replica.settings[key]}";fetch("/functions/v1/server/health");\n'
    code += 'const admin=()=>import("./admin.js");\n'
    if replica.fault("source_map_served"):
        code += f"//# sourceMappingURL={SCRIPT.rpartition('/')[2]}.map\n"
    if replica.fault("source_map_elsewhere"):
        code += f"//# sourceMappingURL={HIDDEN_MAP.removeprefix('/assets/')}\n"
    return Response(code, media_type="text/javascript")


async def chunk(request: Request) -> Response:
    """Serve what the script loads when an administrator needs it."""
    replica: Replica = request.app.state.replica
    key = replica.settings["service_key"] if replica.fault("chunk_holds_secret") else ""
    return Response(f'export const key="{key}";\n', media_type="text/javascript")


async def source_map(request: Request) -> Response:
    """Serve the script's sources, if a fault does so."""
    replica: Replica = request.app.state.replica
    is_hidden = request.scope["path"] == HIDDEN_MAP
    if not replica.fault("source_map_elsewhere" if is_hidden else "source_map_served"):
        raise not_found("Not Found")
    content = {"version": 3, "sources": ["src/app.ts"], "sourcesContent": ["// the source"], "mappings": ""}
    return Response(json.dumps(content), media_type="application/json")


def routes() -> list[Route]:
    """Return the page's routes."""
    return [
        Route("/", page, methods=["GET"]),
        Route(SCRIPT, script, methods=["GET"]),
        Route(CHUNK, chunk, methods=["GET"]),
        Route(HIDDEN_MAP, source_map, methods=["GET"]),
        Route(f"{SCRIPT}.map", source_map, methods=["GET"]),
    ]
