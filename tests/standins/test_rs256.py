"""With `--tokens rs256` access tokens are signed with a private key, and verified with a published one."""

from pathlib import Path
from typing import Any

import jwt

from tests.standins.world import World, claims_of

JWKS = "/auth/v1/.well-known/jwks.json"


def served(world: World, token: str) -> int:
    return world.bearing(token, "GET", "/api/sites").status_code


def key_of(world: World) -> str:
    return Path(world.given["JWT_PRIVATE_KEY_FILE"]).read_text()


def published(world: World) -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = world.http.get(JWKS).json()["keys"]
    return keys


def test_a_token_names_the_published_key_that_verifies_it(signed: World) -> None:
    token = signed.token()
    header = jwt.get_unverified_header(token)
    key = jwt.PyJWKSet(published(signed))[header["kid"]]

    claims = jwt.decode(token, key, algorithms=["RS256"], audience="authenticated")

    assert (signed.given["TOKENS"], header["alg"]) == ("rs256", "RS256")
    assert claims["iss"] == signed.given["SUPABASE_URL"] + "/auth/v1"
    assert served(signed, token) == 200
    assert "d" not in published(signed)[0]


def test_the_private_key_signs_tokens_that_are_accepted(signed: World) -> None:
    header = jwt.get_unverified_header(signed.token())
    claims = jwt.decode(signed.token(), options={"verify_signature": False})

    def again(**changes: object) -> int:
        return served(signed, jwt.encode({**claims, **changes}, key_of(signed), "RS256", header))

    assert [again(), again(exp=1_700_000_000), again(aud="x"), again(iss="x")] == [200, 401, 401, 401]


def test_the_projects_keys_are_still_signed_with_the_secret(signed: World) -> None:
    given = signed.given
    claims = jwt.decode(given["SUPABASE_ANON_KEY"], given["SUPABASE_JWT_SECRET"], algorithms=["HS256"])

    assert claims["role"] == "anon"
    assert claims_of(given, "SUPABASE_SERVICE_ROLE_KEY")["role"] == "service_role"


def test_a_token_signed_with_the_secret_is_refused(signed: World) -> None:
    assert served(signed, signed.forged()) == 401


def test_a_token_of_staging_is_refused(signed: World, world: World) -> None:
    assert [served(one, one.given["STAGING_ACCESS_TOKEN"]) for one in (signed, world)] == [401, 401]


def test_without_the_mode_no_key_is_published_and_none_is_trusted(world: World) -> None:
    claims = jwt.decode(world.token(), options={"verify_signature": False})

    assert (world.given["TOKENS"], published(world)) == ("hs256", [])
    assert served(world, jwt.encode(claims, key_of(world), "RS256")) == 401
