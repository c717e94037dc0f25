"""Types and expressions, however they are spelled: `timestamptz` is `timestamp with time zone`."""

import re
from collections.abc import Iterator

_ALIASES = {
    "bool": "boolean",
    "bit": "bit(1)",
    "char": "character(1)",
    "character": "character(1)",
    "decimal": "numeric",
    "float": "double precision",
    "float4": "real",
    "float8": "double precision",
    "int": "integer",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "time": "time without time zone",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "timetz": "time with time zone",
    "varbit": "bit varying",
    "varchar": "character varying",
}
"""PostgreSQL's manual, table 8.1, and what a type without its length means."""
_TYPE = re.compile(
    r"(?P<name>[^(\[]+)(?P<modifier>\([^)]*\))?\s*(?P<rest>[^(\[]*?)\s*(?P<dimensions>(?:\[\d*\]\s*)*)"
)
_NAME = r"(?:\x00\d+\x00|[a-z_][\w$]*)"
_CAST = re.compile(
    rf"::{_NAME}(?:\.{_NAME})?(?: varying| precision| with(?:out)? time zone)?"
    r"(?:\(\d+(?:, ?\d+)?\))?(?:\[\])*"
)
_SPACED = (
    (re.compile(r"\s*([<>=!~+*/|&#%^@?-]+)\s*"), r" \1 "),
    (re.compile(r"\s*,\s*"), ", "),
    (re.compile(r"([(\[])\s+|\s+([)\]])"), r"\1\2"),
    (re.compile(r"\s+"), " "),
)
_ALONE = re.compile(r"(?<![\w\x00$])\((-?[\w.$\x00]+)\)")
"""One name, number or text in brackets of its own."""
_QUOTED = re.compile(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")")
_SEVERAL_WORDS = re.compile(r"(?:double precision|character varying|bit varying|time(?:stamp)? with)")
_ARGUMENT_MODES = ("IN ", "INOUT ", "VARIADIC ")


def type_name(text: str, schema: str) -> str:
    """Return a type as format_type writes it; names of `schema` and pg_catalog without their schema."""
    found = _TYPE.fullmatch(text.strip())
    if found is None:
        return text.strip()
    modifier = (found["modifier"] or "").replace(" ", "")
    words = " ".join(f"{found['name']} {found['rest']}".split())
    name = words if '"' in words else words.lower()
    for prefix in (f"{schema}.", "pg_catalog."):
        name = name.removeprefix(prefix)
    name = _ALIASES.get(name, name)
    if modifier:
        first, space, rest = name.partition("(")[0].partition(" ")
        timed = first in {"time", "timestamp"}
        name = f"{first}{modifier}{space}{rest}" if timed else f"{name.partition('(')[0]}{modifier}"
    return name + "[]" * found["dimensions"].count("[")


def expression(text: str, schema: str = "") -> str:
    """Return an expression without what PostgreSQL writes and people don't: casts, needless brackets."""
    quotes: list[str] = []

    def kept(found: re.Match[str]) -> str:
        quotes.append(found[0].replace(f"'{schema}.", "'") if schema else found[0])
        return f"\x00{len(quotes) - 1}\x00"

    plain = _CAST.sub("", _QUOTED.sub(kept, text).lower())
    plain = plain.replace(f"{schema.lower()}.", "") if schema else plain
    for pattern, replacement in _SPACED:
        plain = pattern.sub(replacement, plain)
    plain = _bare(plain.strip())
    return re.sub(r"\x00(\d+)\x00", lambda found: quotes[int(found[1])], plain)


def _bare(text: str) -> str:
    while (fewer := _ALONE.sub(r"\1", text)) != text:
        text = fewer
    while _is_enclosed(text):
        text = text[1:-1].strip()
    return text


def _is_enclosed(text: str) -> bool:
    """Whether the first bracket is closed by the last."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


def argument_types(arguments: str, schema: str) -> tuple[str, ...]:
    """Return the types of a function's arguments (pg_get_function_identity_arguments), without names."""
    return tuple(type_name(_unnamed(each), schema) for each in _split(arguments))


def declared_types(arguments: str, schema: str) -> tuple[str, ...]:
    """Return the types that a contract names, as `argument_types` does."""
    return tuple(type_name(each, schema) for each in _split(arguments))


def _unnamed(argument: str) -> str:
    for mode in _ARGUMENT_MODES:
        argument = argument.removeprefix(mode)
    if _SEVERAL_WORDS.match(argument) or " " not in argument:
        return argument
    if argument.startswith('"'):
        return argument.partition('" ')[2] or argument
    return argument.partition(" ")[2]


def _split(arguments: str) -> Iterator[str]:
    """The parts between commas that are in no brackets."""
    depth, begin = 0, 0
    for place, character in enumerate(arguments):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            yield arguments[begin:place].strip()
            begin = place + 1
    if last := arguments[begin:].strip():
        yield last
