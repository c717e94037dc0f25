"""What a probe saw. Trouble at the target is evidence too, not an exception."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from pytest_deploycheck.model.loaded import Loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An HTTP response. Header names are lower case; `elapsed` is in seconds, until the last byte.

    `again`: an earlier request of the run in the same words got it, and nothing was sent for this one.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    elapsed: float = 0.0
    again: bool = False

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    def header(self, name: str) -> str | None:
        """The values of a header joined as RFC 9110, 5.3 has it, or None if it was not sent."""
        values = [value for key, value in self.headers if key == name.lower()]
        return ", ".join(values) if values else None

    @property
    def text(self) -> str:
        """The body as UTF-8; what is not is replaced."""
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer, or none that could be understood. `elapsed` is in seconds."""

    reason: str
    elapsed: float = 0.0


@dataclass(frozen=True, slots=True)
class Withheld:
    """The probe was not sent: budget spent, time over, no credential, or a write not allowed."""

    reason: str


@dataclass(frozen=True, slots=True)
class Mark:
    """The answer to `NewMark`."""

    text: str


@dataclass(frozen=True, slots=True)
class Paused:
    """The answer to `Pause`: how long it really was, in seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Rows:
    """What a query returned."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class Structure:
    """What a database holds: a `Catalog`, whose words take 25 ms to define and are rarely needed."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """What the database said instead of running a statement: SQLSTATE and message."""

    sqlstate: str
    message: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What the statements of a transaction returned, one by one."""

    answers: tuple[Rows | Refused, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The certificate a server showed in a handshake that succeeded (RFC 5280)."""

    protocol: str
    subject_names: tuple[str, ...]
    not_after: datetime
    days_left: float


@dataclass(frozen=True, slots=True)
class Distrusted:
    """A handshake that failed because the certificate is not acceptable."""

    reason: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """The server took the version of TLS that it was offered, or an older one: `protocol`."""

    protocol: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The server did not take the version of TLS that it was offered."""

    reason: str


@dataclass(frozen=True, slots=True)
class Addresses:
    """What a name resolves to; never empty."""

    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a token."""

    claims: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Values:
    """Environment variables, None where one is not set, and when they were read (aware, UTC)."""

    values: Mapping[str, str | None] = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What a file scan found: how many files were read, names git does not ignore, places of needles."""

    files: int
    not_ignored: tuple[str, ...] = ()
    found: tuple[tuple[str, str], ...] = ()
    """Pairs of a needle's name and the file that holds it."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The answer to `Document`."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Files:
    """The answer to `Folder`: by path below it, with slashes, the text if it was asked for."""

    texts: Mapping[str, str | None] = field(repr=False)


Evidence: TypeAlias = (
    Reply
    | Silence
    | Withheld
    | Mark
    | Paused
    | Rows
    | Structure
    | Answers
    | Certificate
    | Distrusted
    | Agreed
    | Declined
    | Addresses
    | Claims
    | Values
    | Scanned
    | Contents
    | Files
    | Loaded
)
