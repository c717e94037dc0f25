"""Secrets are found in every spelling, whole or cut; ordinary text stays as it is."""

import base64
import html
import json
import time
from urllib.parse import quote, quote_plus

import pytest

from pytest_deploycheck.safety.redact import Redactor

AWKWARD = "pl4nted/S+cret & \"quoted\" 'twice' <x> é😀\\end"


def knowing(*values: str) -> Redactor:
    redactor = Redactor()
    redactor.add(*values)
    return redactor


SPELLINGS = {
    "as it is": AWKWARD,
    "JSON": json.dumps(AWKWARD)[1:-1],
    "JSON in Unicode": json.dumps(AWKWARD, ensure_ascii=False)[1:-1],
    "JSON in JSON": json.dumps(json.dumps(AWKWARD))[3:-3],
    "repr": repr(AWKWARD)[1:-1],
    "repr of JSON": repr(json.dumps(AWKWARD))[2:-2],
    "ASCII": ascii(AWKWARD)[1:-1],
    "percent": quote(AWKWARD, safe=""),
    "percent in lower case": quote(AWKWARD, safe="").replace("%2F", "%2f"),
    "a form": quote_plus(AWKWARD),
    "a path": quote(AWKWARD),
    "XML": html.escape(AWKWARD),
    "XML of JSON": html.escape(json.dumps(AWKWARD))[6:-6],
    "base64": base64.b64encode(AWKWARD.encode()).decode(),
    "base64 without padding": base64.b64encode(AWKWARD.encode()).decode().rstrip("="),
    "base64 for URLs": base64.urlsafe_b64encode(AWKWARD.encode()).decode(),
    "base64 in a URL": quote(base64.b64encode(AWKWARD.encode()).decode(), safe=""),
    "hexadecimal": AWKWARD.encode().hex(),
    "hexadecimal in capitals": AWKWARD.encode().hex().upper(),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_secret_is_found_however_it_is_spelled(spelling: str) -> None:
    redactor = knowing(AWKWARD)

    cleaned = redactor.clean(f"before <{spelling}> after")

    assert cleaned == "before <***> after"
    assert redactor.betrays(spelling)


@pytest.mark.parametrize("length", [12, 25, 39, 40, 200])
def test_a_secret_that_was_cut_is_found_by_its_beginning_or_its_end(length: int) -> None:
    secret = "".join(chr(ord("a") + number * 7 % 26) for number in range(length))
    redactor = knowing(secret)

    for kept in range(6, length):
        assert redactor.clean(f"{secret[:kept]}... (9 more)") == "***... (9 more)" or length >= 40
        assert secret[:6] not in redactor.clean(f"x {secret[:kept]}…")
        assert secret[-6:] not in redactor.clean(f"x ...{secret[-kept:]}")


def test_a_long_secret_is_found_by_either_half_without_an_ellipsis() -> None:
    secret = "".join(chr(ord("a") + number * 7 % 26) for number in range(60))

    cleaned = knowing(secret).clean(f"head {secret[:30]}\ntail {secret[30:]}")

    assert cleaned == "head ***\ntail ***"


def test_each_line_of_a_key_is_a_secret() -> None:
    key = (
        "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\nshort=\n-----END KEY-----\n"
    )

    cleaned = knowing(key).clean("E   MIIEvQIBADANBgkqhkiG9w0B\nE   AQEFAASCBKcwggSjAgEAAoIB")

    assert cleaned == "E   ***\nE   ***"


def test_a_secret_within_another_does_not_hide_the_rest() -> None:
    assert knowing("hunter2", "hunter2-and-more").clean("it is hunter2-and-more") == "it is ***"


def test_what_is_too_short_is_left_alone() -> None:
    assert knowing("abc", "").clean("abc of the matter") == "abc of the matter"


def test_ordinary_text_stays_as_it_is() -> None:
    text = '{"id": 5, "name": "x... y", "path": "/api/orders?limit=10"} 100% déjà vu …'

    assert knowing(AWKWARD, "hunter2-and-more").clean_evidence(text) == text


def test_what_looks_like_a_token_is_taken_out_though_nobody_knows_it() -> None:
    assert Redactor().clean("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl!") == "got ***!"


def test_the_password_of_an_address_is_taken_out() -> None:
    assert Redactor().clean("postgresql://me:hunter2@db:5432/x") == "postgresql://me:***@db:5432/x"


@pytest.mark.parametrize(
    ("told", "cleaned"),
    [
        ('{"access_token": "abcdef", "id": 1}', '{"access_token": "***", "id": 1}'),
        ("new_password=abcdef&next=1", "new_password=***&next=1"),
        ("apikey: abcdef", "apikey: ***"),
        ("Set-Cookie: session=abcdef; Path=/", "Set-Cookie: ***; Path=/"),
        ('{"token_type": "bearer"}', '{"token_type": "bearer"}'),
    ],
)
def test_evidence_shows_no_value_of_a_telling_key(told: str, cleaned: str) -> None:
    assert Redactor().clean_evidence(told) == cleaned


def test_a_variable_that_is_no_text_can_be_a_secret() -> None:
    broken = b"caf\xe9-of-the-secret".decode("utf-8", "surrogateescape")

    assert knowing(broken).clean(f"<{broken}>") == "<***>"


@pytest.mark.parametrize("text", ["x" * 200_000, "a.b-" * 50_000, "%41" * 50_000])
def test_a_long_text_is_cleaned_in_linear_time(text: str) -> None:
    redactor = knowing(AWKWARD, "".join(map(str, range(50))))
    began = time.perf_counter()

    redactor.clean(text)

    assert time.perf_counter() - began < 2
