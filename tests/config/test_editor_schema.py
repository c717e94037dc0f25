import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pytest_deploycheck import checks
from pytest_deploycheck.config import MARKERS
from pytest_deploycheck.config.editor_schema import schema
from pytest_deploycheck.config.errors import Mistakes
from pytest_deploycheck.config.places import compose
from pytest_deploycheck.config.plain import values

from .contracts import Listed

WECELEBRATE = Path(__file__).parents[2] / "suites" / "wecelebrate" / "deploycheck.yaml"
FAKES = {name: Listed() for name in ("http", "tables", "ready")}


def complaints(contract: object, found: dict[str, Any] | None = None) -> list[str]:
    validator = Draft202012Validator(found or schema(FAKES, MARKERS))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(contract)]


def contract(**keys: object) -> dict[str, object]:
    return {"system": "Shop", "environments": {"local": {"base_url": "http://a.test"}}, **keys}


def test_the_schema_is_json_and_a_schema_with_the_real_kinds() -> None:
    found = schema(checks.kinds(), MARKERS)

    Draft202012Validator.check_schema(found)
    assert json.loads(json.dumps(found)) == found
    assert set(MARKERS) < set(found["properties"])


def test_the_contract_of_wecelebrate_is_valid() -> None:
    node = compose(WECELEBRATE, Mistakes())

    assert node is not None
    assert complaints(values(node), schema(checks.kinds(), MARKERS)) == []


@pytest.mark.parametrize(
    "keys",
    [
        {
            "environments": {
                "local": {"protected": "${P}", "timeout": "${T}", "budget": {"requests": "${R:-5}"}}
            }
        },
        {"smoke": [{"GET /": {"status": "${STATUS}", "fast": "${FAST}", "share": 0.5}}]},
        {
            "smoke": {"http": [{"GET /": {"status": 200}}], "tables": [{"t": {}}]},
            "release": {"ready": [{"r": {}}]},
        },
        {"identities": {"who": {"login": {"path": "/l", "json": None, "token": "$.t"}}}},
        {"signing": {"algorithm": "${ALGORITHM}", "key": "${KEY}"}},
        {
            "waivers": {
                "a": {"owner": "A", "justification": "b", "expiration_date": "2026-12-01", "run": False}
            }
        },
    ],
)
def test_what_the_loader_takes_the_schema_takes(keys: dict[str, object]) -> None:
    assert complaints(contract(**keys)) == []


@pytest.mark.parametrize(
    "keys",
    [
        {"colour": "red"},
        {"smoke": {"tabels": [{"t": {}}]}},
        {"smoke": {"ready": [{"t": {}}]}},
        {"smoke": [{"GET /": {"status": "abc"}}]},
        {"release": [{"GET /": {}}]},
        {"environments": {"local": {"base_url": "shop.test"}}},
        {"environments": {"local": {"budget": {"request": 5}}}},
        {"environments": {"local": {"start": None}}},
        {"signing": {"algorithm": "none", "key": "k"}},
        {"secrets": []},
    ],
)
def test_what_the_loader_refuses_the_schema_refuses(keys: dict[str, object]) -> None:
    assert complaints(contract(**keys)) != []


def test_keys_are_explained() -> None:
    environment = schema(FAKES, MARKERS)["$defs"]["EnvironmentPart"]["properties"]

    assert environment["protected"]["description"].startswith("Whether checks that write are refused")
    assert all(
        key in {"start", "budget", "timeout"} or "description" in part for key, part in environment.items()
    )
