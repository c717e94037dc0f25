"""What must never be printed: variables with a telling name, and whatever fills a credential."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Variables
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from pytest_deploycheck.config.errors import Mistakes
from pytest_deploycheck.config.places import Node, Scalar, Sequence
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.secret import Secret

SHORTEST = 4
"""Characters. A shorter text is part of too many others to be taken out of an output."""
_SHORTEST_UNUSED = 8
"""A variable that the contract never names is only a guess, and `MY_KEY=true` should not hide every true."""

_WORDS = "KEYS?|APIKEYS?|SECRETS?|TOKENS?|PASSWORDS?|PASSWD|PASSPHRASE|PASS|CREDENTIALS?|JWT|DSN"
_ADDRESSES = "(?:DATABASE|DB|POSTGRES|POSTGRESQL|PG|MYSQL|MONGO|MONGODB|REDIS|AMQP|BROKER)_UR[IL]"
_TELLING = re.compile(f"(?:^|_)(?:{_WORDS}|{_ADDRESSES}|AUTHORIZATION|COOKIE)(?:_|$)")
_PASSWORD_IN_DSN = re.compile(r"password\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S+))", re.IGNORECASE)


def tells_a_secret(name: str) -> bool:
    """Whether a variable, header or key of this name holds a secret.

    One of the words KEY, APIKEY, SECRET, TOKEN, PASSWORD, PASSWD, PASSPHRASE, PASS, CREDENTIAL, JWT, DSN,
    AUTHORIZATION, COOKIE (or its plural) between underscores, or DATABASE_URL and its like.
    """
    return bool(_TELLING.search(name.upper().replace("-", "_")))


@dataclass(slots=True, kw_only=True)
class Confidential:
    """Collects secrets while a contract is read. `listed` are the names under the key `secrets`."""

    mistakes: Mistakes
    listed: frozenset[str] = frozenset()
    found: dict[tuple[str, str], Place | None] = field(default_factory=dict)

    def variables(self, used: Variables[tuple[str, str], Place], known: Variables[str, str]) -> None:
        """Collect the variables that hold secrets: those in use, those listed, and likely ones."""
        for (name, value), place in used.items():
            if name in self.listed or tells_a_secret(name):
                self.add(name, value, place)
        for name, value in known.items():
            likely = tells_a_secret(name) and len(value) >= _SHORTEST_UNUSED
            if value and (likely or name in self.listed):
                self.add(name, value, None)

    def add(self, name: str, value: str, place: Place | None) -> None:
        """Collect one secret, and the password in it if it is the address of a database."""
        if self.found.get((name, value)) is None:
            self.found[name, value] = place
        for password in passwords(value):
            self.found.setdefault((f"{name} (password)", password), place)

    def credential(self, node: Node, name: str, used: Iterable[tuple[str, str]], *, literal: bool) -> None:
        """Collect the variables that fill a credential and, where it is one itself, the text in the file."""
        for key, scalar in _scalars(node, name):
            if not scalar.text.strip() or "${" in scalar.text:
                continue  # nothing there, or not known yet
            for variable, value in used:
                if variable in scalar.variables:
                    self.add(variable, value, scalar.place)
            if not scalar.variables and (literal or tells_a_secret(key)):
                self.add(key, scalar.text.split()[-1], scalar.place)
            elif literal:
                for password in passwords(scalar.text):
                    self.add(f"{key} (password)", password, scalar.place)

    def secrets(self) -> tuple[tuple[str, Secret], ...]:
        """Return the pairs of name and secret; one that is too short to be hidden is a mistake."""
        for (name, value), place in self.found.items():
            if place and len(value) < SHORTEST:
                self.mistakes.add(
                    place,
                    f"the secret {name} is shorter than {SHORTEST} characters: no output could hide it",
                    f"at least {SHORTEST} characters",
                )
        return tuple((name, Secret(value)) for name, value in self.found if len(value) >= SHORTEST)

    def concealer(self) -> Callable[[str], str]:
        """Return a function that puts each secret's name where its value stands."""
        pairs = sorted(self.found, key=lambda pair: -len(pair[1]))
        forms = [
            (form, f"${{{name}}}")
            for name, value in pairs
            if len(value) >= SHORTEST
            for form in _forms(value)
        ]

        def conceal(text: str) -> str:
            for form, name in forms:
                text = text.replace(form, name)
            return text

        return conceal


def passwords(value: str) -> Iterator[str]:
    """Return the password in a database's address (a URL, or libpq's key=value), as written and decoded."""
    if "://" in value:
        try:
            password = urlsplit(value).password
        except ValueError:  # not a URL after all: its own validator says so
            return
        if password:
            yield from dict.fromkeys((password, unquote(password)))
    elif match := _PASSWORD_IN_DSN.search(value):
        yield match[1] or match[2]


def _forms(value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((value, repr(value)[1:-1], json.dumps(value)[1:-1])))


def _scalars(node: Node, name: str) -> Iterator[tuple[str, Scalar]]:
    if isinstance(node, Scalar):
        yield name, node
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _scalars(item, name)
    else:
        for entry in node:
            yield from _scalars(entry.value, entry.key.text)
