"""`deploycheck snapshot` writes a real schema down, `deploycheck drift` says what differs from it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pytest_deploycheck.catalog.drift.read import load
from pytest_deploycheck.cli import main
from suites.standins.kit.postgres import Postgres
from suites.standins.wecelebrate.deployment import READER
from tests.standins.databases import PASSWORD, Wecelebrate, wecelebrate

CONTRACT = """\
system: Shop
environments:
  staging: {base_url: "https://staging.example", database: "${DATABASE_URL}"}
  prod: {base_url: "https://shop.example", database: "${DATABASE_URL}", database_reader: gate_rows}
  gone: {base_url: "https://shop.example", database: "postgresql://me:hunter22@127.0.0.1:1/x"}
  bare: {base_url: "https://shop.example"}
smoke:
  - GET /health: {status: 200}
"""

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def standin() -> Iterator[Wecelebrate]:
    with wecelebrate() as started:
        yield started


@pytest.fixture
def deploycheck(
    standin: Wecelebrate,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Command:
    """Run the command in a folder with a contract; return its exit status, and what it printed."""
    (tmp_path / "deploycheck.yaml").write_text(CONTRACT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEPLOYCHECK_ENV", raising=False)
    monkeypatch.setenv("DATABASE_URL", _url(standin.postgres))

    def command(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main(arguments)
        except SystemExit as end:
            status = int(end.code or 0)
        out, err = capsys.readouterr()
        return status, out, err

    return command


def _url(postgres: Postgres) -> str:
    return postgres.url(READER, PASSWORD)


OPEN = "alter table public.orders disable row level security"
CLOSED = "alter table public.orders enable row level security"


def test_a_snapshot_is_a_lock_file_without_secrets(deploycheck: Command, tmp_path: Path) -> None:
    status, out, err = deploycheck("snapshot", "--env", "prod")
    (tmp_path / "schema.lock.yaml").write_text(out)

    assert (status, err) == (0, "")
    assert "public.orders" in load(tmp_path / "schema.lock.yaml").part("tables")
    assert PASSWORD not in out
    assert deploycheck("snapshot", "--env", "prod")[1] == out


def test_a_deployment_is_as_its_lock_file_until_it_is_changed(
    deploycheck: Command, standin: Wecelebrate, tmp_path: Path
) -> None:
    (tmp_path / "schema.lock.yaml").write_text(deploycheck("snapshot", "--env", "staging")[1])
    same = deploycheck("drift", "--env", "prod", "--lock", "schema.lock.yaml")
    with standin.changed(OPEN, CLOSED):
        status, out, _ = deploycheck("drift", "--env", "prod", "--lock", "schema.lock.yaml")

    assert same[0] == 0
    assert same[1].startswith("SAME: prod, compared with schema.lock.yaml: ")
    assert (status, out.splitlines()) == (
        1,
        [
            "CRITICAL table public.orders: row_security is off, expected on",
            "         every row is open to whoever may select",
            '         ALTER TABLE "public"."orders" ENABLE ROW LEVEL SECURITY;',
            "DIFFERS: prod, compared with schema.lock.yaml: 1 critical",
        ],
    )


def test_a_lock_file_is_written_whole_or_stays_as_it_was(deploycheck: Command, tmp_path: Path) -> None:
    lock = tmp_path / "schema.lock.yaml"

    written = deploycheck("snapshot", "--env", "prod", "--output", "schema.lock.yaml")
    text = lock.read_text()
    status, out, err = deploycheck("snapshot", "--env", "gone", "--output", "schema.lock.yaml")

    assert written == (0, "wrote schema.lock.yaml\n", "")
    assert text == deploycheck("snapshot", "--env", "prod")[1]
    assert (status, out) == (2, "")
    assert "did not answer" in err
    assert lock.read_text() == text
    assert {path.name for path in tmp_path.iterdir()} == {"deploycheck.yaml", "schema.lock.yaml"}


def test_two_environments_are_compared(deploycheck: Command) -> None:
    status, out, _ = deploycheck("drift", "--env", "prod", "--from", "staging")

    assert (status, out.partition(":")[0]) == (0, "SAME")


def test_more_than_the_other_has_is_a_difference_unless_it_is_ignored(
    deploycheck: Command, standin: Wecelebrate, tmp_path: Path
) -> None:
    (tmp_path / "lock.yaml").write_text(deploycheck("snapshot", "--env", "staging")[1])
    command = ("drift", "--env", "prod", "--lock", "lock.yaml")
    with standin.changed("create table public.scratch_7 ()", "drop table public.scratch_7"):
        differs = deploycheck(*command)
        ignored = deploycheck(*command, "--ignore", "tables=public.scratch_*")
        without = deploycheck(*command, "--ignore", "tables")

    assert differs[1].startswith("HIGH     table public.scratch_7: extra")
    assert (differs[0], ignored[0], without[0]) == (1, 0, 0)


def test_a_role_may_be_called_something_else(
    deploycheck: Command, standin: Wecelebrate, tmp_path: Path
) -> None:
    (tmp_path / "lock.yaml").write_text(deploycheck("snapshot", "--env", "staging")[1])
    command = ("drift", "--env", "prod", "--lock", "lock.yaml")
    with standin.changed("alter role service_role rename to api", "alter role api rename to service_role"):
        differs = deploycheck(*command)
        mapped = deploycheck(*command, "--role", "api=service_role")

    assert (differs[0], mapped[0]) == (1, 0)


def test_a_secret_in_a_definition_is_not_written_into_a_file(
    deploycheck: Command, standin: Wecelebrate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYMENTS_KEY", "live-key-of-the-shop")
    leak = "alter table public.orders alter column reference"
    with standin.changed(f"{leak} set default 'live-key-of-the-shop'", f"{leak} drop default"):
        status, out, err = deploycheck("snapshot", "--env", "prod")

    assert (status, out) == (4, "")
    assert err == (
        "deploycheck: the schema holds the value of PAYMENTS_KEY, so nothing was written: "
        "default: '''***''::text'\n"
    )


def test_a_database_that_does_not_answer_decides_nothing(deploycheck: Command) -> None:
    for command in (("snapshot", "--env", "gone"), ("drift", "--env", "gone", "--from", "prod")):
        status, out, err = deploycheck(*command)

        assert (status, out) == (2, "")
        assert err.startswith("deploycheck: the database of gone did not answer: ")
        assert "hunter22" not in err


SERVE = """\
import os, time
path = os.environ["DEPLOYCHECK_PROVIDES"]
with open(path + ".new", "w") as file:
    file.write("STARTED_DATABASE_URL=" + os.environ["DATABASE_URL"] + "\\n")
