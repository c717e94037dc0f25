"""A small shop on free ports of 127.0.0.1, scripted by its tests; run it as a process of its own.

Listens as a balancer over two replicas, as each replica, and as a foreign origin. Prints its addresses as
one line of JSON once it is up. Needs the standard library only.
"""

import base64
import hashlib
import hmac
import json
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "the-key-that-signs-the-tokens-of-the-shop"
USERS = {"ann@shop.test": ("ann-password-1", "a"), "bob@shop.test": ("bob-password-2", "b")}
FRONT, FIRST, SECOND, ELSEWHERE = LISTENERS = "front", "first", "second", "elsewhere"

HEALTHY: Mapping[str, Any] = {
    "health": 200,
    "versions": ["v1", "v1"],
    "login": "jwt",
    "create": "now",
    "delete": "now",
    "find": "now",
    "guard": True,
    "slow": 0.0,
}
"""What a test may switch: `login` jwt, opaque, broken or hang; `create` now or hang (after creating);
`delete` now, never (and says it did) or refused; `find` now or broken; `guard` asks for tokens."""


class Shop:
    """The state that all listeners share."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.addresses: dict[str, str] = {}
        self.woken = threading.Event()
        self.reset()

    def reset(self) -> None:
        with self.lock:
            self.switches = dict(HEALTHY)
            self.orders: dict[str, dict[str, Any]] = {}
            self.log: list[dict[str, Any]] = []
            self.turn = 0
            self.tokens: dict[str, str] = {}
            self.woken.set()
            self.woken = threading.Event()

    def tenant(self, authorization: str) -> str | None:
        token = authorization.removeprefix("Bearer ")
        if token in self.tokens:
            return self.tokens[token]
        try:
            head, claims, signature = token.split(".")
            said = json.loads(base64.urlsafe_b64decode(claims + "=="))
        except ValueError:
            return None
        right = hmac.compare_digest(signature, _signature(f"{head}.{claims}"))
        return said["tenant"] if right and said["exp"] > time.time() else None

    def token(self, tenant: str) -> str:
        if self.switches["login"] == "opaque":
            token = f"opaque+{uuid.uuid4().hex}/{tenant}="
            self.tokens[token] = tenant
            return token
        now = int(time.time())
        claims = {"tenant": tenant, "iat": now, "exp": now + 3600, "jti": uuid.uuid4().hex}
        signed = f"{_coded({'alg': 'HS256', 'typ': 'JWT'})}.{_coded(claims)}"
        return f"{signed}.{_signature(signed)}"


def _coded(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _signature(signed: str) -> str:
    digest = hmac.new(KEY.encode(), signed.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Handler(BaseHTTPRequestHandler):
    """Answers for one listener; `shop` and `listener` are set on a subclass."""

    shop: Shop
    listener: str
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode("utf-8", "replace")
        parts = urlsplit(self.path)
        if parts.path.startswith("/_"):
            self._control(parts.path, body)
            return
        self._note(body)
        time.sleep(self.shop.switches["slow"])
        if self.listener == ELSEWHERE:
            self._say(200, {"here": "elsewhere"})
            return
        routes: dict[str, Callable[[str], None]] = {
            "health": self._health,
            "version": self._version,
            "login": self._login,
            "products": self._products,
            "orders": self._orders,
            "echo": self._echo,
            "away": self._away,
            "status": self._status,
            "hang": self._hang,
            "drip": self._drip,
            "drip-headers": self._drip_headers,
            "large": self._large,
        }
        route = routes.get(parts.path.split("/")[1])
        if route is None:
            self._say(404, {"error": f"no {parts.path}"})
        else:
            route(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer  # noqa: N815 - what http.server calls

    def _note(self, body: str) -> None:
        with self.shop.lock:
            self.shop.log.append(
                {
                    "listener": self.listener,
                    "method": self.command,
                    "target": self.path,
                    "headers": {name.lower(): value for name, value in self.headers.items()},
                    "body": body,
                    "client": self.client_address[1],
                }
            )

    def _control(self, path: str, body: str) -> None:
        if path == "/_reset":
            self.shop.reset()
        elif path == "/_switch":
            with self.shop.lock:
                self.shop.switches |= json.loads(body)
        elif path == "/_wake":
            self.shop.woken.set()
        with self.shop.lock:
            state = {"log": self.shop.log, "orders": self.shop.orders}
            text = json.dumps(state)
        self._send(200, text)

    def _health(self, _: str) -> None:
        self._say(self.shop.switches["health"], {"status": "ok"})

    def _version(self, _: str) -> None:
        with self.shop.lock:
            if self.listener == FRONT:
                self.shop.turn += 1
                number = self.shop.turn % 2
            else:
                number = (FIRST, SECOND).index(self.listener)
        self._say(200, {"commit": self.shop.switches["versions"][number], "replica": f"r{number + 1}"})

    def _login(self, body: str) -> None:
        how = self.shop.switches["login"]
        if how == "hang":
            self._hang(body)
            return
        given = json.loads(body)
        password, tenant = USERS.get(given.get("email"), ("", ""))
        if how == "broken" or not password or given.get("password") != password:
            self._say(400, {"error_description": "Invalid login credentials", "you_sent": given})
            return
        self._say(200, {"access_token": self.shop.token(tenant), "token_type": "bearer"})

    def _tenant(self) -> str | None:
        tenant = self.shop.tenant(self.headers.get("authorization") or "")
        if tenant is None and self.shop.switches["guard"]:
            self._say(401, {"error": "who are you?"})
            return None
        return tenant or "nobody"

    def _products(self, _: str) -> None:
        if tenant := self._tenant():
            self._say(200, {"items": [{"id": f"{tenant}-1", "price": 5}]})

    def _orders(self, body: str) -> None:
        tenant = self._tenant()
        if tenant is None:
            return
        parts = urlsplit(self.path)
        order = parts.path.removeprefix("/orders").strip("/")
        if self.command == "POST":
            self._create(tenant, json.loads(body))
        elif not order:
            self._find(tenant, parse_qs(parts.query))
        elif self.shop.orders.get(order, {}).get("tenant") != tenant:
            self._say(404, {"error": "no such order"})
        elif self.command == "DELETE":
            self._delete(order)
        else:
            self._say(200, self.shop.orders[order])

    def _create(self, tenant: str, wanted: Mapping[str, Any]) -> None:
        order = {**wanted, "id": uuid.uuid4().hex, "tenant": tenant}
        with self.shop.lock:
            self.shop.orders[order["id"]] = order
        if self.shop.switches["create"] == "hang":
            self._hang("")
        else:
            self._say(201, order)

    def _find(self, tenant: str, query: Mapping[str, list[str]]) -> None:
        if self.shop.switches["find"] == "broken":
            self._say(500, {"error": "the index is gone"})
            return
        wanted = query.get("reference", [None])[0]
        with self.shop.lock:
            found = [
                order
                for order in self.shop.orders.values()
                if order["tenant"] == tenant and wanted in (None, order.get("reference"))
            ]
        self._say(200, {"items": found})

    def _delete(self, order: str) -> None:
        if self.shop.switches["delete"] == "refused":
            self._say(403, {"error": "orders are for ever"})
            return
        if self.shop.switches["delete"] == "now":
            with self.shop.lock:
                self.shop.orders.pop(order, None)
        self._send(204, "")

    def _echo(self, body: str) -> None:
        padding = "." * int((parse_qs(urlsplit(self.path).query).get("padding") or ["0"])[0])
        self._say(200, {"padding": padding, "headers": dict(self.headers.items()), "body": body})

    def _away(self, _: str) -> None:
        query = parse_qs(urlsplit(self.path).query)
        to = query.get("to", [f"{self.shop.addresses[ELSEWHERE]}/landed"])[0]
        self._send(int(query.get("status", ["302"])[0]), "", {"Location": to})

    def _status(self, _: str) -> None:
        self._say(int(urlsplit(self.path).path.split("/")[2]), {"status": "as asked"})

    def _hang(self, _: str) -> None:
        self.shop.woken.wait()
        self.close_connection = True

    def _drip_headers(self, _: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        self._drop_by_drop()

    def _drip(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self._drop_by_drop()

    def _drop_by_drop(self) -> None:
        woken = self.shop.woken
        while not woken.wait(0.02):
            try:
                self.wfile.write(b".")
            except OSError:
                break
        self.close_connection = True

    def _large(self, _: str) -> None:
        self._send(200, "x" * (11 * 1024 * 1024))

    def _say(self, status: int, document: Mapping[str, Any]) -> None:
        self._send(status, json.dumps(document), {"Content-Type": "application/json"})

    def _send(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        body = text.encode()
        try:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on standard error."""


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main() -> None:
    shop = Shop()
    for name in LISTENERS:
        handler = type(name, (Handler,), {"shop": shop, "listener": name})
        listener = Listener(("127.0.0.1", 0), handler)
        shop.addresses[name] = f"http://127.0.0.1:{listener.server_address[1]}"
        threading.Thread(target=listener.serve_forever, daemon=True).start()
    sys.stdout.write(json.dumps(shop.addresses) + "\n")
    sys.stdout.flush()
    sys.stdin.read()  # until whoever started it ends


if __name__ == "__main__":
    main()
