"""Values of rows as the contract can write them: JSON's types, and text for what has none of its own."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeAlias

Plain: TypeAlias = bool | int | float | str | list["Plain"] | dict[str, "Plain"] | None


def plain(value: Any) -> Plain:  # noqa: ANN401 - whatever psycopg makes of a column
    """Return a value as JSON has it: numbers as numbers, an interval in seconds, the rest as text."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case timedelta():
            return value.total_seconds()
        case bytes() | memoryview():
            return bytes(value).hex()
        case list() | tuple():
            return [plain(each) for each in value]
        case dict():
            return {str(key): plain(each) for key, each in value.items()}
        case _:
            return str(value)
