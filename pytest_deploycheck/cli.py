"""The command.

`deploycheck plan | schema | snapshot | drift | counts | sweep | compare | load-worker | init`.
"""

import argparse
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from pytest_deploycheck import comparing, options
from pytest_deploycheck.discover import CONTRACT, contracts

OK, REMAINS, MISTAKE = 0, 1, 4
"""Exit statuses, those of a run: something is left behind is NO-GO."""

STARTER = """\
# What a healthy deployment of this system shows. `deploycheck schema` prints the JSON Schema of this file.
system: {name}

environments:
  local:
    base_url: http://127.0.0.1:8000
  prod:
    base_url: ${{PROD_URL}}          # from the environment, or from a file .env beside this one
    protected: true               # refuses every check that writes, unless --allow-writes

release:
  ready: {{path: /health, timeout: 30s}}
  # version: {{path: /version, json: $.commit, equals: "${{DEPLOY_SHA}}", consecutive: 5}}

smoke:
  - GET /health: {{status: 200, duration: <3s}}
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["plan"]:
        return _plan(given[1:])
    parsed = _parser().parse_args(given)
    command: Callable[[argparse.Namespace], int] = parsed.command
    return command(parsed)


class _Parser(argparse.ArgumentParser):
    """Ends with the status of a mistake: argparse's own, 2, says INCONCLUSIVE here."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and exit."""
        self.print_usage(sys.stderr)
        self.exit(MISTAKE, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="deploycheck", description="verification of a deployment")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser(
        "plan", help="print what a run would send, and send nothing; takes pytest's arguments", add_help=False
    )
    schema = commands.add_parser("schema", help=f"print the JSON Schema of {CONTRACT}, for editors")
    schema.set_defaults(command=_schema)
    snapshot = commands.add_parser("snapshot", help="print the schema of a deployment as a lock file")
    _add_environment(snapshot)
    _add_output(snapshot)
    snapshot.set_defaults(command=_snapshot)
    drift = commands.add_parser(
        "drift", help="print what of a deployment's schema differs, the dangerous first"
    )
    _add_environment(drift)
    _add_comparison(drift)
    drift.set_defaults(command=_drift)
    _add_counts(
        commands.add_parser("counts", help="print how many rows each table has, to compare with later")
    )
    sweep = commands.add_parser("sweep", help="remove what earlier runs have left at a deployment")
    _add_environment(sweep)
    sweep.add_argument("--allow-writes", action="store_true", help="also on a protected environment")
    sweep.set_defaults(command=_sweep)
    compare = commands.add_parser("compare", help="judge a run's load against earlier runs, or a canary")
    comparing.add_arguments(compare)
    compare.set_defaults(command=comparing.compare)
    _add_load(commands.add_parser("load-worker", help="send a part of a run's load, from this machine"))
    init = commands.add_parser("init", help=f"write a {CONTRACT} to start from")
    init.add_argument("folder", nargs="?", default=".")
    init.set_defaults(command=_init)
    return parser


