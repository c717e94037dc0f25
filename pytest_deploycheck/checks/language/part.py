"""How every part of a kind's YAML behaves: unknown keys are mistakes, nothing changes afterwards."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, StringConstraints, WithJsonSchema

PART = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)
"""For `model_config`; a schema is made when a part of it is read."""


class MistakeError(ValueError):
    """A value of the right type that means nothing; `expected` says what would."""

    def __init__(self, message: str, expected: str) -> None:
        super().__init__(message)
        self.expected = expected


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
