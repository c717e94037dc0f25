"""Each identity logs in once for the whole run, whoever asks first."""

import threading
from collections.abc import Callable, Mapping

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.evidence import Withheld
from pytest_deploycheck.model.identity import Credentials, Forgery, Identity, forged_of
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.run import Exchange, Record

LoggedIn = Credentials | Failed | Inconclusive

SECTION = "identities"

_FORGERIES = {forgery.value: forgery for forgery in Forgery}
_SHORT_LIVED = frozenset({Forgery.IN_QUERY})
"""Forgeries that are made anew each time, because they must be valid when they arrive."""


class Logins:
    """The credentials of a run. Safe to use from several threads.

    `log_in` performs a login and tells what was exchanged; `forge` makes a forged token from a real one.
    A name such as shopper~expired (`forged_as`) stands for any forgery of an identity's token; of a forged
    identity, whose token it forges.
    """

    def __init__(
        self,
        identities: Mapping[str, Identity],
        *,
        log_in: Callable[[Identity], tuple[LoggedIn, tuple[Exchange, ...]]],
        forge: Callable[[Credentials, Forgery], Credentials | Inconclusive],
    ) -> None:
        self._identities = identities
        self._log_in = log_in
        self._forge = forge
        self._locks = {name: threading.Lock() for name in identities}
        self._done: dict[str, LoggedIn] = {}
        self._records: dict[str, Record] = {}

    def credentials(self, name: str) -> Credentials | Withheld:
        """What `name` sends, or why there is nothing to send."""
        if name == ANONYMOUS:
            return Credentials()
        known = self._known(name)
        if isinstance(known, Credentials):
            return known
        return Withheld(f"not sent: {_trouble(known)}")

    def trouble(self, name: str) -> str:
        """Why requests as `name` cannot be sent, or nothing."""
        known = Credentials() if name == ANONYMOUS else self._known(name)
        return "" if isinstance(known, Credentials) else _trouble(known)

    @property
    def records(self) -> tuple[Record, ...]:
        """The outcome of each login until now."""
        return tuple(self._records.values())

    def record(self, name: str) -> Record:
        """The outcome of the login of `name`, which it performs if nobody did."""
        self._known(name)
        return self._records[name]

    def _known(self, name: str) -> LoggedIn:
        base, suffix = forged_of(name)
        if (identity := self._identities.get(base)) is None:
            return Inconclusive(f"the contract has no identity {base}")
        if suffix and suffix not in _FORGERIES:
            return Inconclusive(f"nobody knows how to forge '{suffix}'")
        forgery = _FORGERIES[suffix] if suffix else identity.forgery
        real = self._known(identity.of or base) if forgery else None
        with self._locks[base]:
            if name not in self._done or forgery in _SHORT_LIVED:
                self._done[name] = self._obtain(identity, forgery, real)
            return self._done[name]

    def _obtain(self, identity: Identity, forgery: Forgery | None, real: LoggedIn | None) -> LoggedIn:
        if forgery is not None and real is not None:
            return self._forge(real, forgery) if isinstance(real, Credentials) else real
        got, exchanges = self._log_in(identity)
        if identity.login is None:  # a fixed credential: nothing was checked
            return got
        self._records[identity.name] = Record(
            id=f"{SECTION}::{identity.name}",
            marker="smoke",
            outcome=Passed() if isinstance(got, Credentials) else got,
            exchanges=exchanges,
            spend=Spend(requests=1),
            place=str(identity.place),
        )
        return got


def _trouble(outcome: Failed | Inconclusive) -> str:
    """Why there are no credentials; a failed login tells its details itself."""
    if isinstance(outcome, Inconclusive):
        return outcome.reason
    return f"no credentials: the {outcome.reason.partition(': ')[0]} failed"
