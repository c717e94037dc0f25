"""Probes and evidence as people read them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_deploycheck.model.evidence import (
    Addresses,
    Agreed,
    Certificate,
    Claims,
    Contents,
    Declined,
    Distrusted,
    Evidence,
    Files,
    Reply,
    Rows,
    Scanned,
    Silence,
    Values,
    Withheld,
)
from pytest_deploycheck.model.probe import (
    Document,
    Downgrade,
    FileScan,
    Folder,
    Handshake,
    HttpRequest,
    Inspect,
    Lookup,
    Probe,
    Query,
    Variables,
)
from pytest_deploycheck.run.describe import SHOWN, asked, exchange, got
from pytest_deploycheck.safety.redact import Redactor
from tests.words import get

LATER = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("probe", "text"),
    [
        (get("/health"), "GET /health"),
        (get("/health", base="http://replica:1"), "GET http://replica:1/health"),
        (
            HttpRequest(
                method="POST",
                target="/orders",
                identity="ann",
                headers=(("Content-Type", "application/json"), ("X-A", "b")),
                body=b'{"a":\n 1}',
            ),
            'POST /orders as ann\nX-A: b\n{"a": 1}',
        ),
        (get("/health", identity="ann", source="192.0.2.7"), "GET /health as ann from 192.0.2.7"),
        (Query(sql="select  1\n  from a"), "select 1 from a"),
        (Handshake("shop.test", 443), "TLS handshake with shop.test:443"),
        (Downgrade("shop.test", 443, "TLSv1.1"), "TLS hello to shop.test:443, TLSv1.1 at most"),
        (Lookup("shop.test"), "address of shop.test"),
        (Inspect("ann"), "claims of the token of ann"),
        (Variables(("A", "B")), "variables A, B"),
        (FileScan(root=Path("dist")), "files below dist"),
        (Document(Path("counts.yaml")), "file counts.yaml"),
        (Folder(root=Path("migrations")), "files below migrations"),
    ],
)
def test_what_was_asked(probe: Probe, text: str) -> None:
    assert asked(probe) == text


@pytest.mark.parametrize(
    ("evidence", "text"),
    [
        (
            Reply(status=302, headers=(("location", "/x"), ("x-internal", "1")), elapsed=0.0124),
            "302 in 12 ms\nlocation: /x (empty body)",
        ),
        (Reply(status=200, body=b"a\n\xff b"), "200 in 0 ms\na � b"),
        (Reply(status=200, elapsed=0.2, again=True), "200 as before (empty body)"),
        (Silence("no complete answer within 3 s"), "no answer: no complete answer within 3 s"),
        (Withheld("not sent: the budget is spent"), "not sent: the budget is spent"),
        (Rows(("a",), ((1,), (2,))), "2 rows: ((1,), (2,))"),
        (
            Certificate(protocol="TLSv1.3", subject_names=("a", "b"), not_after=LATER, days_left=12.4),
            "TLSv1.3, for a, b, 12 days left",
        ),
        (Distrusted("expired"), "refused: expired"),
        (Agreed("TLSv1"), "taken: TLSv1"),
        (Declined("alert 70, protocol version"), "declined: alert 70, protocol version"),
        (Addresses(("::1", "127.0.0.1")), "::1, 127.0.0.1"),
        (Claims({"sub": "secret-subject", "exp": 1}), "claims exp, sub"),
        (Values({"A": "secret", "B": None}, LATER), "A set, B unset"),
        (Scanned(files=3), "3 files read"),
        (Contents("clients: 2"), "10 characters"),
        (Files({"1_a.sql": None}), "1 file"),
    ],
)
def test_what_came_back(evidence: Evidence, text: str) -> None:
    assert got(evidence) == text


def test_a_long_body_is_cut_and_its_length_told() -> None:
    told = got(Reply(status=200, body=b"x" * 5000))

    assert told == f"200 in 0 ms\n{'x' * SHOWN}... (5000 characters)"


def test_a_secret_at_the_cut_is_not_half_shown() -> None:
    redactor = Redactor()
    redactor.add("the-password-of-ann")
    body = b"." * (SHOWN - 9) + b"the-password-of-ann" + b"." * 100

    told = exchange(get(), Reply(status=200, body=body), redactor)

    assert told is not None
    assert "the-pass" not in told.got
