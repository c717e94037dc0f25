"""What a request creates, and how it is undone."""

from dataclasses import dataclass

MARK = "{mark}"
"""Stands in a request where the unique mark of what it creates belongs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """How to find and remove what a request creates, even if its reply never came.

    `delete` and `gone` are request lines ("DELETE /api/orders/{id}"); `gone` must answer 404 or 410
    afterwards. `identify` is a JSONPath into the reply, or a text that holds the mark where the client
    chooses the id. `find` is a request line that holds the mark, and `found` the JSONPath to the ids in
    its reply. `identity` removes it, or whoever created it if None.
    """

    mark: str
    identify: str
    delete: str
    gone: str
    find: str | None = None
    found: str | None = None
    identity: str | None = None
