"""Settings of the server and of roles: with units, with what goes over what, and with what hides what."""

from dataclasses import replace
from typing import Any

import pytest

from pytest_deploycheck.checks.database.measure import measured, parse_demand
from pytest_deploycheck.checks.language.part import MistakeError
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.catalog import Catalog, Membership, Role, Server
from pytest_deploycheck.model.evidence import Evidence, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.testing import answer
from tests.checks.contracts import declare, declare_one

SHOP = Catalog(
    server=Server(version=150018, database="shop", user="gate"),
    settings=(
        ("TimeZone", "UTC"),
        ("app.jwt_secret", "***"),
        ("max_connections", "100"),
        ("password_encryption", "scram-sha-256"),
        ("shared_buffers", "16384"),
        ("ssl", "on"),
        ("statement_timeout", "0"),
        ("temp_file_limit", "-1"),
    ),
    units=(("shared_buffers", "8kB"), ("statement_timeout", "ms"), ("temp_file_limit", "kB")),
    roles=(Role(name="api"), Role(name="gate")),
)


def shop(*of_database: str, **of_roles: tuple[str, ...]) -> Catalog:
    """A database for which this is set, and roles for which that is set."""
    roles = {role.name: role for role in SHOP.roles}
    roles |= {name: Role(name=name, settings=settings) for name, settings in of_roles.items()}
    return replace(SHOP, database_settings=of_database, roles=tuple(roles.values()))


def of_server(asked: str, catalog: Catalog = SHOP) -> Outcome:
    return answer(declare_one("settings", f"{{server: {{{asked}}}}}"), catalog)


def of_api(asked: str, catalog: Catalog) -> Outcome:
    return answer(declare_one("settings", f"{{roles: {{api: {{{asked}}}}}}}"), catalog)


def test_there_is_a_check_for_the_server_and_one_for_each_role() -> None:
    section = "{server: {ssl: on}, roles: {api: {role: x}, anon: {role: x}}, runbook: WC-06}"

    found = declare("settings", section)

    assert [check.title for check in found] == ["settings", "settings of api", "settings of anon"]
    assert {(check.spend, check.runbook) for check in found} == {(Spend(queries=1), ("WC-06",))}


@pytest.mark.parametrize(
    "asked",
    [
        "max_connections: '>=100'",
        "max_connections: 100",
        "max_connections: '<200'",
        "shared_buffers: 128MB",
        "shared_buffers: '>=100MB'",
        "shared_buffers: 16384",
        "ssl: on",
        "ssl: true",
        "password_encryption: scram-sha-256",
        "password_encryption: [scram-sha-256, md5]",
        "timezone: UTC",
        "temp_file_limit: '>=1GB'",
        "max_connections: '>=100', ssl: on",
    ],
)
def test_what_holds_passes_whatever_the_unit(asked: str) -> None:
    assert isinstance(of_server(asked), Passed)


def test_what_does_not_hold_is_told_with_why_and_how_to_mend() -> None:
    assert of_server("max_connections: '>=200'") == Failed(
        "max_connections: expected >=200, is 100, the server's own: clients beyond it are refused",
        hint="ALTER SYSTEM SET max_connections = '200' (or the host's own way; some take a restart)",
    )
    assert of_server("shared_buffers: '>=1GB'") == Failed(
        "shared_buffers: expected >=1GB, is 16384 8kB, the server's own",
        hint="ALTER SYSTEM SET shared_buffers = '1GB' (or the host's own way; some take a restart)",
    )


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("statement_timeout: '<=30s'", "statement_timeout of api: expected <=30s, is 0 (no limit)"),
        ("temp_file_limit: '<10GB'", "temp_file_limit of api: expected <10GB, is -1 (no limit)"),
    ],
)
def test_no_limit_at_all_is_not_below_one(asked: str, told: str) -> None:
    outcome = of_api(asked, SHOP)

    assert isinstance(outcome, Failed)
    assert outcome.reason.startswith(told)


@pytest.mark.parametrize("value", ["30s", "30000", "30000ms", "0.5min", " 30 s "])
def test_a_role_has_its_own_value_as_it_was_written(value: str) -> None:
    catalog = shop("statement_timeout=1s", api=(f"statement_timeout={value}",))

    assert of_api("statement_timeout: 30s", catalog) == Passed("1 setting")


