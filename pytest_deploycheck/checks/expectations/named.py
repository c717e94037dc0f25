"""Named objects as people write them: names alone, or names with properties."""

from typing import Any

from pydantic import BaseModel

from pytest_deploycheck.checks.language.part import PART, Runbook


def named(value: Any) -> Any:  # noqa: ANN401 - whatever the YAML holds
    """Return objects by name; a list, or a name without a value, says that they are there."""
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return {name: {} for name in value}
    if isinstance(value, dict):
        return {name: {} if spec is None else spec for name, spec in value.items()}
    return value


def listed(value: Any) -> Any:  # noqa: ANN401 - whatever the YAML holds
    """Return things by name; a list says that they are there."""
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return dict.fromkeys(value)
    return value


def whole(name: str, schema: str) -> str:
    """A name with its schema: `schema` where it says none."""
    return name if "." in name else f"{schema}.{name}"


class Spec(BaseModel):
    """What every named object may say beside its own properties."""

    model_config = PART

    runbook: Runbook = ()
    hint: str = ""
