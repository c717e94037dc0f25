"""Names in braces: {order} is what a step captured, {mark} the run's unique mark, {{order}} that text itself.

Braces around anything but a name are left alone, so that JSON and regular expressions need no escape;
${NAME} is a variable of the contract, not a name.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

_TOKEN = re.compile(r"(?P<pending>\$\{[^}]*\})|\{\{(?P<escaped>[A-Za-z_]\w*)\}\}|\{(?P<name>[A-Za-z_]\w*)\}")

MARK = "mark"
"""The name of the run's unique mark."""


def names_in(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    """The names that `value` uses, at any depth."""
    match value:
        case str():
            yield from (found["name"] for found in _TOKEN.finditer(value) if found["name"])
        case Mapping():
            for key, part in value.items():
                yield from names_in(key)
                yield from names_in(part)
        case list() | tuple():
            for part in value:
                yield from names_in(part)


def filled(value: Any, known: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return `value` with its names replaced.

    A text that is one name and nothing else becomes the known value itself, a number for example.
    """
    match value:
        case str():
            whole = _TOKEN.fullmatch(value)
            if whole and whole["name"] in known:
                return known[whole["name"]]
            return filled_text(value, known)
        case Mapping():
            return {filled_text(str(key), known): filled(part, known) for key, part in value.items()}
        case list() | tuple():
            return [filled(part, known) for part in value]
        case _:
            return value


def filled_text(text: str, known: Mapping[str, Any], escape: Callable[[str], str] = str) -> str:
    """Return `text` with its names replaced by text; `escape` makes each value safe where it goes.

    Names that are not known stay: `{id}` in a creation is known to the ledger only.
    """

    def replacement(found: re.Match[str]) -> str:
        if found["escaped"]:
            return f"{{{found['escaped']}}}"
        if found["name"] in known:
            return escape(as_text(known[found["name"]]))
        return found[0]

    return _TOKEN.sub(replacement, text)


def filled_target(text: str, known: Mapping[str, Any]) -> str:
    """Return a request target with its names replaced, percent-encoded (RFC 3986, 2.1).

    What the target begins with may be a whole URL and is left as it is.
    """
    start = _TOKEN.match(text)
    if start and start["name"] in known:
        return as_text(known[start["name"]]) + filled_target(text[start.end() :], known)
    return filled_text(text, known, lambda value: quote(value, safe=""))


def as_text(value: Any) -> str:  # noqa: ANN401 - JSON
    """Return a value as it is written into a text: JSON, but strings without quotes."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
