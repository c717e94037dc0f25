"""What was written is on disk before it is sent, and survives whoever wrote it."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from pytest_deploycheck.safety.ledger import Entry, Ledger, folder_of
from tests.words import CREATION

OTHER_PROCESS = """\
import sys
from pathlib import Path
from pytest_deploycheck.model.creation import Creation
from pytest_deploycheck.safety.ledger import Ledger

ledger = Ledger(Path(sys.argv[1]), "run-2")
ledger.record(check="c", base_url="u", identity="ann", request="POST /", creation=Creation(
    mark="m", identify="$.id", delete="DELETE /{id}", gone="GET /{id}"))
print("recorded", flush=True)
sys.stdin.read()
"""


def recorded(ledger: Ledger, name: str = "smoke::an order") -> Entry:
    return ledger.record(
        check=name, base_url="http://shop.test", identity="ann", request="POST /orders", creation=CREATION
    )


def lines_of(folder: Path) -> list[str]:
    return [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]


@contextmanager
def another_process(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A run of another process that has written something."""
    command = [sys.executable, "-c", OTHER_PROCESS, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "recorded\n"
        yield process
        process.kill()


def test_an_entry_is_on_disk_at_once_for_its_owner_only(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "deep" / "folder", "run-1")

    entry = recorded(ledger)

    (path,) = (tmp_path / "deep" / "folder").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [json.loads(line) for line in path.read_text().splitlines()] == [asdict(entry)]
    assert str(entry) == "POST /orders (unknown id, marked mark-1), made by smoke::an order as ann"
    ledger.release()


def test_a_ledger_without_entries_makes_no_file(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "folder", "run-1")

    assert ledger.open_entries() == ()
    assert ledger.leftovers() == ()
    ledger.release()
    assert list(tmp_path.iterdir()) == []


def test_an_entry_is_open_until_it_is_closed(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "run-1")
    first, second = recorded(ledger), recorded(ledger)
    named = ledger.identify(first, "order-7")

    opened = ledger.open_entries()
    ledger.close(second)
    rest = ledger.open_entries()
    ledger.close(named)

    assert opened == (named, second)
    assert str(named) == "POST /orders (order-7), made by smoke::an order as ann"
    assert rest == (named,)
    assert ledger.open_entries() == ()
    ledger.release()
    assert list(tmp_path.iterdir()) == []


def test_the_reply_to_a_creation_is_written_down(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "run-1")

    answered = ledger.answer(recorded(ledger), "order-7")
    refused = ledger.answer(recorded(ledger), None, refused=True)

    assert ledger.open_entries() == (answered, refused)
    assert (answered.answered, answered.refused, answered.resource) == (True, False, "order-7")
    assert (refused.answered, refused.refused, refused.resource) == (True, True, None)
    ledger.release()


def test_what_is_open_at_the_end_stays_on_disk_for_the_next_run(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "run-1")
    entry = recorded(ledger)
    ledger.release()
    later = Ledger(tmp_path, "run-2")

    assert later.open_entries() == ()
    assert later.leftovers() == (entry,)
    later.close(entry)
    assert later.leftovers() == ()
    later.release()
    assert list(tmp_path.iterdir()) == []


def test_a_last_line_that_was_half_written_is_overlooked(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "run-1")
    entry = recorded(ledger)
    ledger.release()
    (path,) = tmp_path.iterdir()
    with path.open("a") as file:
        file.write(json.dumps(asdict(entry))[:40])

    assert Ledger(tmp_path, "run-2").leftovers() == (entry,)


def test_several_ledgers_of_one_run_and_process_do_not_wait_for_one_another(tmp_path: Path) -> None:
    first, second = Ledger(tmp_path, "run-1"), Ledger(tmp_path, "run-1")

    one, two = recorded(first, "one"), recorded(second, "two")

    assert {entry.id for entry in first.open_entries()} == {one.id, two.id}
    first.close(two)
    second.close(one)
    assert second.open_entries() == ()
    first.release()
    second.release()
    assert list(tmp_path.iterdir()) == []


def test_a_living_run_is_not_swept_by_another_and_a_killed_one_is(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "run-1")

    with another_process(tmp_path) as process:
        while_it_lives = ledger.leftovers()
        ledger.release()
        process.kill()
        process.wait()

    (left,) = ledger.leftovers()
    assert while_it_lives == ()
    assert left.run == "run-2"
    assert len(lines_of(tmp_path)) == 1


def test_threads_write_whole_lines(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "run-1")

    def write() -> None:
        for _ in range(5):
            ledger.close(recorded(ledger))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len([json.loads(line) for line in lines_of(tmp_path)]) == 40
    assert ledger.open_entries() == ()
    ledger.release()


def test_each_environment_has_a_folder_that_every_file_system_takes() -> None:
    assert folder_of(Path("/p"), "eu west/1") == Path("/p/.deploycheck/ledger/eu_west_1")