os.rename(path + ".new", path)
time.sleep(60)
"""
STARTED = """\
  local:
    base_url: https://local.example
    database: ${STARTED_DATABASE_URL}
    start: {command: "python serve.py", provides: [STARTED_DATABASE_URL], timeout: 20s}
  broken:
    extends: local
    start: {command: "python none.py", provides: [STARTED_DATABASE_URL]}
smoke:
"""


def test_a_deployment_that_a_run_would_start_is_started_for_the_snapshot(
    deploycheck: Command, tmp_path: Path
) -> None:
    (tmp_path / "serve.py").write_text(SERVE)
    (tmp_path / "deploycheck.yaml").write_text(CONTRACT.replace("smoke:\n", STARTED))

    status, out, err = deploycheck("snapshot", "--env", "local")

    assert (status, err) == (0, "")
    assert "public.orders" in out


def test_a_deployment_that_does_not_start_decides_nothing(deploycheck: Command, tmp_path: Path) -> None:
    (tmp_path / "deploycheck.yaml").write_text(CONTRACT.replace("smoke:\n", STARTED))

    status, out, err = deploycheck("snapshot", "--env", "broken")

    assert (status, out) == (2, "")
    assert "the deployment did not start: `python none.py` gave no variables" in err


LOCK = "format: 1\npostgresql: 15\ntabels: {}\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["snapshot"], "name the environment: --env NAME"),
        (["snapshot", "--env", "prod", "nowhere"], "no deploycheck.yaml in nowhere or above"),
        (["snapshot", "--env", "pord"], "environment 'pord' is not known"),
        (["snapshot", "--env", "bare"], "environment bare has no `database`"),
        (["snapshot", "--env", "gone", "--output", "none/x"], "--output none/x: there is no folder none"),
        (["snapshot", "--env", "gone", "--output", "."], "--output .: it is a folder"),
        (["drift", "--env", "prod"], "one of the arguments --from --lock is required"),
        (
            ["drift", "--env", "prod", "--lock", "none.yaml"],
            "none.yaml:1:1: the lock file can't be read: No such",
        ),
        (
            ["drift", "--env", "prod", "--lock", "bad.yaml"],
            "bad.yaml:3:1: unknown key 'tabels' of a database",
        ),
        (
            ["drift", "--env", "prod", "--from", "prod", "--ignore", "tabels"],
            "--ignore tabels: expected one of",
        ),
        (["drift", "--env", "prod", "--from", "prod", "--role", "x"], "--role x: expected HERE=THERE"),
    ],
)
def test_a_mistake_is_told(deploycheck: Command, tmp_path: Path, arguments: list[str], told: str) -> None:
    (tmp_path / "bad.yaml").write_text(LOCK)
    status, out, err = deploycheck(*arguments)

    assert out == ""
    assert told in err
    assert status == (2 if "bare" in arguments else 4)
