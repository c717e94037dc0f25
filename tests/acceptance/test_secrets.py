"""A planted secret appears in no output and in no file."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from tests.projects import ANN, ENVIRONMENTS, ORDER, READY, Project, Run, wait_until

PLANTED = "pl4nted/S+cret & \"quoted\" 'twice' <x>"

ECHO = """\
smoke:
  - GET /echo [token]: {as: ann, status: 200, json: {$.nothing: 1}}
  - POST /echo [variable]:
      read_only: true
      send: {json: {code: "${PLANTED_PASSWORD}"}, headers: {X-Code: "${ASCII_PASSWORD}"}}
      json: {$.body: 1}
  - GET /echo [cut]:
      send: {query: {padding: 300}, headers: {X-Code: "${ASCII_PASSWORD}"}}
      status: 418
"""

LEAKING = """\
import base64
import logging
import os
import sys
import warnings
from urllib.parse import quote

import pytest


@pytest.fixture
def broken(tokens):
    raise ValueError(tokens["ann"])


def test_shows_a_local_variable(tokens):
    token, password = tokens["ann"], os.environ["PLANTED_PASSWORD"]
    nested = {"x": "y" * 300, "token": [token], "password": password, "z": "y" * 300}
    assert not nested


def test_compares(tokens):
    assert tokens["ann"] == os.environ["PLANTED_PASSWORD"]


def test_compares_mappings(tokens):
    assert {"a": 1, "token": tokens["ann"]} == {"a": 2, "token": os.environ["PLANTED_PASSWORD"]}


def test_prints(tokens, record_property):
    for secret in (tokens["ann"], os.environ["PLANTED_PASSWORD"]):
        print(secret)
        print(repr(secret), file=sys.stderr)
        print(base64.b64encode(secret.encode()).decode(), quote(secret, safe=""), secret.encode().hex())
        sys.stdout.writelines([secret, secret])
        record_property("told", secret)
    assert False


def test_logs(tokens):
    for secret in (tokens["ann"], os.environ["PLANTED_PASSWORD"]):
        logging.getLogger("app").warning("it is %s", secret)
        try:
            raise ValueError(secret)
        except ValueError:
            logging.exception("again %(it)s", {"it": secret})


def test_warns(tokens):
    warnings.warn(f"deprecated: {tokens['ann']}")
    warnings.warn(f"deprecated: {os.environ['PLANTED_PASSWORD']}")


def test_raises(tokens):
    try:
        raise ValueError(os.environ["PLANTED_PASSWORD"])
    except ValueError as error:
        raise RuntimeError(tokens["ann"]) from error


def test_is_not_set_up(broken):
    pass


def test_skips(tokens):
    pytest.skip(tokens["ann"])


def test_shows_the_reply(http):
    reply = http.as_("ann").post("/echo", json={"password": os.environ["PLANTED_PASSWORD"]},
                                 extensions={"deploycheck_writes": False})
    assert reply.json() is None, reply.request.headers
