"""Clients: as who else, at which address, the same user may send, so that no limit of an address is met."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from ipaddress import ip_address
from math import ceil
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from pytest_deploycheck.checks.language.part import PART, MistakeError, Text, is_pending
from pytest_deploycheck.model.check import RateLimit
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


def hidden_by(limits: Iterable[RateLimit], own: RateLimit, clients: int, requests: int, more: int) -> str:
    """Why the limit of a user would not be seen: a limit of an address is met first, or as well.

    `requests` are sent in turn by so many clients, then `more` by one of them.
    """
    each = ceil(requests / max(clients, 1)) + more
    for limit in limits:
        if _counts(limit, own) and limit.requests < each:
            return (
                f"the contract lets an address send {limit.requests} requests in {limit.window:g} s, and one "
                f"would send up to {each}: what limits the user would not be seen: "
                f"name {'more' if clients else 'several'} `clients`"
            )
    return ""


def _counts(limit: RateLimit, own: RateLimit) -> bool:
    """Whether a limit of an address counts what is sent here: the environment's headers may exempt that."""
    return limit.user is None and limit.path in (None, own.path) and (own.exempted or not limit.exempted)
