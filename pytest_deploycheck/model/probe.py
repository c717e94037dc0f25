"""One observation that a check asks for."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pytest_deploycheck.model.creation import Creation
from pytest_deploycheck.model.load import LoadRun
from pytest_deploycheck.model.names import ANONYMOUS


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """An HTTP request (RFC 9110).

    `target` is a path with its query below the environment's base URL, or an absolute URL. `base`, if
    given, replaces the base URL (a single replica). `timeout` is in seconds, for the whole exchange.
    `once`: whoever asks the very same again in a run is given the first answer, if that was a success.
    `fresh` asks for a connection of its own, `bare` leaves out the environment's own headers, `source` is the
    address of this machine that it is sent from. `writes` declares that the request may change the
    deployment; `creates` says how to undo it. `purpose` is printed with the evidence.
    """

    method: str
    target: str
    identity: str = ANONYMOUS
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    base: str | None = None
    timeout: float | None = None
    fresh: bool = False
    bare: bool = False
    source: str | None = None
    once: bool = False
    writes: bool = False
    creates: Creation | None = None
    purpose: str = "request"


@dataclass(frozen=True, slots=True)
class NewMark:
    """A text that no other request of any run carries."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Let `seconds` pass."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One statement in a read-only transaction. `timeout` is in seconds."""

    sql: str
    parameters: tuple[object, ...] = ()
    timeout: float = 10.0
    purpose: str = "query"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The database's catalog, read once in a run: whoever asks again is given the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a transaction; `purpose` is printed with the evidence."""

    sql: str
    parameters: tuple[object, ...] = ()
    purpose: str = "query"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """Statements of one actor, in one read-only transaction that is rolled back; each in a savepoint.

    `role` is set with SET LOCAL ROLE, then `settings` locally. `timeout` is in seconds, for each statement.
    `writes` declares that statements may change rows before they are rolled back: the transaction is then
    not read-only, and what no rollback undoes (sequences, dead rows, what triggers do elsewhere) stays.
    `once`: whoever asks the very same again in a run is given the first answers.
    """

    statements: tuple[Statement, ...]
    role: str | None = None
    settings: tuple[tuple[str, str], ...] = ()
    timeout: float = 10.0
    writes: bool = False
    once: bool = False
    purpose: str = "transaction"


@dataclass(frozen=True, slots=True)
class Handshake:
    """A TLS handshake with `host`:`port`, verified for `host` against the environment's trust anchors."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Downgrade:
    """A TLS hello to `host`:`port` that offers `protocol` and nothing newer ("TLSv1.1", as OpenSSL says)."""

    host: str
    port: int
    protocol: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """The addresses that `host` resolves to."""

    host: str


@dataclass(frozen=True, slots=True)
class Inspect:
    """The claims of the token that `identity` holds (RFC 7519), not verified."""

    identity: str


@dataclass(frozen=True, slots=True)
class Variables:
    """The values of environment variables, as the contract sees them."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileScan:
    """The files of a release below `root`: which names git ignores, which files hold one of `needles`.

    `needles` are pairs of a name and the value to look for; only names are ever reported.
    """

    root: Path
    ignored: tuple[str, ...] = ()
    needles: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a file (UTF-8) that the contract names: a manifest, or what was kept before a deploy."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Pgrls:
    """What pgrls says of the policies of some schemas; it is run in `folder`. `timeout` is in seconds."""

    schemas: tuple[str, ...]
    folder: Path
    config: Path | None = None
    timeout: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """The files of a folder that the contract names, such as a release's migrations, and of those below it.

    `texts` are the endings of those whose text is asked for.
    """

    root: Path
    texts: tuple[str, ...] = ()


Probe: TypeAlias = (
    HttpRequest
    | NewMark
    | Pause
    | Query
    | Snapshot
    | Transaction
    | Handshake
    | Downgrade
    | Lookup
    | Inspect
    | Variables
    | FileScan
    | Document
    | Folder
    | LoadRun
    | Pgrls
)
