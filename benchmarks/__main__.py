"""The one command: python -m benchmarks; and python -m benchmarks database."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.contenders import Scenario, contenders, starts
from benchmarks.measure import Seconds, WrongRunError, measure
from benchmarks.report import Figures, as_json, lines
from benchmarks.target import Served, served


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 1 if a run did not do what was to be measured; never for being slow."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["database"]:
        from benchmarks.database.command import main as of_the_database

        return of_the_database(given[1:])
    options = _options(given)
    try:
        with served() as server, TemporaryDirectory(prefix="benchmarks-") as folder:
            figures = _figures(options, server, Path(folder))
    except WrongRunError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(lines(figures)))
    if options.json:
        options.json.write_text(json.dumps(as_json(figures), indent=2) + "\n", encoding="utf-8")
    return 0


def _figures(options: argparse.Namespace, server: Served, folder: Path) -> Figures:
    measure(
        contenders(Scenario(1, 0), server.base_url, folder / "warm"),
        rounds=1,
        patience=1,
        answered=server.count,
    )
    scenarios = {
        scenario: _measured(scenario, options, server, folder)
        for scenario in (Scenario(count, delay) for count in options.checks for delay in options.delays)
    }
    _say(f"start-up, {options.start_rounds} rounds")
    pair = starts(folder)
    start = measure(pair, rounds=options.start_rounds, patience=float("inf"), answered=server.count)
    with_plugin, without = (start[contender.name] for contender in pair)
    costs = tuple(one - other for one, other in zip(with_plugin, without, strict=True))
    return Figures(scenarios, start, costs)


def _measured(scenario: Scenario, options: argparse.Namespace, server: Served, folder: Path) -> Seconds:
    _say(f"{scenario}, {options.rounds} rounds")
    competing = contenders(scenario, server.base_url, folder / f"{scenario.count}-{scenario.delay}")
    return measure(competing, rounds=options.rounds, patience=options.patience, answered=server.count)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--checks", type=int, nargs="+", default=[100, 1000], help="checks of a run")
    parser.add_argument(
        "--delays", type=int, nargs="+", default=[0, 50], help="milliseconds until the answer"
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--start-rounds", type=int, default=25, help="rounds for the start-up alone")
    parser.add_argument(
        "--patience", type=float, default=15, help="seconds after which a slow contender is not repeated"
    )
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    return parser.parse_args(arguments)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
