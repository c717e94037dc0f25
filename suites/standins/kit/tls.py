"""A private certificate authority, and the good and bad certificates it signs."""

import ssl
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)
GOOD = "good"
CIPHERS, OLD_CIPHERS = "DEFAULT", "DEFAULT:@SECLEVEL=0"
LOCAL = (x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1")))
ELSEWHERE = (x509.DNSName("wecelebrate.invalid"),)


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def new(cls, name: str) -> "Authority":
        """Make an authority that lives for half a year."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(name)
        builder = _builder(subject, subject, key.public_key(), valid=(-DAY, 180 * DAY))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_key_usage(signs_certificates=True), critical=True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        builder = builder.add_extension(identifier, critical=False)
        return cls(builder.sign(key, hashes.SHA256()), key)

    def pem(self) -> bytes:
        """Return the certificate clients are to trust."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self, names: tuple[x509.GeneralName, ...], valid: tuple[timedelta, timedelta]) -> bytes:
        """Return a server's certificate and key as one PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        common = next(name.value for name in names if isinstance(name, x509.DNSName))
        builder = _builder(_name(common), self.certificate.subject, key.public_key(), valid=valid)
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        for extension, critical in (
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_key_usage(signs_certificates=False), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
            (x509.SubjectAlternativeName(names), False),
            (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
            (authority, False),
        ):
            builder = builder.add_extension(extension, critical=critical)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM) + private


class Certificates:
    """The certificates of one server: which one it shows can change while it runs."""

    def __init__(self, folder: Path, certificates: Mapping[str, bytes], authority: bytes) -> None:
        self._files = {name: folder / f"{name}.pem" for name in certificates}
        for name, pem in certificates.items():
            self._files[name].touch(mode=0o600)
            self._files[name].write_bytes(pem)
        self.authority = folder / "ca.pem"
        self.authority.write_bytes(authority)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.speak_new()
        # A resumed session would show the certificate of the session before.
        self.context.options |= ssl.OP_NO_TICKET
        self.context.num_tickets = 0
        self.show(GOOD)

    def speak_old(self) -> None:
        """Offer new connections TLS 1.1 and 1.0 as well, with the ciphers that these need."""
        self.context.set_ciphers(OLD_CIPHERS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that they are old is the point
            self.context.minimum_version = ssl.TLSVersion.TLSv1

    def speak_new(self) -> None:
        """Offer new connections TLS 1.2 and later only."""
        self.context.set_ciphers(CIPHERS)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2

    def show(self, name: str) -> None:
        """Show this certificate to every new connection."""
        self.context.load_cert_chain(self._files[name])


def make_certificates(folder: Path, system: str) -> Certificates:
    """Make an authority and a good certificate, and those that are wrong in one thing."""
    authority = Authority.new(f"{system} stand-in CA")
    stranger = Authority.new(f"{system} stand-in CA, another one")
    now = (-DAY / 24, 90 * DAY)
    return Certificates(
        folder,
        {
            GOOD: authority.issue(LOCAL, now),
            "wrong_name": authority.issue(ELSEWHERE, now),
            "expires_soon": authority.issue(LOCAL, (-DAY, 5 * DAY)),
            "expired": authority.issue(LOCAL, (-DAY / 2, -DAY / 24)),
            "untrusted": stranger.issue(LOCAL, now),
        },
        authority.pem(),
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    *,
    valid: tuple[timedelta, timedelta],
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + valid[0])
        .not_valid_after(now + valid[1])
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
