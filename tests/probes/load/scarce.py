"""A load run of a sender with few files: `python -m tests.probes.load.scarce URL FOLDER ENTRY`.

Prints why the run ended, the words for that, the kinds of its failures, the outcome and its reason.
"""

import json
import resource
import sys
from dataclasses import replace
from pathlib import Path

from pytest_deploycheck.model.load import LoadRun
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import context, declare
from tests.checks.test_load import reason
from tests.probes.load.runs import loaded, probe

FILES = 80


def main() -> None:
    url, folder, entry = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    around = replace(context("load"), folder=Path(folder))
    ((run,),) = asked(check := declare("load", entry, around)[0])
    assert isinstance(run, LoadRun)
    seen = loaded(probe(url, Path(folder)).send(run))
    outcome = answer(check, seen)
    told = [seen.ending.value, seen.why, seen.measured().failed, type(outcome).__name__, reason(outcome)]
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
