"""The OpenAPI document that the deployment serves."""

import json
from collections.abc import Generator
from dataclasses import dataclass

from pytest_deploycheck.checks.exchange.silence import unanswered
from pytest_deploycheck.checks.surface.reply import said
from pytest_deploycheck.model.evidence import Evidence, Reply
from pytest_deploycheck.model.outcome import Failed, Inconclusive
from pytest_deploycheck.model.probe import HttpRequest, Probe
from pytest_deploycheck.openapi import NotOpenApiError, Operation, operations, served_below


@dataclass(frozen=True, slots=True)
class Document:
    """What a served document says. `below`: what its paths are below, where it says that."""

    operations: tuple[Operation, ...]
    below: tuple[str, ...]

    def is_silent_on(self, operation: Operation) -> bool:
        """Whether it says of others who may use them, and not of this one: it may be for everybody."""
        return not operation.stated and any(each.stated for each in self.operations)

    def fits(self, base_url: str) -> bool:
        """Whether its paths may be asked for below a base URL."""
        return not self.below or any(base_url.rstrip("/").endswith(path) for path in self.below)


Fetching = Generator[tuple[Probe, ...], tuple[Evidence, ...], Document | Failed | Inconclusive]


def fetch(path: str, identity: str, *, once: bool = False) -> Fetching:
    """Return the document that is served at a path; `yield from` it.

    With `once` all that ask for it in a run share one answer. Failed: what is served there is no document.
    """
    (seen,) = yield (
        HttpRequest(method="GET", target=path, identity=identity, once=once, purpose="OpenAPI document"),
    )
    if why := unanswered(seen):
        return Inconclusive(f"GET {path}: {why}")
    if not isinstance(seen, Reply) or not seen.ok:
        status = f"{seen.status}{said(seen)}" if isinstance(seen, Reply) else "no reply"
        return Failed(f"GET {path}: got {status}: no OpenAPI document is served there")
    try:
        read = json.loads(seen.body)
        return Document(operations(read), served_below(read))
    except NotOpenApiError as error:
        return Failed(f"GET {path}: no OpenAPI document: {error}")
    except (ValueError, RecursionError):
        return Failed(f"GET {path}: its body is not JSON")
