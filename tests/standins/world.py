"""A user's world: HTTPS to a stand-in, logged in or not, and its database."""

import json
import socket
import ssl
import subprocess
import time
import uuid
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import httpx
import jwt
import psycopg

from suites.standins.client import Standin

FUNCTION = "/functions/v1/server"
DEADLINE = 20.0


def wait_until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < deadline, f"still not so after {DEADLINE:.0f} s: {what}"
        time.sleep(0.02)


class World:
    def __init__(self, standin: Standin) -> None:
        self.standin = standin
        self.given = standin.provided
        self.trust = ssl.create_default_context(cafile=self.given["CA_FILE"])
        self.http = self.client()
        self.tokens: dict[str, str] = {}

    def client(self, address: str = "127.0.0.1") -> httpx.Client:
        transport = httpx.HTTPTransport(verify=self.trust, local_address=address)
        return httpx.Client(base_url=self.given["SUPABASE_URL"], transport=transport, timeout=10)

    def login(self, person: str, password: str = "", *, key: str = "SUPABASE_ANON_KEY") -> httpx.Response:
        return self.http.post(
            "/auth/v1/token",
            params={"grant_type": "password"},
            headers={"apikey": self.given[key]},
            json={
                "email": self.given[f"{person}_EMAIL"],
                "password": password or self.given[f"{person}_PASSWORD"],
            },
        )

    def token(self, person: str = "SHOPPER_A") -> str:
        if person not in self.tokens:
            self.tokens[person] = self.login(person).json()["access_token"]
        return self.tokens[person]

    def call(
        self, method: str, path: str, person: str | None = "SHOPPER_A", json: object = None
    ) -> httpx.Response:
        return self.bearing(self.token(person) if person else None, method, path, json)

    def bearing(self, token: str | None, method: str, path: str, json: object = None) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return self.http.request(method, FUNCTION + path, headers=headers, json=json)

    def get(self, path: str, person: str | None = "SHOPPER_A") -> dict[str, Any]:
        content: dict[str, Any] = self.call("GET", path, person).json()
        return content

    def rows(self, table: str, person: str | None, **query: str) -> httpx.Response:
        """What the data API shows of a table, to a person or to the key that everybody has."""
        headers = {"apikey": self.given["SUPABASE_ANON_KEY"]}
        if person:
            headers["authorization"] = f"Bearer {self.token(person)}"
        return self.http.get(f"/rest/v1/{table}", headers=headers, params=query)

    def first(self, kind: str, person: str = "SHOPPER_A") -> str:
        return str(self.get(f"/api/{kind}?limit=1", person)["data"][0]["id"])

    def order(self, quantity: int = 2) -> httpx.Response:
        content = {"product_id": self.product, "quantity": quantity, "reference": f"T-{uuid.uuid4()}"}
        return self.call("POST", "/api/orders", json=content)

    @cached_property
    def product(self) -> str:
        return self.first("products")

    @cached_property
    def order_of_b(self) -> str:
        return self.first("orders", "SHOPPER_B")

    def forged(self, **changes: object) -> str:
        claims = jwt.decode(self.token(), options={"verify_signature": False})
        return jwt.encode({**claims, **changes}, self.given["SUPABASE_JWT_SECRET"], algorithm="HS256")

    def query(self, query: str) -> Any:  # noqa: ANN401 - whatever the column holds
        with psycopg.connect(self.given["STANDIN_ADMIN_DATABASE_URL"]) as connection:
            row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]

    def scrub(self) -> None:
        """Remove what a test created."""
        with psycopg.connect(self.given["STANDIN_ADMIN_DATABASE_URL"]) as connection:
            connection.execute("delete from public.orders where reference is null or reference like 'T-%'")
            connection.execute("delete from public.payments where event like 'T-%'")
            connection.execute("delete from public.messages where event like 'T-%'")
            connection.execute("delete from public.webhook_events where id like 'T-%'")
            connection.execute("delete from public.admin_users where email like '%@new.example'")
            connection.execute("delete from auth.users where email like '%@new.example'")

    def handshake(self) -> str:
        address = ("127.0.0.1", int(self.given["SUPABASE_URL"].rpartition(":")[2]))
        try:
            with (
                socket.create_connection(address, timeout=5) as plain,
                self.trust.wrap_socket(plain, server_hostname="localhost"),
            ):
                return "trusted"
        except ssl.SSLCertVerificationError as error:
            return error.verify_message
        except ConnectionRefusedError:
            return "refused"


def git(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", world.given["RELEASE_DIR"], *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def claims_of(variables: Mapping[str, str], name: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(variables[name], options={"verify_signature": False})
    return claims


def compact(response: httpx.Response) -> str:
    return json.dumps(response.json(), sort_keys=True)
