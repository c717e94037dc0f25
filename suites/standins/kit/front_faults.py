"""Faults of what stands in front of the replicas: TLS, plain HTTP, trusted headers, denied paths, a cache."""

from dataclasses import dataclass

from suites.standins.kit.faults import Parts


@dataclass(frozen=True, slots=True)
class SpeaksOldTls:
    """New connections can be made by TLS 1.0 and 1.1."""

    where: str = "balancer"

    async def on(self, parts: Parts) -> None:
        """Offer the old versions."""
        parts.certificates.speak_old()

    async def off(self, parts: Parts) -> None:
        """Offer them no more."""
        parts.certificates.speak_new()


@dataclass(frozen=True, slots=True)
class ServesPlainly:
    """The plain port serves instead of leading to HTTPS."""

    where: str = "balancer"

    async def on(self, parts: Parts) -> None:
        """Serve."""
        parts.balancer.serves_plainly = True

    async def off(self, parts: Parts) -> None:
        """Redirect again."""
        parts.balancer.serves_plainly = False


@dataclass(frozen=True, slots=True)
class RedirectsPlainly:
    """The plain port leads to HTTPS by a status that browsers forget."""

    where: str = "balancer"

    async def on(self, parts: Parts) -> None:
        """Redirect for now."""
        parts.balancer.redirects_by = 302

    async def off(self, parts: Parts) -> None:
        """Redirect for good."""
        parts.balancer.redirects_by = 308


@dataclass(frozen=True, slots=True)
class Caches:
    """The balancer keeps what it served below a path, and gives it to whoever asks for the same."""

    prefix: str
    where: str = "balancer"

    async def on(self, parts: Parts) -> None:
        """Keep good answers from now on."""
        parts.balancer.kept[self.prefix] = {}

    async def off(self, parts: Parts) -> None:
        """Forget them."""
        del parts.balancer.kept[self.prefix]


@dataclass(frozen=True, slots=True)
class Believes:
    """The balancer passes on a forwarding header that a client sent."""

    header: str
    where: str = "balancer"

    async def on(self, parts: Parts) -> None:
        """Take the header from clients."""
        parts.balancer.believed.add(self.header.encode())

    async def off(self, parts: Parts) -> None:
        """Leave it out again."""
        parts.balancer.believed.discard(self.header.encode())


@dataclass(frozen=True, slots=True)
class Denies:
    """The balancer itself answers 403 to everything below a path."""

    prefix: str
    where: str = "balancer"

    async def on(self, parts: Parts) -> None:
        """Deny."""
        parts.balancer.denied.add(self.prefix)

    async def off(self, parts: Parts) -> None:
        """Pass on again."""
        parts.balancer.denied.discard(self.prefix)
