"""`deploycheck counts` writes down how many rows a real database has, and the check is held to it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pytest_deploycheck.checks.database.before import read
from pytest_deploycheck.checks.database.counting import Counted
from pytest_deploycheck.cli import main
from suites.standins.wecelebrate.deployment import READER
from tests.standins.databases import PASSWORD, Wecelebrate, wecelebrate

CONTRACT = """\
system: Shop
environments:
  prod: {base_url: "https://shop.example", database: "${DATABASE_URL}", database_reader: gate_rows}
  filtered: {base_url: "https://shop.example", database: "${DATABASE_URL}"}
  gone: {base_url: "https://shop.example", database: "postgresql://me:hunter22@127.0.0.1:1/x"}
  bare: {base_url: "https://shop.example"}
smoke:
  - GET /health: {status: 200}
"""

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def shop() -> Iterator[Wecelebrate]:
    with wecelebrate() as started:
        yield started


@pytest.fixture
def counts(
    shop: Wecelebrate,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Command:
    """Run the command in a folder with a contract; return its exit status, and what it printed."""
    (tmp_path / "deploycheck.yaml").write_text(CONTRACT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEPLOYCHECK_ENV", raising=False)
    monkeypatch.setenv("DATABASE_URL", shop.postgres.url(READER, PASSWORD))

    def command(*arguments: str) -> tuple[int, str, str]:
        status = main(("counts", *arguments))
        return status, *capsys.readouterr()

    return command


def test_counts_are_written_whole_or_not_at_all(counts: Command, tmp_path: Path) -> None:
    assert counts("--env", "gone", "--output", "counts.yaml")[0] == 2
    assert not (tmp_path / "counts.yaml").exists()

    assert counts("--env", "prod", "--output", "counts.yaml") == (0, "wrote counts.yaml\n", "")
    assert len(read((tmp_path / "counts.yaml").read_text(), Path("counts.yaml")).tables) == 18


def test_every_table_of_the_schema_is_counted(counts: Command) -> None:
    status, out, err = counts("--env", "prod")
    before = read(out, Path("counts.yaml"))

    assert (status, err) == (0, "")
    assert (before.environment, before.database) == ("prod", "postgres")
    assert len(before.tables) == 18
    assert before.tables["public.orders"] == Counted(30)


def test_other_schemas_are_counted_when_named(counts: Command) -> None:
    _, out, _ = counts("--env", "prod", "--schema", "auth", "--schema", "public")

    assert read(out, Path("c")).tables["auth.users"] == Counted(4)


def test_where_counting_stopped_is_told(counts: Command) -> None:
    status, out, err = counts("--env", "prod", "--bound", "25")

    assert status == 0
    assert read(out, Path("c")).tables["public.orders"] == Counted(25, more=True)
    assert "deploycheck: public.orders has more than 25 rows: counted no further (--bound)\n" in err


def test_a_login_that_would_be_filtered_counts_nothing(counts: Command) -> None:
    status, out, err = counts("--env", "filtered")

    assert status == 2
    assert read(out, Path("c")).tables["public.orders"] is None
    assert "name a role that sees every row in `database_reader` of the environment" in err


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        ((), 4, "name it: --env NAME"),
        (("--env", "prod", "nowhere"), 4, "no deploycheck.yaml in nowhere or above"),
        (("--env", "prod", "--bound", "0"), 4, "--bound and --timeout must be more than none"),
        (("--env", "other"), 4, "environment 'other' is not known"),
        (("--env", "bare"), 2, "environment bare has no `database`"),
        (("--env", "gone"), 2, "the database did not answer: "),
        (("--env", "prod", "--schema", "nowhere"), 2, "no table in nowhere: nothing to count"),
    ],
)
def test_without_counts_it_says_why(
    counts: Command, arguments: tuple[str, ...], status: int, told: str
) -> None:
    got, out, err = counts(*arguments)

    assert (got, out) == (status, "")
    assert told in err
    assert "hunter22" not in err
