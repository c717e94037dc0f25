"""Numbers of things as people read them: one row, two rows."""


def many(number: float, one: str, several: str = "", *, shown: str = "") -> str:
    """Return a number and the word for so many: `one`, or `several`, which is `one` with an s if not given.

    `shown` is how the number is written, where that is not as Python has it.
    """
    return f"{shown or number} {one if number == 1 else several or f'{one}s'}"


def some(number: int, total: int, noun: str, does: str, do: str) -> str:
    """Return how many of all do something: the noun agrees with all, the verb with those that do."""
    return f"{number:,} of {many(total, noun, shown=f'{total:,}')} {does if number == 1 else do}"
