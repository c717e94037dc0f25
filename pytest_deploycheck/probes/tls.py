"""A TLS handshake, verified as a browser does: chain, name, dates."""

import socket
import ssl
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pytest_deploycheck.model.evidence import Certificate, Distrusted, Silence
from pytest_deploycheck.model.probe import Handshake

_DAY = 86400.0

_VERIFY_WORDS = {
    9: "the certificate is not valid yet",
    10: "the certificate has expired",
    18: "the certificate is self-signed: no authority vouches for it",
    19: "its certificate's root authority is not trusted here",
    20: "its certificate's issuer is not known here: wrong authority, or the intermediate is not sent",
    21: "its certificate's issuer is not known here: wrong authority, or the intermediate is not sent",
    23: "the certificate was revoked",
    62: "the certificate is not for this name",
    64: "the certificate is not for this address",
}
"""X509_V_ERR codes of OpenSSL (x509_vfy.h)."""

_REFUSALS = {
    "WRONG_VERSION_NUMBER": "the port does not speak TLS",
    "HTTP_REQUEST": "the port does not speak TLS",
    "RECORD_LAYER_FAILURE": "the port does not speak TLS",
    "UNSUPPORTED_PROTOCOL": "the server offers no TLS 1.2 or newer",
    "TLSV1_ALERT_PROTOCOL_VERSION": "the server offers no TLS 1.2 or newer",
}
"""Reasons of OpenSSL that say something about the server, not about the way to it."""


def handshake(probe: Handshake, ca: Path | None, timeout: float) -> Certificate | Distrusted | Silence:
    """Shake hands with a server. `ca` is trusted beside the system's authorities; `timeout` is in seconds."""
    began = time.monotonic()
    try:
        context = ssl.create_default_context()
        if ca is not None:
            context.load_verify_locations(cafile=ca)
    except OSError as error:
        return Silence(f"the trust anchors in {ca} cannot be read: {error.strerror}")
    try:
        with (
            socket.create_connection((probe.host, probe.port), timeout) as plain,
            context.wrap_socket(plain, server_hostname=probe.host) as secured,
        ):
            return _certificate(secured)
    except ssl.SSLCertVerificationError as error:
        return Distrusted(_VERIFY_WORDS.get(error.verify_code, error.verify_message))
    except ssl.SSLError as error:
        if error.reason in _REFUSALS:
            return Distrusted(_REFUSALS[error.reason])
        return Silence(f"the handshake was broken off: {error.reason or error}", time.monotonic() - began)
    except (OSError, UnicodeError) as error:
        return Silence(said(error), time.monotonic() - began)


def _certificate(secured: ssl.SSLSocket) -> Certificate:
    shown: dict[str, Any] = secured.getpeercert() or {}
    ends = ssl.cert_time_to_seconds(shown["notAfter"])
    return Certificate(
        protocol=secured.version() or "unknown",
        subject_names=tuple(name for _, name in shown.get("subjectAltName", ())),
        not_after=datetime.fromtimestamp(ends, UTC),
        days_left=(ends - time.time()) / _DAY,
    )


def said(error: OSError | UnicodeError) -> str:
    """Why nobody could be talked to."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__
