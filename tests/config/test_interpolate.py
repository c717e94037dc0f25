from pathlib import Path

import pytest

from .contracts import LOCAL, Listed, read, refused


def entry_text(tmp_path: Path, text: str, **variables: str) -> str:
    kind = Listed()
    read(tmp_path, f"{LOCAL}smoke:\n  - a: {{text: '{text}'}}\n", variables=variables, kinds={"http": kind})
    return kind.entries[0].text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${A}", "one"),
        ("${A}-${B}", "one-two"),
        ("${NONE:-default}", "default"),
        ("${NONE:-}", ""),
        ("${EMPTY:-default}", "default"),
        ("${A:-default}", "one"),
        ("$${A}", "${A}"),
        ("$${A} ${A}", "${A} one"),
        ("$A $ {A} {A}", "$A $ {A} {A}"),
        ("${RECURSIVE}", "${A}"),
    ],
)
def test_variables_are_filled_in(tmp_path: Path, text: str, value: str) -> None:
    assert entry_text(tmp_path, text, A="one", B="two", EMPTY="", RECURSIVE="${A}") == value


def test_keys_hold_variables_too(tmp_path: Path) -> None:
    contract = read(tmp_path, f"{LOCAL}smoke:\n  - GET /${{ITEM}}: {{}}\n", variables={"ITEM": "gift"})

    assert contract.checks[0].id == "smoke::GET /gift"


def test_keys_that_become_the_same_are_a_mistake(tmp_path: Path) -> None:
    text = f"{LOCAL}smoke:\n  - {{a: {{}}, '${{A}}': {{}}}}\n"

    assert "key '${A}' is the same as one above" in refused(tmp_path, text, variables={"A": "a"})


def test_where_a_number_or_a_boolean_belongs_a_variable_may_give_it(tmp_path: Path) -> None:
    kind = Listed()
    text = f"{LOCAL}smoke:\n  - a: {{status: '${{N}}', fast: '${{B}}', text: '${{N}}', anything: '${{N}}'}}\n"

    read(tmp_path, text, variables={"N": "201", "B": "true"}, kinds={"http": kind})

    entry = kind.entries[0]
    assert (entry.status, entry.fast, entry.text, entry.anything) == (201, True, "201", "201")


def test_a_variable_of_digits_is_a_text_without_quotes_too(tmp_path: Path) -> None:
    kind = Listed()

    read(
        tmp_path,
        f"{LOCAL}smoke:\n  - a:\n      text: ${{N}}\n      anything: ${{N}}\n",
        variables={"N": "007"},
        kinds={"http": kind},
    )

    assert (kind.entries[0].text, kind.entries[0].anything) == ("007", "007")


def test_a_variable_that_is_no_number_is_quoted_as_it_is_written(tmp_path: Path) -> None:
    printed = refused(tmp_path, f"{LOCAL}smoke:\n  - a: {{status: '${{N}}'}}\n", variables={"N": "many"})

    assert printed == "deploycheck.yaml:5:17: 'status' is '${N}'\n    expected a whole number"


def test_variables_of_other_environments_need_not_be_set(tmp_path: Path) -> None:
    text = f"{LOCAL}  prod: {{base_url: '${{PROD_URL}}', budget: {{requests: '${{MANY}}'}}}}\n"

    assert read(tmp_path, text).environment.base_url == "http://localhost:8000"


PROVIDING = """
system: Shop
environments:
  local:
    base_url: ${HOST}/api/
    database: ${DB}
    ca: ${CA_FILE}
    start: {command: make, provides: [HOST, DB, CA_FILE, SHA]}
smoke:
  - a: {text: "at ${SHA:-unknown}"}
"""


def test_what_the_start_provides_stays_as_it_is_written_until_then(tmp_path: Path) -> None:
    kind = Listed()

    contract = read(
        tmp_path, PROVIDING, variables={"DB": "postgresql://localhost/shop"}, kinds={"http": kind}
    )

    assert contract.pending == {"HOST", "CA_FILE", "SHA"}
    assert contract.environment.base_url == "${HOST}/api"
    assert kind.entries[0].text == "at ${SHA:-unknown}"


def test_once_all_is_provided_nothing_is_pending(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    kind = Listed()

    contract = read(
        tmp_path,
        PROVIDING,
        variables={"HOST": "https://one.test", "DB": "dbname=shop", "CA_FILE": "ca.pem", "SHA": "abc1234"},
        kinds={"http": kind},
    )

    assert contract.pending == frozenset()
    assert contract.environment.base_url == "https://one.test/api"
    assert contract.environment.ca == tmp_path / "ca.pem"
    assert kind.entries[0].text == "at abc1234"
