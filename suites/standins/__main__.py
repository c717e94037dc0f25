"""`python -m suites.standins SYSTEM`: start the stand-in of a system."""

import argparse
import asyncio
import importlib
import sys

from suites.standins.kit.binaries import NoPostgresError
from suites.standins.kit.postgres import PostgresError
from suites.standins.kit.supervisor import DEFAULT_LIMIT, DEFAULT_WINDOW, TOKENS, Options, supervise

SYSTEMS = {"wecelebrate": "suites.standins.wecelebrate.deployment"}
"""Name → module with `start`. Imported on use."""


def main() -> int:
    """Start the stand-in that the command line names, until it is stopped."""
    parser = argparse.ArgumentParser(prog="python -m suites.standins", description=__doc__)
    parser.add_argument("system", choices=sorted(SYSTEMS))
    parser.add_argument("--until-eof", action="store_true", help="stop when standard input ends")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME", help="on from the start")
    parser.add_argument("--rate-limit", type=int, default=DEFAULT_LIMIT, help="requests a window")
    parser.add_argument("--rate-window", type=float, default=DEFAULT_WINDOW, help="in seconds")
    parser.add_argument(
        "--tokens", type=str.lower, choices=TOKENS, default=TOKENS[0], help="how access tokens are signed"
    )
    given = parser.parse_args()
    options = Options(given.until_eof, tuple(given.fault), given.rate_limit, given.rate_window, given.tokens)
    module = importlib.import_module(SYSTEMS[given.system])
    try:
        asyncio.run(supervise(module.start, options))
    except (NoPostgresError, PostgresError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command speaks
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
