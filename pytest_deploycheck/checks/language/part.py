"""How every part of a kind's YAML behaves: unknown keys are mistakes, nothing changes afterwards."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

PART = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
"""For `model_config`."""


def mistake(message: str, expected: str = "") -> PydanticCustomError:
    """Return what a validator raises. `expected` travels in the error's context, as for `Misuse`."""
    template = "{message}"  # noqa: RUF027 - pydantic fills it from the context
    return PydanticCustomError("contract", template, {"message": message, "expected": expected})


def is_pending(text: str) -> bool:
    """Whether a value still waits for a variable that only the started deployment can give."""
    return "${" in text


def _as_list(value: Any) -> Any:  # noqa: ANN401 - whatever the YAML holds
    return [value] if isinstance(value, str) else value


Text = Annotated[str, StringConstraints(min_length=1)]

Runbook = Annotated[
    tuple[Text, ...],
    BeforeValidator(_as_list),
    AfterValidator(tuple),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""Ids of runbook items: one, or a list."""
