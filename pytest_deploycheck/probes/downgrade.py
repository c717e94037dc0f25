"""Offers a server an outdated version of TLS and nothing newer, and looks at its first answer.

The hello is written here and not by OpenSSL, which as most systems build or configure it offers no version
below 1.2: it could not tell a server that refuses one from itself. Nothing is agreed on and nothing verified;
the connection ends with the server's first answer.
"""

import secrets
import socket
import struct
import time
from ipaddress import ip_address

from pytest_deploycheck.model.evidence import Agreed, Declined, Silence
from pytest_deploycheck.model.probe import Downgrade
from pytest_deploycheck.probes.tls import said

VERSIONS = {"SSLv3": 0x0300, "TLSv1": 0x0301, "TLSv1.1": 0x0302, "TLSv1.2": 0x0303}
_NAMES = {number: name for name, number in VERSIONS.items()}

_CIPHERS = (
    *(0xC00A, 0xC009, 0xC014, 0xC013, 0x0039, 0x0033, 0x0035, 0x002F),  # AES: ECDHE, DHE, RSA
    *(0xC008, 0xC012, 0x0016, 0x000A, 0xC007, 0xC011, 0x0005, 0x0004),  # 3DES, RC4
    0x00FF,  # RFC 5746: renegotiation is understood
)
"""All that servers of that time commonly have (RFC 4346 A.5, RFC 4492, 6)."""

_GROUPS = (29, 23, 24, 25)
"""x25519, P-256, P-384, P-521 (RFC 8422, 5.1.1)."""

_ALERT, _HANDSHAKE, _SERVER_HELLO = 21, 22, 2
_SERVER_NAME, _SUPPORTED_GROUPS, _POINT_FORMATS = 0, 10, 11
_ALERTS = {10: "unexpected message", 40: "handshake failure", 47: "illegal parameter", 70: "protocol version"}
"""Alerts by which servers decline (RFC 5246, 7.2)."""

_ANSWER = 11
"""Bytes up to the version in a server's hello: 5 of the record, 4 of the message, 2 of the version."""


def downgrade(probe: Downgrade, timeout: float) -> Agreed | Declined | Silence:
    """Say which version a server takes where nothing newer is offered. `timeout` is in seconds."""
    began = time.monotonic()
    try:
        with socket.create_connection((probe.host, probe.port), timeout) as line:
            line.sendall(hello(probe.host, VERSIONS[probe.protocol]))
            return _read(_answer(line))
    except ConnectionResetError:
        return Declined("the connection was closed")
    except (OSError, UnicodeError) as error:
        return Silence(said(error), time.monotonic() - began)


def hello(host: str, version: int) -> bytes:
    """Return a ClientHello (RFC 4346, 7.4.1.2) that offers nothing newer than `version`, in its record."""
    ciphers = b"".join(struct.pack("!H", cipher) for cipher in _CIPHERS)
    extensions = b"".join(
        struct.pack("!H", number) + _sized(2, content) for number, content in _extensions(host)
    )
    body = (
        struct.pack("!H", version)
        + secrets.token_bytes(32)
        + _sized(1, b"")  # no session to resume
        + _sized(2, ciphers)
        + _sized(1, b"\0")  # no compression
        + _sized(2, extensions)
    )
    message = b"\1" + _sized(3, body)
    return bytes([_HANDSHAKE]) + struct.pack("!H", min(version, VERSIONS["TLSv1"])) + _sized(2, message)


def _extensions(host: str) -> list[tuple[int, bytes]]:
    groups = b"".join(struct.pack("!H", group) for group in _GROUPS)
    found = [(_SUPPORTED_GROUPS, _sized(2, groups)), (_POINT_FORMATS, _sized(1, b"\0"))]
    if not _is_address(host):  # RFC 6066, 3: an address is no server name
        found.append((_SERVER_NAME, _sized(2, b"\0" + _sized(2, host.encode("idna")))))
    return found


def _sized(width: int, content: bytes) -> bytes:
    return len(content).to_bytes(width, "big") + content


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _answer(line: socket.socket) -> bytes:
    """Read until the version in the server's hello, or the end."""
    read = b""
    while len(read) < _ANSWER and (more := line.recv(_ANSWER - len(read))):
        read += more
        if read[0] != _HANDSHAKE and len(read) >= 7:  # an alert is that short, and others don't matter
            break
    return read


def _read(answer: bytes) -> Agreed | Declined | Silence:
    if not answer:
        return Declined("the connection was closed")
    if answer[0] == _ALERT and len(answer) >= 7:
        return Declined(f"alert {answer[6]}, {_ALERTS.get(answer[6], 'of another reason')}")
    if len(answer) < _ANSWER or (answer[0], answer[5]) != (_HANDSHAKE, _SERVER_HELLO):
        return Silence("its answer is no TLS")
    version = int.from_bytes(answer[9:11], "big")
    if version > VERSIONS["TLSv1.1"]:
        return Declined("it answered with a newer version")
    return Agreed(_NAMES.get(version, f"version {version:#06x}"))
