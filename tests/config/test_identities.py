from pathlib import Path

import pytest

from pytest_deploycheck.model.identity import Forgery, Identity, Login, SigningKey
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.model.secret import Secret

from .contracts import LOCAL, Listed, read, refused

SIGNED = f"{LOCAL}signing: {{key: 'key-of-tokens'}}\n"


def identity(tmp_path: Path, keys: str) -> Identity:
    text = f"{SIGNED}identities:\n  good: {{token: good-token}}\n  who: {{{keys}}}\n"
    return read(tmp_path, text).identities["who"]


def login(tmp_path: Path, keys: str) -> Login:
    found = identity(tmp_path, f"login: {{path: /login, token: $.t, {keys}}}").login
    assert found
    return found


def test_anonymous_is_always_there(tmp_path: Path) -> None:
    assert list(read(tmp_path, LOCAL).identities) == [ANONYMOUS]


def test_a_token_is_sent_as_bearer(tmp_path: Path) -> None:
    found = identity(tmp_path, "token: abcdef, tenant: a, roles: [admin, clerk]")

    assert found.headers == (("Authorization", Secret("Bearer abcdef")),)
    assert (found.tenant, found.roles) == ("a", ("admin", "clerk"))


def test_headers_are_sent_as_they_are(tmp_path: Path) -> None:
    assert identity(tmp_path, "headers: {X-Api-Key: abcdef}").headers == (("X-Api-Key", Secret("abcdef")),)


def test_a_forgery_is_made_from_another_identity(tmp_path: Path) -> None:
    found = identity(tmp_path, "forge: wrong_key, of: good")

    assert (found.forgery, found.of) == (Forgery.WRONG_KEY, "good")


def test_a_login_with_json(tmp_path: Path) -> None:
    found = login(tmp_path, "json: {user: Zoë, n: 1, none: null}, header: X-Auth, scheme: ''")

    assert found == Login(
        target="/login",
        token="$.t",
        headers=(("Content-Type", "application/json"),),
        body='{"user": "Zoë", "n": 1, "none": null}'.encode(),
        header="X-Auth",
        scheme="",
    )


def test_a_login_knows_where_its_credentials_came_from(tmp_path: Path) -> None:
    keys = 'json: {user: {email: "${MAIL}"}, kind: x, password: right}, headers: {apikey: "${KEY}"}'
    text = f"{LOCAL}identities:\n  who:\n    login: {{path: /login, token: $.t, {keys}}}\n"

    found = read(tmp_path, text, variables={"MAIL": "ann@shop.test", "KEY": "secret-key"}).identities["who"]

    assert found.login
    assert [str(each) for each in found.login.sources] == [
        "the email is ${MAIL}",
        "the password stands in the contract",
        "the apikey is ${KEY}",
    ]


def test_a_login_with_a_form(tmp_path: Path) -> None:
    found = login(tmp_path, "form: {user: a b, password: p&q=rs}, method: PUT")

    assert (found.body, found.method) == (b"user=a+b&password=p%26q%3Drs", "PUT")
    assert found.headers == (("Content-Type", "application/x-www-form-urlencoded"),)


def test_a_login_with_a_body_and_a_content_type_of_its_own(tmp_path: Path) -> None:
    found = login(tmp_path, "body: <login/>, headers: {content-type: text/xml}")

    assert (found.body, found.headers) == (b"<login/>", (("content-type", "text/xml"),))


def test_a_login_elsewhere_without_a_body(tmp_path: Path) -> None:
    found = identity(tmp_path, "login: {url: 'https://id.test/token?a=b', method: GET, token: $.t}").login

    assert found is not None
    assert (found.target, found.body, found.headers) == ("https://id.test/token?a=b", None, ())


def test_the_signing_key(tmp_path: Path) -> None:
    text = f"{LOCAL}signing: {{algorithm: RS256, key: key-of-tokens}}\n"

    assert read(tmp_path, text).signing == SigningKey(key=Secret("key-of-tokens"), algorithm="RS256")


@pytest.mark.parametrize(
    ("keys", "printed"),
    [
        ("login: {path: login, token: $.t}", "6:23: 'path' is 'login'\n    expected a path"),
        ("login: {path: /l, token: $.t, method: post}", "6:47: 'method' is 'post'\n    expected 'POST',"),
        ("login: {path: /l}", "6:9: missing key 'token' in 'login'"),
        ("login: ", "6:9: 'login' is empty"),
        ("headers: {}", "6:9: 'headers' is empty"),
        ("roles: [], token: abcdef", "6:9: 'roles' is empty"),
        ("headers: {a: \"b\\nc\"}", "6:22: 'a' is 'b c'\n    expected a header's value in one line"),
        ("forge: expired, of: who", "6:29: identity 'who' has no token to forge"),
        ("token: abcdef, of: other", "6:3: 'who' has one of forge and of"),
    ],
)  # fmt: skip
def test_what_is_no_identity(tmp_path: Path, keys: str, printed: str) -> None:
    text = f"{SIGNED}identities:\n  who: {{{keys}}}\n"

    assert printed in refused(tmp_path, text)


def test_an_identity_with_a_mistake_is_known_to_the_checks(tmp_path: Path) -> None:
    kind = Listed()
    text = f"{LOCAL}identities:\n  who: {{tokn: abcdef}}\nsmoke:\n  - a: {{}}\n"

    with pytest.raises(Exception, match="tokn"):
        read(tmp_path, text, kinds={"http": kind})

    assert "who" in kind.seen[0].identities


def test_the_key_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\nplanted-secret-value\n")

    contract = read(tmp_path, f"{LOCAL}signing: {{algorithm: RS256, key_file: key.pem}}\n")

    key = Secret("-----BEGIN PRIVATE KEY-----\nplanted-secret-value")
    assert contract.signing == SigningKey(key=key, algorithm="RS256")
    assert ("signing.key_file", key) in contract.secrets


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("key_file: gone.pem", "'key_file' can't be read: FileNotFoundError\n    expected a PEM file"),
        ("key: secret-key, key_file: key.pem", "'signing' has key and key_file"),
        ("algorithm: RS256", "'signing' has no key or key_file"),
    ],
)
def test_there_is_one_key_that_can_be_read(tmp_path: Path, keys: str, message: str) -> None:
    said = refused(tmp_path, f"{LOCAL}signing: {{{keys}}}\n")

    assert message in said
