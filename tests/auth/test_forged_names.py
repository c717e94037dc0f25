"""Any forgery of any identity, by its name."""

from pytest_deploycheck.model.evidence import Withheld
from pytest_deploycheck.model.identity import Credentials, Forgery, Identity, forged_as, forged_of
from pytest_deploycheck.model.outcome import Failed, Inconclusive
from pytest_deploycheck.model.run import Exchange
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.run.logins import LoggedIn, Logins
from tests.checks.contracts import IDENTITIES

REAL = Credentials(token=Secret("real"), claims={"sub": "u"})


class Desk:
    """Answers logins, and numbers what it forges."""

    def __init__(self, login: LoggedIn = REAL) -> None:
        self.login = login
        self.logins = self.forgeries = 0

    def log_in(self, identity: Identity) -> tuple[LoggedIn, tuple[Exchange, ...]]:
        self.logins += 1
        return self.login, ()

    def forge(self, real: Credentials, forgery: Forgery) -> Credentials | Inconclusive:
        self.forgeries += 1
        if forgery is Forgery.KEY_CONFUSION:
            return Inconclusive("HS256 has no public key")
        return Credentials(token=Secret(f"{forgery.value} {self.forgeries}"))

    def book(self) -> Logins:
        return Logins(IDENTITIES, log_in=self.log_in, forge=self.forge)


def test_a_name_tells_whose_token_is_forged_and_how() -> None:
    assert forged_as("shopper", Forgery.ALG_NONE) == "shopper~alg_none"
    assert forged_of("shopper~alg_none") == ("shopper", "alg_none")
    assert forged_of("shopper") == ("shopper", "")


def test_any_token_can_be_forged_in_any_way_with_one_login() -> None:
    desk = Desk()
    logins = desk.book()

    first, second = logins.credentials("shopper~alg_none"), logins.credentials("shopper~tampered_role")

    assert (first, second) == (
        Credentials(token=Secret("alg_none 1")),
        Credentials(token=Secret("tampered_role 2")),
    )
    assert logins.credentials("shopper~alg_none") == first
    assert logins.credentials("shopper") == REAL
    assert (desk.logins, desk.forgeries) == (1, 2)


def test_a_forged_identity_can_be_forged_otherwise() -> None:
    assert Desk().book().credentials("expired~jwk") == Credentials(token=Secret("jwk 1"))


def test_what_lives_for_a_minute_is_made_anew_each_time() -> None:
    logins = Desk().book()

    assert logins.credentials("shopper~in_query") != logins.credentials("shopper~in_query")


def test_what_cannot_be_forged_is_withheld_with_the_reason() -> None:
    logins = Desk().book()

    assert logins.credentials("shopper~key_confusion") == Withheld("not sent: HS256 has no public key")
    assert logins.credentials("shopper~odd") == Withheld("not sent: nobody knows how to forge 'odd'")
    assert logins.credentials("nobody~jwk") == Withheld("not sent: the contract has no identity nobody")


def test_without_a_login_nothing_is_forged() -> None:
    desk = Desk(Failed("login of shopper: got 401"))

    assert desk.book().credentials("shopper~jwk") == Withheld(
        "not sent: no credentials: the login of shopper failed"
    )
    assert desk.forgeries == 0
