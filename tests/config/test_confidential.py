from pathlib import Path

import pytest

from pytest_deploycheck.config.confidential import passwords, tells_a_secret

from .contracts import LOCAL, SECRET, read, refused


def secrets(tmp_path: Path, text: str, **variables: str) -> dict[str, str]:
    contract = read(tmp_path, text, variables=variables)
    return {name: secret.reveal() for name, secret in contract.secrets}


@pytest.mark.parametrize(
    "name",
    [
        "API_KEY", "SECRET",
        "SUPABASE_SERVICE_ROLE_KEY", "jwt_secret", "DB_PASSWORD", "PASSWD", "GITHUB_TOKEN",
        "DATABASE_URL", "REDIS_URL", "SENTRY_DSN", "AWS_CREDENTIALS", "X-Api-Key", "Authorization",
        "APIKEY", "apikey",
    ],
)  # fmt: skip
def test_a_telling_name_means_a_secret(name: str) -> None:
    assert tells_a_secret(name)


@pytest.mark.parametrize("name", ["PWD", "KEYBOARD", "MONKEY", "BASE_URL", "SUPABASE_URL", "PATH", "COMPASS"])
def test_other_names_don_t(name: str) -> None:
    assert not tells_a_secret(name)


def test_a_variable_is_secret_by_its_name_or_because_it_is_listed(tmp_path: Path) -> None:
    text = LOCAL + "secrets: [PIN]\nsmoke:\n  - a: {text: '${API_KEY} ${PIN} ${STAGE}'}\n"

    found = secrets(tmp_path, text, API_KEY=SECRET, PIN="1234", STAGE="blue")

    assert found == {"API_KEY": SECRET, "PIN": "1234"}


def test_a_listed_or_telling_variable_is_secret_though_the_contract_never_fills_it_in(tmp_path: Path) -> None:
    text = LOCAL + "secrets: [PIN]\n"

    assert secrets(tmp_path, text, PIN="1234", ROLE_KEY=SECRET, SSH_KEY="yes") == {
        "PIN": "1234",
        "ROLE_KEY": SECRET,
    }


def test_what_fills_a_credential_is_secret_whatever_its_name(tmp_path: Path) -> None:
    text = (
        LOCAL.replace("8000}", "8000, database: '${DB}'}")
        + """
signing: {key: "${SIGN}"}
identities:
  a: {login: {path: /login, json: {email: "${MAIL}", password: hunter22, grant_type: password}, token: $.t}}
  b: {token: "${BEARER}"}
  c: {headers: {X-Tenant: "${HEADER}", X-Role: admin, Authorization: Basic bGl0ZXJhbA==}}
  d:
    login:
      {path: /l, headers: {apikey: "${ANON}", Accept: text/plain}, form: {user: "${USER_NAME}"}, token: $.t}
"""
    )
    variables = {
        name: f"value-of-{name}" for name in ("DB", "SIGN", "MAIL", "BEARER", "HEADER", "ANON", "USER_NAME")
    }

    found = secrets(tmp_path, text, **variables)

    assert {name: found[name] for name in variables} == variables
    assert found["password"] == "hunter22"
    assert found["Authorization"] == "bGl0ZXJhbA=="
    assert not {"admin", "text/plain", "password"} & set(found.values())


def test_the_password_of_a_database_is_a_secret_of_its_own(tmp_path: Path) -> None:
    text = LOCAL.replace("8000}", "8000, database: 'postgresql://shop:p%40ssword@localhost/shop'}")

    assert {secret.reveal() for _, secret in read(tmp_path, text).secrets} == {
        "postgresql://shop:p%40ssword@localhost/shop",
        "p%40ssword",
        "p@ssword",
    }


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("host=db password=secret1 dbname=a", ["secret1"]),
        ("password='two words'", ["two words"]),
        ("dbname=a", []),
        ("postgresql://db/shop", []),
        ("postgresql://[bad", []),
    ],
)
def test_passwords_in_addresses(address: str, found: list[str]) -> None:
    assert list(passwords(address)) == found


def test_a_message_never_shows_a_secret_wherever_it_comes_from(tmp_path: Path) -> None:
    text = LOCAL + "smoke:\n  - misused: {text: 'is ${API_KEY}'}\nwaivers: {'${API_KEY}': {owner: a}}\n"

    printed = refused(tmp_path, text, variables={"API_KEY": SECRET})

    assert SECRET not in printed
    assert "deploycheck.yaml:5:21: 'is ${API_KEY}' can't be\n    expected another" in printed


def test_a_literal_credential_is_not_quoted(tmp_path: Path) -> None:
    printed = refused(tmp_path, LOCAL + "identities:\n  a: {token: 12345678}\n")

    assert printed == "deploycheck.yaml:5:14: 'token' is not right\n    expected a text, in quotes"


def test_a_default_that_fills_a_credential_is_secret(tmp_path: Path) -> None:
    text = LOCAL + "identities:\n  a: {token: '${GIVEN:-local-only-token}'}\n"

    assert secrets(tmp_path, text) == {"GIVEN": "local-only-token"}


def test_a_contract_shows_no_secret(tmp_path: Path) -> None:
    text = LOCAL + "identities:\n  a: {token: '${GIVEN}'}\nsigning: {key: '${GIVEN}'}\n"

    assert SECRET not in repr(read(tmp_path, text, variables={"GIVEN": SECRET}))
