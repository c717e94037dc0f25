"""Load runs against a server, as the probe of an environment does them."""

import time
from itertools import count
from pathlib import Path

from pytest_deploycheck.model.budget import Budget
from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.evidence import Withheld
from pytest_deploycheck.model.identity import Credentials
from pytest_deploycheck.model.load import Arrivals, LoadRequest, LoadRun, Stage, Users
from pytest_deploycheck.model.loaded import Loaded
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.load.probe import LoadProbe, Means
from pytest_deploycheck.probes.load.writing import Books
from pytest_deploycheck.run.cleanup import identify
from pytest_deploycheck.safety.budget import Allowance
from pytest_deploycheck.safety.ledger import Ledger

PLACE = Place(Path("deploycheck.yaml"))
ANN = Credentials(headers=(("Authorization", Secret("Bearer of-ann-only")),), token=Secret("of-ann-only"))


EVE = Credentials(headers=(("Cookie", Secret("sid=of-eve")),))
SHORT = Credentials(claims={"exp": time.time() + 1.5})


def credentials(name: str) -> Credentials | Withheld:
    known = {"ann": ANN, "eve": EVE, "short": SHORT, "anonymous": Credentials()}
    return known.get(name) or Withheld(f"{name} cannot log in")


def probe(url: str, folder: Path, *, ca: Path | None = None, budget: Budget | None = None) -> LoadProbe:
    environment = Environment(name="local", place=PLACE, base_url=url, ca=ca)
    marks = (f"deploycheck-test-{number}" for number in count())
    books = Books(
        ledger=Ledger(folder / "ledger", "run"),
        identify=identify,
        new_mark=lambda: next(marks),
        base_url=url,
    )
    means = Means(credentials=credentials, allowance=Allowance(budget or Budget()), books=books)
    return LoadProbe(environment, folder, means)


def opened(path: str, *, rate: float = 100, seconds: float = 2, **options: object) -> LoadRun:
    model = Arrivals(stages=(Stage(rate, seconds),), in_flight=int(options.pop("in_flight", 200)))  # type: ignore[call-overload]  # options by name
    return LoadRun(
        **{
            "name": "opened",
            "scenario": scenario(path),
            "model": model,
            "most": 10_000,
            "deadline": 1.0,
            **options,
        }  # type: ignore[arg-type]  # options by name
    )


def closed(path: str, *, users: int = 10, requests: int = 200, **options: object) -> LoadRun:
    model = Users(users=users, spawn_rate=users, requests=requests)
    return LoadRun(
        **{
            "name": "closed",
            "scenario": scenario(path),
            "model": model,
            "most": 10_000,
            "deadline": 1.0,
            **options,
        }  # type: ignore[arg-type]  # options by name
    )


def scenario(path: str) -> tuple[LoadRequest, ...] | Path:
    if path.endswith(".py"):
        return Path(path)
    method, _, target = path.rpartition(" ")
    return (LoadRequest(method=method or "GET", target=target),)


def loaded(seen: Loaded | Withheld) -> Loaded:
    assert isinstance(seen, Loaded), seen
    return seen