def test_without_its_own_the_databases_goes_over_the_servers() -> None:
    catalog = shop("statement_timeout=30s")

    assert of_api("statement_timeout: 30s", catalog) == Passed("1 setting")
    assert of_server("statement_timeout: 30s", catalog) == Passed("1 setting")
    assert of_api("statement_timeout: '<=10s'", catalog) == Failed(
        "statement_timeout of api: expected <=10s, is 30s, set for the database or all roles: "
        "a statement that hangs keeps its connection and its locks",
        hint="ALTER ROLE \"api\" SET statement_timeout = '10s'",
    )


def test_a_role_that_lost_its_value_falls_back_to_the_servers() -> None:
    outcome = of_api("statement_timeout: 30s", SHOP)

    assert outcome == Failed(
        "statement_timeout of api: expected 30s, is 0 (no limit), the server's own: "
        "a statement that hangs keeps its connection and its locks",
        hint="ALTER ROLE \"api\" SET statement_timeout = '30s'",
    )


def test_what_the_gates_own_login_overrides_is_not_the_servers() -> None:
    catalog = shop(gate=("statement_timeout=30s",))

    assert of_api("statement_timeout: 30s", catalog) == Inconclusive(
        "statement_timeout is set for gate, the gate's own login, which hides the server's value: "
        'ALTER ROLE "gate" RESET statement_timeout'
    )


def test_a_setting_that_is_not_there_may_be_hidden() -> None:
    may_see = replace(SHOP, roles=(Role(name="gate", member_of=(Membership(role="pg_monitor"),)),))

    assert of_server("conected: 1") == Inconclusive(
        'conected is no setting of the server, or hidden from gate: GRANT pg_read_all_settings TO "gate"'
    )
    assert isinstance(of_server("conected: 1", may_see), Failed)


def test_a_secret_and_what_has_no_number_cannot_be_compared() -> None:
    assert of_server("app.jwt_secret: x") == Inconclusive("app.jwt_secret may be a secret, and is not read")
    assert of_server("password_encryption: '>=5'") == Inconclusive(
        "password_encryption is 'scram-sha-256', which can't be compared with >=5"
    )
    assert of_server("max_connections: '>=30s'") == Inconclusive(
        "max_connections is '100', which can't be compared with >=30s"
    )


def test_one_that_is_wrong_outweighs_one_that_is_open_and_both_are_told() -> None:
    outcome = of_server("max_connections: '>200', conected: 1")

    assert isinstance(outcome, Failed)
    assert "max_connections: expected >200, is 100" in outcome.reason
    assert "conected is no setting" in outcome.reason


def test_a_role_that_is_not_there_is_a_failure() -> None:
    check = declare_one("settings", "{roles: {nobody: {statement_timeout: 30s}}}")

    assert answer(check, SHOP) == Failed("there is no role nobody", hint='CREATE ROLE "nobody"')


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (Silence("timed out"), "the database did not answer: timed out"),
        (Withheld("no `database`"), "the database was not asked: no `database`"),
    ],
)
def test_without_an_answer_nothing_is_decided(evidence: Evidence, reason: str) -> None:
    assert answer(declare_one("settings", "{server: {ssl: on}}"), evidence) == Inconclusive(reason)


@pytest.mark.parametrize("section", ["{}", "{roles: {api: {}}}"])
def test_a_section_that_asks_for_nothing_is_a_mistake(section: str) -> None:
    with pytest.raises(Misuse):
        declare("settings", section)


@pytest.mark.parametrize("value", [">=", "< much", None, [], {}, [None]])
def test_what_asks_for_nothing_that_can_be_compared_is_a_mistake(value: Any) -> None:  # noqa: ANN401 - as YAML may have it
    with pytest.raises(MistakeError):
        parse_demand(value)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1h", "s", 3600),
        ("1.5h", "min", 5400),
        ("90", "min", 5400),
        ("1m30s", "ms", 90),
        ("2", "8kB", 16384),
        ("1MB", "8kB", 1048576),
        ("1e3", "", 1000),
        ("250us", "ms", 0.00025),
        ("1MB", "ms", None),
        ("30s", "", None),
        ("many", "", None),
    ],
)
def test_units_are_the_servers(text: str, unit: str, value: float | None) -> None:
    assert measured(text, unit) == value
