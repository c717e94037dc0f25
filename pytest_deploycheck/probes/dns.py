"""What a name resolves to, as this machine sees it."""

import socket
import time

from pytest_deploycheck.model.evidence import Addresses, Silence
from pytest_deploycheck.model.probe import Lookup


def lookup(probe: Lookup) -> Addresses | Silence:
    """Return the addresses of a name, IPv4 and IPv6."""
    began = time.monotonic()
    try:
        found = socket.getaddrinfo(probe.host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # a label longer than 63 characters is a UnicodeError
        said = error.strerror if isinstance(error, OSError) else "not a host name"
        return Silence(f"{probe.host} does not resolve: {said}", time.monotonic() - began)
    return Addresses(tuple(sorted({str(address[4][0]) for address in found})))
