"""Load runs against a server, as the probe of an environment does them."""

from pathlib import Path

from pytest_deploycheck.model.budget import Budget
from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.evidence import Withheld
from pytest_deploycheck.model.identity import Credentials
from pytest_deploycheck.model.load import Arrivals, LoadRequest, LoadRun, Stage, Users
from pytest_deploycheck.model.loaded import Loaded
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.load.probe import LoadProbe
from pytest_deploycheck.safety.budget import Allowance

PLACE = Place(Path("deploycheck.yaml"))
ANN = Credentials(headers=(("Authorization", Secret("Bearer of-ann-only")),))


def credentials(name: str) -> Credentials | Withheld:
    return {"ann": ANN, "anonymous": Credentials()}.get(name) or Withheld(f"{name} cannot log in")


def probe(url: str, folder: Path, *, ca: Path | None = None, budget: Budget | None = None) -> LoadProbe:
    environment = Environment(name="local", place=PLACE, base_url=url, ca=ca)
    return LoadProbe(
        environment, folder=folder, credentials=credentials, allowance=Allowance(budget or Budget())
    )


def opened(path: str, *, rate: float = 100, seconds: float = 2, **options: object) -> LoadRun:
    model = Arrivals(stages=(Stage(rate, seconds),), in_flight=int(options.pop("in_flight", 200)))  # type: ignore[call-overload]
    return LoadRun(
        **{
            "name": "opened",
            "scenario": scenario(path),
            "model": model,
            "most": 10_000,
            "deadline": 1.0,
            **options,
        }  # type: ignore[arg-type]
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
        }  # type: ignore[arg-type]
    )


def scenario(path: str) -> tuple[LoadRequest, ...] | Path:
    if path.endswith(".py"):
        return Path(path)
    method, _, target = path.rpartition(" ")
    return (LoadRequest(method=method or "GET", target=target),)


def loaded(seen: Loaded | Withheld) -> Loaded:
    assert isinstance(seen, Loaded), seen
    return seen
