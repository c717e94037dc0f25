"""Clients: as who else, at which address, the same user may send, so that no limit of an address is met."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from math import ceil
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from pytest_deploycheck.checks.language.part import PART, MistakeError, Text, is_pending
from pytest_deploycheck.model.check import RateLimit
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.probe import HttpRequest


def _address(text: str) -> str:
    if is_pending(text):
        return text
    try:
        return str(ip_address(text))
    except ValueError as error:
        raise MistakeError(f"'{text}' is no address", "one of this machine, such as 192.0.2.7") from error


class Client(BaseModel):
    """An address of this machine to send from, or headers by which the deployment takes us for another."""

    model_config = PART

    address: Annotated[str, AfterValidator(_address)] | None = None
    headers: dict[Text, Text] = Field(default={}, min_length=1)

    @model_validator(mode="after")
    def _tells_itself_apart(self) -> Self:
        if not (self.address or self.headers):
            raise MistakeError("a client that nothing tells apart", "address or headers")
        return self

    def sends(self, request: HttpRequest) -> HttpRequest:
        """Return a request as this client sends it."""
        headers = (*request.headers, *self.headers.items())
        return replace(request, headers=headers, source=self.address)


def as_client(clients: Sequence[Client], request: HttpRequest, number: int) -> HttpRequest:
    """Return the request with this number, from 0: the clients take turns."""
    return clients[number % len(clients)].sends(request) if clients else request


@dataclass(frozen=True, slots=True)
class Sending:
    """What is sent to see the limit of a user: `requests` by `clients` in turn, then `more` by one of them.

    `exempted`: without the environment's headers, which may exempt it from other limits.
    """

    path: str
    requests: int
    more: int
    clients: int
    exempted: bool

    @property
    def each(self) -> int:
        """The most that one client sends."""
        return ceil(self.requests / max(self.clients, 1)) + self.more

    def hidden_by(self, limits: Iterable[RateLimit]) -> str:
        """Why the limit of a user would not be seen: a limit of an address is met first, or as well."""
        lower = (limit for limit in limits if self._counts(limit) and limit.requests < self.each)
        for limit in lower:
            return (
                f"the contract lets an address send {many(limit.requests, 'request')} in {limit.window:g} s, "
                f"and one would send up to {self.each}: what limits the user would not be seen: "
                f"name {'more' if self.clients else 'several'} `clients`"
            )
        return ""

    def _counts(self, limit: RateLimit) -> bool:
        """Whether it is a limit of an address that counts what is sent."""
        return (
            limit.user is None and limit.path in (None, self.path) and (self.exempted or not limit.exempted)
        )
