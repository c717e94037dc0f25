"""The login: it tells nobody who has an account, and no weak password gets in at sign-up."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.exchange.compose import compose
from pytest_deploycheck.checks.exchange.converse import converse
from pytest_deploycheck.checks.exchange.rules import require_identity
from pytest_deploycheck.checks.exchange.section import Entry
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.checks.language.template import filled, names_in
from pytest_deploycheck.checks.posture.alike import differences
from pytest_deploycheck.checks.posture.answers import Replies, gathered
from pytest_deploycheck.checks.posture.item import Item, made
from pytest_deploycheck.checks.posture.logins import attempt, fields_of
from pytest_deploycheck.model.check import Check, Severity, Steps, Weakness
from pytest_deploycheck.model.evidence import Mark, Reply, Withheld
from pytest_deploycheck.model.identity import Login
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Inspect, NewMark

_REFUSALS = frozenset({400, 401, 403, 422})
_PASSWORD = "password"  # noqa: S105 - a key, and a name in braces
_SLOWER, _NOTICED = 5.0, 0.1
"""Times and seconds from which a difference in duration is worth a note."""


class Section(BaseModel):
    """Whose login, and how to sign up.

    `user` and `password` are the keys in the body of the login. `sign_up` is one request as in http, with
    {password} where each of `weak` goes.
    """

    model_config = PART

    identity: Text = Field(alias="as")
    user: Text = "email"
    password: Text = _PASSWORD
    sign_up: Annotated[dict[Text, Entry], Field(min_length=1, max_length=1)] | None = None
    weak: tuple[Text, ...] = ("12345678", _PASSWORD)
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return the check of the login, and one for each weak password.

    Raises:
        Misuse: if the identity does not log in with a name and a password, or a sign-up proves nothing.
    """
    require_identity(section.identity, context, ("as",))
    login = context.identities[section.identity].login
    if login is None:
        raise Misuse(f"'{section.identity}' does not log in", at=("as",), expected="an identity with a login")
    for key in (section.user, section.password):
        if not isinstance(fields_of(login).get(key), str):
            raise Misuse(
                f"the login of '{section.identity}' has no '{key}'",
                at=("as",),
                expected="user and password: the keys in its body",
            )
    return made("login_hygiene", section, context, _items(section, context, login))


def _items(section: Section, context: Context, login: Login) -> Iterator[Item]:
    yield Item(
        title="the login does not tell who has an account",
        steps=partial(_tell_apart, section, login),
        requests=2,
        identities={section.identity},
        weakness=Weakness(Severity.MEDIUM, "CWE-204", "API2:2023"),
        hint="answer a wrong password and an unknown name alike: status, code and words",
    )
    for key, entry in (section.sign_up or {}).items():
        for password in section.weak:
            yield _sign_up(key, entry, password, context)


def _tell_apart(section: Section, login: Login) -> Steps:
    """One wrong password for somebody who exists, one for nobody; the identity's own login is the control."""
    (mark,) = yield (NewMark(),)
    if not isinstance(mark, Mark):
        return Inconclusive("no mark was given, so nothing was sent")
    known = str(fields_of(login)[section.user])
    unknown = mark.text + known[known.index("@") :] if "@" in known else mark.text
    wrong = {section.password: f"Wrong-{mark.text}-1"}
    control, *evidence = yield (
        Inspect(section.identity),
        attempt(login, wrong, "wrong password"),
        attempt(login, {**wrong, section.user: unknown}, "unknown name"),
    )
    for what, seen in zip(("a wrong password", "an unknown name"), evidence, strict=True):
        if isinstance(seen, Reply) and seen.ok:
            return Failed(f"{login.method} {login.target}: {what} is let in ({seen.status})")
    if isinstance(control, Withheld):
        return Inconclusive(f"the control, the login of {section.identity}: {control.reason}")
    replies = gathered(("the login with a wrong password", "the login with an unknown name"), tuple(evidence))
    return replies if isinstance(replies, Inconclusive) else _judged(replies, (known, unknown))


def _judged(replies: Replies, names: tuple[str, str]) -> Outcome:
    one, other = replies
    if one.status not in _REFUSALS:
        return Inconclusive(f"a wrong password got {one.status}: is that the login?")
    if found := tuple(differences(one, other, names)):
        return Failed("a wrong password and an unknown name are told apart by " + "; ".join(found))
    if one.elapsed > max(other.elapsed * _SLOWER, other.elapsed + _NOTICED):
        took = f"a wrong password took {one.elapsed:.3g} s, an unknown name {other.elapsed:.3g} s"
        return Passed(f"{took}: once says little, but measure it")
    return Passed()


def _sign_up(key: str, entry: Entry, password: str, context: Context) -> Item:
    at = ("sign_up", key)
    send = entry.send
    if entry.steps:
        raise Misuse("a sign-up is one request", at=at, expected="METHOD /path: {send: ..., status: ...}")
    if _PASSWORD not in names_in([send.document, send.form, send.body]):
        place = f"{{{_PASSWORD}}}"
        raise Misuse(f"no {place} is sent", at=(*at, "send"), expected=f"{place} where the weak one goes")
    if entry.status is None or any(200 <= status < 400 for status in entry.status.codes):
        raise Misuse("no refusal is expected", at=at, expected="status: 422, or as the service has it")
    if not entry.json_ and entry.body is None:
        raise Misuse(
            "a refusal for any reason would do",
            at=at,
            expected="json or body that names the reason, such as {$.error_code: weak_password}",
        )
    weak: dict[str, Any] = {
        field: filled(getattr(send, field), {_PASSWORD: password})
        for field in ("document", "form", "body")
        if field in send.model_fields_set
    }
    (act,) = compose(key, entry.model_copy(update={"send": send.model_copy(update=weak)}), context, at)
    spend = act.spend
    return Item(
        title=f"the weak password {password} is refused at sign-up",
        steps=partial(converse, (act,)),
        requests=spend.requests,
        writes=spend.writes,
        identities=act.names,
        weakness=Weakness(Severity.MEDIUM, "CWE-521", "API2:2023"),
        hint="look at the password rules of the login service: length, and a list of leaked passwords",
        at=at,
    )
