"""The one command: python -m benchmarks.linters, which prints the table of the documentation."""

import argparse
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from benchmarks.linters.contenders import Contender, catalog_of, ours, pgrls, splinter
from benchmarks.linters.pgtap import pgtap
from suites.standins.kit.faults import Fault, InDatabase, execute
from suites.standins.wecelebrate.database_faults import DATABASE_DECOYS, DATABASE_FAULTS
from suites.standins.wecelebrate.deployment import READER, SUPERUSER
from tests.standins.databases import PASSWORD, wecelebrate


@dataclass(frozen=True, slots=True)
class Row:
    """A fault, and how many findings of each tool are new while it is there; None: it could not be run."""

    fault: Fault
    found: dict[str, int | None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Break the database in every way, ask every tool, and print what is new."""
    options = _options(arguments)
    with wecelebrate() as shop:
        admin, url = shop.postgres.local(SUPERUSER), shop.postgres.url(READER, PASSWORD)
        contenders = list(_contenders(options, admin, url))
        before = {each.name: each.find() for each in contenders}
        faults = [_row(each, contenders, before, admin) for each in _chosen(DATABASE_FAULTS, options.only)]
        decoys = [_row(each, contenders, before, admin) for each in _chosen(DATABASE_DECOYS, options.only)]
    print("\n".join(_lines(before, faults, decoys)))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.linters", description=__doc__)
    parser.add_argument("--splinter", type=Path, help="splinter.sql of github.com/supabase/splinter")
    parser.add_argument(
        "--pgrls", default=shutil.which("pgrls"), help="the command pgrls (pip install pgrls)"
    )
    parser.add_argument(
        "--pgtap", action="store_true", help="the extension pgtap is installed on this machine"
    )
    parser.add_argument("--only", default="", help="faults with this in their names")
    return parser.parse_args(arguments)


def _contenders(options: argparse.Namespace, admin: str, url: str) -> Iterator[Contender]:
    yield ours(url)
    if options.pgrls:
        yield pgrls(url, options.pgrls)
    if options.splinter:
        yield splinter(admin, options.splinter)
    if options.pgtap:
        yield pgtap(admin, catalog_of(url))


def _chosen(faults: Sequence[Fault], only: str) -> list[Fault]:
    return [fault for fault in faults if only in fault.name and isinstance(fault.act, InDatabase)]


def _row(fault: Fault, contenders: list[Contender], before: dict[str, frozenset[str]], admin: str) -> Row:
    print(fault.name, file=sys.stderr, flush=True)
    act = cast("InDatabase", fault.act)
    execute(admin, act.break_by)
    try:
        found = {each.name: _new(each, before[each.name]) for each in contenders}
    finally:
        execute(admin, act.mend_by)
    return Row(fault, found)


def _new(contender: Contender, before: frozenset[str]) -> int | None:
    try:
        return len(contender.find() - before)
    except Exception as error:  # noqa: BLE001 - somebody else's tool; the table says that it broke
        print(f"{contender.name}: {error}", file=sys.stderr)
        return None


def _lines(before: dict[str, frozenset[str]], faults: list[Row], decoys: list[Row]) -> Iterator[str]:
    names = list(before)
    yield f"| | {' | '.join(names)} |"
    yield f"|---|{'---:|' * len(names)}"
    healthy = " | ".join(str(len(before[name])) for name in names)
    yield f"| said of the healthy database | {healthy} |"
    yield f"| faults found, of {len(faults)} | {' | '.join(_count(faults, name) for name in names)} |"
    yield f"| false alarms, of {len(decoys)} decoys | {' | '.join(_count(decoys, name) for name in names)} |"
    for rows in (faults, decoys):
        yield ""
        yield f"| what | {' | '.join(names)} |"
        yield f"|---|{':-:|' * len(names)}"
        for row in rows:
            yield f"| {row.fault.breaks} | {' | '.join(_mark(row.found[name]) for name in names)} |"


def _count(rows: list[Row], name: str) -> str:
    return str(sum(bool(row.found[name]) for row in rows))


def _mark(found: int | None) -> str:
    return "broke" if found is None else "x" if found else ""


if __name__ == "__main__":
    sys.exit(main())