"""


@pytest.fixture
def planted(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("PLANTED_PASSWORD", PLANTED)
    monkeypatch.setenv("ASCII_PASSWORD", "A5cii-P4ssword-of-36-chars-0123456789")
    project.shop.switch(login="opaque")
    project.contract(ENVIRONMENTS, READY, ANN, ECHO)
    project.file("test_shop.py", LEAKING)
    return project


def secrets_of(project: Project) -> tuple[str, ...]:
    authorizations = {each.headers.get("authorization", "") for each in project.shop.arrived} - {""}
    assert len(authorizations) == 1, "the token was used"
    token = authorizations.pop().removeprefix("Bearer ")
    assert len(token) > 30
    return token, PLANTED, "A5cii-P4ssword-of-36-chars-0123456789"


def spellings(secret: str) -> Iterator[str]:
    yield from (
        secret,
        repr(secret)[1:-1],
        json.dumps(secret)[1:-1],
        quote(secret, safe=""),
        quote_plus(secret),
    )
    yield base64.b64encode(secret.encode()).decode()
    yield base64.urlsafe_b64encode(secret.encode()).decode()
    yield secret.encode().hex()
    yield secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def pieces(secret: str) -> Iterator[str]:
    """Every run of 12 characters, in every spelling: nobody should see half of a secret either."""
    for spelling in spellings(secret):
        yield from (spelling[start : start + 12] for start in range(len(spelling) - 11))


def told(project: Project, run: Run) -> Iterator[tuple[str, str]]:
    yield "output", run.out
    yield "errors", run.err
    for path in project.folder.rglob("*"):
        if path.is_file() and path.suffix not in (".py", ".pyc", ".env"):
            yield str(path.relative_to(project.folder)), path.read_text(errors="replace")


def leaks(project: Project, run: Run) -> list[str]:
    return sorted(
        {
            f"{where}: {line}"
            for where, text in told(project, run)
            for secret in secrets_of(project)
            for piece in pieces(secret)
            for line in text.splitlines()
            if piece in line
        }
    )


@pytest.mark.parametrize(
    "arguments",
    [(), ("-s",), ("-n2",), ("--tb=short", "--capture=sys"), ("--tb=line",), ("--tb=native",), ("-s", "-n2")],
    ids=" ".join,
)
def test_no_output_and_no_file_holds_a_secret(planted: Project, arguments: tuple[str, ...]) -> None:
    run = planted.pytest(
        "-vv",
        "-rA",
        "-Wdefault",
        "--showlocals",
        "--junitxml=report.xml",
        "-ojunit_logging=all",
        "--log-file=log.txt",
        "--log-file-level=DEBUG",
        "--log-level=DEBUG",
        *arguments,
    )

    assert run.status == 1
    assert "\n".join(leaks(planted, run)) == ""
    assert "***" in run.out
    assert "***" in (planted.folder / "report.xml").read_text()
    if "-n2" not in arguments:
        assert "again ***" in (planted.folder / "log.txt").read_text()


def test_no_output_holds_a_secret_that_only_the_started_deployment_told(
    planted: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PLANTED_PASSWORD")
    planted.file("planted.env", f"PLANTED_PASSWORD={json.dumps(PLANTED)}")
    planted.file(
        "serve.py",
        """\
        import os, shutil, signal
        part = os.environ["DEPLOYCHECK_PROVIDES"] + ".part"
        shutil.copy("planted.env", part)
        os.rename(part, os.environ["DEPLOYCHECK_PROVIDES"])
        signal.pause()
        """,
    )
    planted.contract(
        """\
        system: Shop
        environments:
          local:
            base_url: ${SHOP_URL}
            start: {command: "python serve.py", provides: [PLANTED_PASSWORD]}
        """,
        ANN,
        ECHO,
    )
    planted.file("test_shop.py", "def test_used(tokens):\n    assert tokens['ann'] == 1\n")

    run = planted.pytest("-vv", "--showlocals", "-n2", "--junitxml=report.xml")

    assert run.status == 1
    assert "FAILED deploycheck.yaml::smoke::POST /echo [variable]" in run.out
    assert "\n".join(leaks(planted, run)) == ""


@pytest.mark.parametrize("arguments", [(), ("-s",), ("-n2",)], ids=" ".join)
def test_no_hook_at_the_end_prints_a_secret(planted: Project, arguments: tuple[str, ...]) -> None:
    planted.file(
        "conftest.py",
        """\
        import logging, os, sys

        def pytest_sessionfinish():
            print("at the end:", os.environ["PLANTED_PASSWORD"], file=sys.stderr)
            logging.getLogger().error("at the end: %s", os.environ["ASCII_PASSWORD"])

        def pytest_terminal_summary(terminalreporter):
            print("in the summary:", os.environ["PLANTED_PASSWORD"])
            terminalreporter.write_line(os.environ["ASCII_PASSWORD"])
        """,
    )

    run = planted.pytest("-k", "token", *arguments)

    assert "in the summary: ***" in run.out
    assert "at the end: ***" in run.err
    assert "\n".join(leaks(planted, run)) == ""


def test_no_plan_holds_a_secret(planted: Project) -> None:
    planted.contract(
        ENVIRONMENTS,
        ANN,
        f"{ECHO}  - GET /echo?code=${{ASCII_PASSWORD}}: {{status: 200}}\n",
    )

    run = planted.command("plan", "--env", "local")
    planted.pytest("-k", "token")

    assert run.status == 0
    assert "GET /echo?code=***" in run.out
    assert "\n".join(leaks(planted, run)) == ""


def test_a_secret_in_the_name_of_a_check_is_in_no_file(planted: Project) -> None:
    planted.contract(
        ENVIRONMENTS,
        ANN,
        f"{ECHO}  - GET /echo?code=${{ASCII_PASSWORD}}: {{status: 418}}\n",
    )

    run = planted.pytest("-v", "--junitxml=report.xml")

    assert run.status == 1
    assert "\n".join(leaks(planted, run)) == ""


def test_no_contract_error_holds_a_secret(planted: Project) -> None:
    planted.contract(ENVIRONMENTS, "smoke:\n  - GET /health: {status: '${ASCII_PASSWORD}'}\n")

    run = planted.pytest()

    assert run.status == 4
    assert "A5cii" not in run.everything


def test_the_ledger_of_a_killed_run_holds_no_secret(planted: Project) -> None:
    planted.contract(
        ENVIRONMENTS, READY, ANN, "smoke:\n", ORDER.replace('"{mark}"', '"{mark}", code: "${ASCII_PASSWORD}"')
    )
    planted.shop.switch(create="hang")
    process = planted.start()
    wait_until(lambda: bool(planted.shop.orders), "the order is created")
    process.kill()
    run = planted.end(process)

    (ledger,) = (planted.folder / ".deploycheck").rglob("*.jsonl")
    assert "\n".join(leaks(planted, run)) == ""
    assert ledger.stat().st_mode & 0o077 == 0


def test_no_report_log_of_another_plugin_holds_a_secret(planted: Project) -> None:
    planted.file(
        "conftest.py",
        """\
        import json

        def pytest_runtest_logreport(report):
            with open("log.jsonl", "a") as file:
                print(json.dumps(report._to_json(), default=str), file=file)
        """,
    )

    run = planted.pytest("-vv")

    assert run.status == 1
    assert Path(planted.folder, "log.jsonl").stat().st_size > 1000
    assert "\n".join(leaks(planted, run)) == ""
