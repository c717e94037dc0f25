"""Ways to look like another client, or like another request, once a limit was met: none may get past it."""

from dataclasses import dataclass, replace

from pytest_deploycheck.checks.surface.bypass import same
from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.probe import HttpRequest

ADDRESS = "203.0.113.7"
"""An address that nobody has (RFC 5737)."""

_FORGED = (
    (("X-Forwarded-For", ADDRESS),),
    (("Forwarded", f"for={ADDRESS}"),),
    (("X-Real-IP", ADDRESS),),
    (("X-Client-IP", ADDRESS), ("True-Client-IP", ADDRESS), ("CF-Connecting-IP", ADDRESS)),
)
"""Headers that claim another address (RFC 7239, and what proxies of several makers set), sent together."""

_OTHER_QUERY = "deploycheck=1"


@dataclass(frozen=True, slots=True)
class Disguise:
    """A request that means the same as one that was refused. `moved`: its path may be another page's."""

    name: str
    request: HttpRequest
    moved: bool = False

    def gets_past(self, seen: Reply, *, served: bool, before: Reply | None) -> bool:
        """Whether it was served what the limit keeps back."""
        return served and (not self.moved or (before is not None and same(seen, before)))


def disguises(plain: HttpRequest, *, forged: bool) -> tuple[Disguise, ...]:
    """Return a refused request in other words; `forged`: from addresses that are not its own as well."""
    path, mark, query = plain.target.partition("?")
    claims = tuple(
        Disguise(
            f"{', '.join(name for name, _ in headers)}: {headers[0][1]}",
            replace(plain, headers=(*plain.headers, *headers), purpose="forged"),
        )
        for headers in _FORGED
        if forged
    )
    asked = _OTHER_QUERY if not query else f"{query}&{_OTHER_QUERY}"
    return (
        *claims,
        Disguise("another query", replace(plain, target=f"{path}?{asked}", purpose="another query")),
        Disguise(
            "a slash more", replace(plain, target=f"{path}/{mark}{query}", purpose="a slash more"), moved=True
        ),
    )
