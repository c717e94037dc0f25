"""The JSON Schema of a contract, from the models that validate it: editors complete and check by it."""

from collections.abc import Collection
from typing import Annotated, Any

from pydantic import Field, StrictBool, TypeAdapter

from pytest_deploycheck.config.contract import FREE
from pytest_deploycheck.config.environment import EnvironmentPart
from pytest_deploycheck.config.fields import Text, VariableName
from pytest_deploycheck.config.identities import IdentityPart, SigningPart
from pytest_deploycheck.config.kinds import Kinds
from pytest_deploycheck.config.openapi import OpenApiPart
from pytest_deploycheck.config.routes import Routes
from pytest_deploycheck.config.sections import LIST_KIND, RELEASE, kinds_of
from pytest_deploycheck.config.waivers import WaiverPart

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_VARIABLE = {"type": "string", "pattern": r"\$\{"}
_NOISE = frozenset({"title"})  # pydantic makes it from the key
_SCALARS = frozenset({"integer", "number", "boolean"})
_RESTRICTED = frozenset({"pattern", "format", "enum", "const"})
_KEYWORDS_OF_SCHEMAS = ("anyOf", "oneOf", "allOf", "prefixItems")
_KEYWORDS_OF_NAMES = ("properties", "$defs", "patternProperties")
_KEYWORDS_OF_ONE = ("items", "additionalProperties", "not")
_TYPES: dict[str, tuple[Any, str]] = {
    "system": (Text, "What is checked: printed above every verdict."),
    "runbook": (Text, "The runbook's file, beside the contract."),
    "strict_runbook": (StrictBool, "Whether a run decides only when every item of the runbook is decided."),
    "secrets": (
        Annotated[list[VariableName], Field(min_length=1)],
        "Variables whose values are never printed, beside those with a telling name.",
    ),
    "environments": (dict[str, EnvironmentPart], "Named targets."),
    "signing": (SigningPart, ""),
    "identities": (dict[str, IdentityPart], "Who asks, by the name that checks use."),
    "openapi": (OpenApiPart, ""),
    "routes": (Routes, "The routes, and who may use them; corrects the OpenAPI document."),
    "waivers": (dict[str, WaiverPart], "Checks that may stay red until a date: id or pattern → who answers."),
}


def schema(kinds: Kinds, markers: Collection[str]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a contract with these kinds of checks and these sections."""
    adapters = [(name, TypeAdapter(kind)) for name, (kind, _) in _TYPES.items()]
    adapters += [(f"kind {name}", TypeAdapter(kinds[name].Section)) for name in kinds]
    by_name, shared = TypeAdapter.json_schemas([(name, "validation", adapter) for name, adapter in adapters])
    parts = {name: _open_to_variables(part) for (name, _), part in by_name.items()}
    properties = {name: _described(parts[name], text) for name, (_, text) in _TYPES.items()}
    for name in (RELEASE, *markers):
        properties[name] = _section(name, kinds, parts)
    return {
        "$schema": DIALECT,
        "title": "Contract of a deployment",
        "type": "object",
        "properties": properties,
        "patternProperties": {f"^{FREE}": {"description": "The author's own; a place for anchors."}},
        "required": ["system", "environments"],
        "additionalProperties": False,
        "$defs": _open_to_variables(shared).get("$defs", {}),
    }


def _section(name: str, kinds: Kinds, parts: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a section: kinds by name, or a list where it is short for one of them."""
    allowed = kinds_of(name, kinds)
    section = {
        "type": "object",
        "properties": {kind: parts[f"kind {kind}"] for kind in allowed},
        "patternProperties": {rf"^.+\.{kind}$": parts[f"kind {kind}"] for kind in allowed},
        "additionalProperties": parts[f"kind {name}"] if name in allowed else False,
        "minProperties": 1,
    }
    return {"anyOf": [section, parts[f"kind {LIST_KIND}"]]} if LIST_KIND in allowed else section


def _described(part: dict[str, Any], text: str) -> dict[str, Any]:
    return {**part, "description": text} if text else part


def _open_to_variables(part: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a schema that lets ${NAME} stand where it asks for more than any text."""
    if not isinstance(part, dict):
        return part
    opened = {
        key: value for key, value in part.items() if key not in _NOISE and not _is_odd_default(key, value)
    }
    for keyword in _KEYWORDS_OF_SCHEMAS:
        if keyword in part:
            opened[keyword] = [_open_to_variables(inner) for inner in part[keyword]]
    for keyword in _KEYWORDS_OF_NAMES:
        if keyword in part:
            opened[keyword] = {name: _open_to_variables(inner) for name, inner in part[keyword].items()}
    for keyword in _KEYWORDS_OF_ONE:
        if keyword in part:
            opened[keyword] = _open_to_variables(part[keyword])
    return _or_variable(opened)


def _is_odd_default(key: str, value: object) -> bool:
    """Whether a default is none that could be written: nothing, or a duration in seconds."""
    return key == "default" and not (isinstance(value, int | str) and value != "")


def _or_variable(part: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of one value, or a text that names a variable, with its description outside."""
    kinds = part.get("type", ())
    types = {kinds} if isinstance(kinds, str) else set(kinds)
    restricted = bool(_RESTRICTED & part.keys())
    if not (types & _SCALARS and "string" not in types) and not restricted:
        return part
    outside: dict[str, Any] = {
        key: part[key] for key in ("description", "default", "examples") if key in part
    }
    inside = {key: value for key, value in part.items() if key not in outside}
    return {**outside, "anyOf": [inside, _VARIABLE]}
