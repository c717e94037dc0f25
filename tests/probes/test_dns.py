"""Names and their addresses."""

import pytest

from pytest_deploycheck.model.evidence import Addresses, Silence
from pytest_deploycheck.model.probe import Lookup
from pytest_deploycheck.probes.dns import lookup


def test_a_name_has_addresses() -> None:
    seen = lookup(Lookup("localhost"))

    assert isinstance(seen, Addresses)
    assert "127.0.0.1" in seen.addresses


def test_an_address_is_its_own() -> None:
    assert lookup(Lookup("127.0.0.1")) == Addresses(("127.0.0.1",))


@pytest.mark.parametrize("host", ["nothing.invalid", "a" * 64 + ".example"])
def test_a_name_without_addresses_is_silence(host: str) -> None:
    seen = lookup(Lookup(host))

    assert isinstance(seen, Silence)
    assert seen.reason.startswith(f"{host} does not resolve: ")
