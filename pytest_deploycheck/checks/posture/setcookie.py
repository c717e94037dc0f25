"""Set-Cookie headers (RFC 6265bis, 4.1): what protects a cookie."""

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_deploycheck.model.evidence import Reply


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie as it is set; its value is not kept. Attributes have lower-case names."""

    name: str
    attributes: dict[str, str]

    @property
    def same_site(self) -> str:
        """Strict, Lax or None; nothing if the browser is to choose."""
        return self.attributes.get("samesite", "").capitalize()

    @property
    def removes(self) -> bool:
        """Whether it only deletes a cookie."""
        return self.attributes.get("max-age") == "0" or "1970" in self.attributes.get("expires", "")


def cookies_of(reply: Reply) -> Iterator[Cookie]:
    """The cookies that a reply sets; those that it deletes protect nothing any more."""
    for name, value in reply.headers:
        if name == "set-cookie":
            pair, *parts = value.split(";")
            attributes = (part.partition("=") for part in parts)
            cookie = Cookie(
                pair.partition("=")[0].strip(),
                {key.strip().lower(): said.strip() for key, _, said in attributes},
            )
            if not cookie.removes:
                yield cookie
