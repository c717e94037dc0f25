"""A session that leaves nothing behind: how it is opened, how its transactions begin, what its errors say.

Settings are local to the transaction, because a pooler hands a session's settings to its next client, and
none goes into the startup packet, because poolers refuse that.
"""

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.encryption import Tls

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

_LOCK_SHARE = 0.5
"""Of the statement's time, how much may be spent waiting for a lock: the statement must not queue long."""

_IDLE = 60.0
"""Seconds that a transaction may stay open without a statement."""

_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ {mode}"


_AS_GIVEN = Tls()

_UNKNOWN_PARAMETER = re.compile(r'invalid URI query parameter: "([a-z_]+)"')

_FIRST_WORD = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*([A-Za-z]+|\S)", re.DOTALL)

_ENDINGS = frozenset({"COMMIT", "END", "ROLLBACK", "ABORT", "PREPARE", "BEGIN", "START", "*", "/"})
"""With what is left of comments that hold comments: what stands behind them is not looked for."""


class NoSessionError(Exception):
    """There is no session; the message says why, without anything that lets one in."""


def connect(url: Secret, run_id: str, timeout: float = 10.0, tls: Tls = _AS_GIVEN) -> Connection | str:
    """Return a session whose transactions are read-only and see one state, or why there is none.

    Its first transaction has begun and is under timeouts; a later one is not, because what a session
    sets for itself would reach the next client of a pooler. `timeout` is in seconds.
    """
    try:
        connection = opened(url, run_id, timeout, tls)
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.set_autocommit(False)
        connection.execute(limits(timeout))
    except NoSessionError as error:
        return str(error)
    except psycopg.Error as error:
        return said(error, url)
    return connection


def opened(url: Secret, run_id: str, timeout: float, tls: Tls = _AS_GIVEN) -> Connection:
    """Return a session that begins no transaction by itself.

    Raises:
        NoSessionError: if the database does not let us in.
    """
    given: dict[str, Any] = {}
    try:
        given = conninfo_to_dict(url.reveal())
        parameters = {
            "application_name": f"pytest-deploycheck/{run_id}",
            "connect_timeout": max(2, round(timeout)),
            "client_encoding": "utf8",
            "options": given.get("options") or "",  # not those of PGOPTIONS
            **tls.parameters(given),
        }
        return psycopg.connect(
            make_conninfo(url.reveal(), **parameters), autocommit=True, prepare_threshold=None
        )
    except psycopg.Error as error:
        raise NoSessionError(tls.explained(said(error, url), given)) from None


def beginning(timeout: float, *, writes: bool = False) -> tuple[bytes, ...]:
    """The commands that begin a transaction under timeouts; `timeout` is in seconds, for one statement."""
    return _BEGIN.format(mode="WRITE" if writes else "ONLY").encode(), limits(timeout)


ENDING = (b"ROLLBACK",)

SAVE, BACK = b"SAVEPOINT here", b"ROLLBACK TO SAVEPOINT here"
"""Around what may be refused; going back keeps the savepoint, and undoes settings and roles too."""


def limits(timeout: float) -> bytes:
    """The statement that puts the transaction under timeouts."""
    seconds = {
        "statement_timeout": timeout,
        "lock_timeout": timeout * _LOCK_SHARE,
        "idle_in_transaction_session_timeout": _IDLE,
    }
    calls = (
        f"pg_catalog.set_config('{name}', '{max(1, round(value * 1000))}ms', true)"
        for name, value in seconds.items()
    )
    return f"SELECT {', '.join(calls)}".encode()


def ending_word(statement: str) -> str | None:
    """The first word of a statement that would end its transaction, or leave it behind prepared."""
    first = _FIRST_WORD.match(statement)
    return first[1] if first and first[1].upper() in _ENDINGS else None


def said(error: psycopg.Error, url: Secret) -> str:
    """Return what an error says, on one line, without anything that lets one in."""
    if error.sqlstate:
        return f"{error.diag.message_primary or type(error).__name__} (SQLSTATE {error.sqlstate})"
    if isinstance(error, psycopg.ProgrammingError):
        unknown = _UNKNOWN_PARAMETER.search(str(error))
        why = f": libpq knows no parameter {unknown[1]}" if unknown else ""
        return f"the database URL cannot be read{why}"  # libpq quotes it
    return cleaned(str(error), url) or type(error).__name__


def cleaned(text: str, url: Secret) -> str:
    """A text on one line, without the database's address and password."""
    text = " ".join(text.split())
    for secret in _secrets(url):
        text = text.replace(secret, "***")
    return text


def _secrets(url: Secret) -> Iterator[str]:
    yield url.reveal()
    try:
        password = conninfo_to_dict(url.reveal()).get("password")
    except psycopg.ProgrammingError:
        return
    if password:
        yield str(password)
