"""Handshakes with real servers, good and bad."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from pytest_deploycheck.model.evidence import Certificate, Distrusted, Silence
from pytest_deploycheck.model.probe import Handshake
from pytest_deploycheck.probes.tls import handshake
from tests.probes.conftest import TlsServer

Serve = Callable[[trustme.LeafCert | None], TlsServer]
TIMEOUT = 5.0


def test_a_good_certificate_is_described(authority: trustme.CA, ca_file: Path, serve: Serve) -> None:
    ends = datetime.now(UTC) + timedelta(days=30)
    server = serve(authority.issue_cert("localhost", "127.0.0.1", not_after=ends))

    seen = handshake(Handshake("localhost", server.port), ca_file, TIMEOUT)

    assert isinstance(seen, Certificate)
    assert (seen.protocol, set(seen.subject_names)) == ("TLSv1.3", {"localhost", "127.0.0.1"})
    assert seen.days_left == pytest.approx(30, abs=0.01)
    assert seen.not_after == ends.replace(microsecond=0)


def test_an_expired_certificate_is_refused(authority: trustme.CA, ca_file: Path, serve: Serve) -> None:
    ended = datetime.now(UTC) - timedelta(days=1)
    server = serve(authority.issue_cert("localhost", not_before=ended - timedelta(days=9), not_after=ended))

    assert handshake(Handshake("localhost", server.port), ca_file, TIMEOUT) == Distrusted(
        "the certificate has expired"
    )


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("localhost", "the certificate is not for this name"),
        ("127.0.0.1", "the certificate is not for this address"),
    ],
)
def test_a_certificate_for_another_name_is_refused(
    host: str, reason: str, authority: trustme.CA, ca_file: Path, serve: Serve
) -> None:
    server = serve(authority.issue_cert("other.example"))

    assert handshake(Handshake(host, server.port), ca_file, TIMEOUT) == Distrusted(reason)


def test_a_certificate_of_an_unknown_authority_is_refused(ca_file: Path, serve: Serve) -> None:
    server = serve(trustme.CA().issue_cert("localhost"))

    seen = handshake(Handshake("localhost", server.port), ca_file, TIMEOUT)

    assert seen == Distrusted(
        "its certificate's issuer is not known here: wrong authority, or the intermediate is not sent"
    )


def test_the_private_authority_is_trusted_only_where_it_is_named(authority: trustme.CA, serve: Serve) -> None:
    server = serve(authority.issue_cert("localhost"))

    assert isinstance(handshake(Handshake("localhost", server.port), None, TIMEOUT), Distrusted)


def test_a_port_without_tls_is_no_certificate(ca_file: Path, serve: Serve) -> None:
    server = serve(None)

    assert handshake(Handshake("localhost", server.port), ca_file, TIMEOUT) == Distrusted(
        "the port does not speak TLS"
    )


def test_nobody_at_the_port_is_silence(ca_file: Path) -> None:
    seen = handshake(Handshake("127.0.0.1", 1), ca_file, TIMEOUT)

    assert isinstance(seen, Silence)
    assert seen.reason == "connection refused"


def test_trust_anchors_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    seen = handshake(Handshake("127.0.0.1", 1), tmp_path / "none.pem", TIMEOUT)

    assert isinstance(seen, Silence)
    assert (
        seen.reason == f"the trust anchors in {tmp_path}/none.pem cannot be read: No such file or directory"
    )