def _add_environment(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--env", metavar="NAME", default=os.environ.get(options.ENV.variable))
    parser.add_argument("path", nargs="?", default=".", help="the contract file, or its folder")


def _add_output(parser: argparse.ArgumentParser) -> None:
    told = "write it here, once it is whole, instead of printing it"
    parser.add_argument("--output", type=Path, metavar="FILE", help=told)


def _add_comparison(parser: argparse.ArgumentParser) -> None:
    right = parser.add_mutually_exclusive_group(required=True)
    right.add_argument("--from", dest="other", metavar="NAME", help="the environment that is right")
    right.add_argument("--lock", type=Path, metavar="FILE", help="the lock file that is right")
    ignored = "leave out a section, or objects of it; may be repeated"
    parser.add_argument("--ignore", action="append", default=[], metavar="SECTION[=PATTERN]", help=ignored)
    roles = "a role of --env, and what it is called in what is right; may be repeated"
    parser.add_argument("--role", action="append", default=[], metavar="HERE=THERE", help=roles)


def _add_counts(parser: argparse.ArgumentParser) -> None:
    _add_environment(parser)
    parser.set_defaults(command=_counts)
    _add_output(parser)
    schemas = "whose tables are counted; may be repeated (default: public)"
    parser.add_argument("--schema", action="append", metavar="NAME", help=schemas)
    parser.add_argument(
        "--bound", type=int, default=1_000_000, metavar="ROWS", help="how far each is counted"
    )
    parser.add_argument("--timeout", type=float, default=10.0, metavar="SECONDS", help="for one table")


def _add_load(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_work)
    parser.add_argument("master", metavar="HOST:PORT", help="where the run listens: `bind` of its `workers`")
    _add_environment(parser)
    parser.add_argument(
        "--run", metavar="NAME", help="the load run, if the contract has several with workers"
    )
    parser.add_argument("--allow-load", action="store_true", help="also on a protected environment")


def _plan(arguments: list[str]) -> int:
    """In a process of its own: pytest wants to be the first to import its plugins."""
    command = [sys.executable, "-m", "pytest", f"--{options.PLAN.name}", "-q", "--no-header", *arguments]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - pytest, with the user's arguments


def _schema(_: argparse.Namespace) -> int:
    from pytest_deploycheck.checks import kinds
    from pytest_deploycheck.config.editor_schema import schema
    from pytest_deploycheck.markers import MARKERS

    _say(json.dumps(schema(kinds(), tuple(MARKERS)), indent=2))
    return OK


def _init(parsed: argparse.Namespace) -> int:
    path = Path(parsed.folder) / CONTRACT
    if path.exists():
        return _complain(f"{path} is there already; nothing was written")
    if not path.parent.is_dir():
        return _complain(f"{path.parent} is no folder; make it first")
    path.write_text(STARTER.format(name=json.dumps(path.absolute().parent.name)), encoding="utf-8")
    _say(f"wrote {path}\nnext: set base_url, then run  pytest --env=local -m smoke")
    return OK


def _snapshot(parsed: argparse.Namespace) -> int:
    from pytest_deploycheck.drifting import snapshot

    return snapshot(parsed)


def _drift(parsed: argparse.Namespace) -> int:
    from pytest_deploycheck.drifting import drift

    return drift(parsed)


def _counts(parsed: argparse.Namespace) -> int:
    from pytest_deploycheck.counting import counts

    return counts(parsed)


def _work(parsed: argparse.Namespace) -> int:
    from pytest_deploycheck.loadworker import work

    return work(parsed)


def _sweep(parsed: argparse.Namespace) -> int:
    from pytest_deploycheck.config.errors import ContractErrors
    from pytest_deploycheck.model.settings import Settings
    from pytest_deploycheck.safety.redact import Redactor
    from pytest_deploycheck.session import Conductor

    if not parsed.env:
        return _complain("name the environment: deploycheck sweep --env NAME")
    found = contracts([parsed.path], start=Path.cwd(), skipped=(".*", "node_modules", "venv"), stop=Path("/"))
    if not found:
        return _complain(f"no {CONTRACT} in {parsed.path}, above or below")
    now = datetime.now(UTC)
    settings = Settings(
        run_id=f"sweep-{uuid.uuid4().hex[:8]}", today=now.date(), allow_writes=parsed.allow_writes
    )
    status = OK
    for path in found:
        try:
            conductor = Conductor(path, parsed.env, settings=settings, redactor=Redactor())
        except ContractErrors as errors:
            return _complain(str(errors))
        swept = conductor.sweep()
        told = f"{len(swept.leftovers)} left behind" if swept.leftovers else "nothing was left behind"
        notes = "; ".join(swept.notes) or told
        _say(f"{conductor.contract.system} on {parsed.env}: {notes}")
        for leftover in swept.leftovers:
            _say(f"  LEFT BEHIND  {leftover}")
        status = REMAINS if swept.leftovers else status
    return status


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _complain(text: str) -> int:
    sys.stderr.write(f"deploycheck: {text}\n")
    return MISTAKE


if __name__ == "__main__":
    sys.exit(main())
