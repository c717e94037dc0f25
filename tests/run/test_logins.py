"""Each identity logs in once for the whole run, whoever asks first."""

import threading

from pytest_deploycheck.model.evidence import Withheld
from pytest_deploycheck.model.identity import Credentials, Forgery, Identity, Login
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.run import Exchange
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.run.logins import LoggedIn, Logins
from tests.words import identity

LOGIN = Login(target="/login", token="$.token")
ANN = Credentials((("Authorization", Secret("Bearer ann")),), Secret("ann"), {"sub": "ann"})


class Desk:
    """Counts logins and forgeries, and answers them."""

    def __init__(self, got: LoggedIn = ANN) -> None:
        self.got = got
        self.asked: list[str] = []

    def log_in(self, who: Identity) -> tuple[LoggedIn, tuple[Exchange, ...]]:
        self.asked.append(who.name)
        return self.got, ()

    def forge(self, real: Credentials, forgery: Forgery) -> Credentials | Inconclusive:
        return Credentials(token=Secret(f"{forgery.value} {real.claims['sub']}"))


def logins_of(desk: Desk) -> Logins:
    known = (
        identity("ann", login=LOGIN),
        identity("key", headers=(("apikey", Secret("k")),)),
        identity("old", forgery=Forgery.EXPIRED, of="ann"),
    )
    return Logins({each.name: each for each in known}, log_in=desk.log_in, forge=desk.forge)


def test_however_many_ask_one_login_is_sent() -> None:
    desk = Desk()
    logins = logins_of(desk)
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait()
        logins.credentials("ann")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert desk.asked == ["ann"]
    assert logins.credentials("ann") == ANN
    assert [(record.id, record.outcome) for record in logins.records] == [("identities::ann", Passed())]


def test_nobody_needs_credentials_to_be_anonymous() -> None:
    desk = Desk()

    assert logins_of(desk).credentials("anonymous") == Credentials()
    assert logins_of(desk).trouble("anonymous") == ""
    assert desk.asked == []


def test_a_forgery_is_made_of_the_login_of_another() -> None:
    desk = Desk()
    logins = logins_of(desk)

    forged, renewed = logins.credentials("old"), logins.credentials("old~renewed")

    assert forged == Credentials(token=Secret("expired ann"))
    assert renewed == Credentials(token=Secret("renewed ann"))
    assert desk.asked == ["ann"]


def test_a_failed_login_is_told_once_in_full_and_to_all_others_in_short() -> None:
    failed = Failed("login of ann: got 400 (wrong password)")
    desk = Desk(failed)
    logins = logins_of(desk)

    assert logins.trouble("ann") == "no credentials: the login of ann failed"
    assert logins.trouble("old") == "no credentials: the login of ann failed"
    assert logins.credentials("ann") == Withheld("not sent: no credentials: the login of ann failed")
    assert logins.record("ann").outcome == failed
    assert desk.asked == ["ann"]


def test_an_undecided_login_tells_its_reason() -> None:
    logins = logins_of(Desk(Inconclusive("login of ann: rate limited (429)")))

    assert logins.trouble("ann") == "login of ann: rate limited (429)"


def test_a_fixed_credential_is_no_check() -> None:
    logins = logins_of(Desk())
    logins.credentials("key")

    assert logins.records == ()


def test_an_unknown_identity_has_no_credentials() -> None:
    assert logins_of(Desk()).credentials("bob") == Withheld("not sent: the contract has no identity bob")
