"""A value that shows stars wherever it is printed."""

from typing import NoReturn, Self, final


@final
class Secret:
    """Shows stars wherever it is printed; `reveal()` where it is sent, nowhere else.

    Not a dataclass, because `asdict` would copy the value into a plain dict; and not picklable, so that
    no worker protocol can carry it off.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret stays in the process that read it")
