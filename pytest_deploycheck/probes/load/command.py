"""The command line of stock locust for a load run; no secret stands in it."""

from collections.abc import Iterator
from math import ceil
from pathlib import Path

from pytest_deploycheck.model.load import LoadRun, Users
from pytest_deploycheck.probes.load.job import Job

PROBE = Path(__file__).parent.parent / "loadgen" / "locustfile.py"
"""Our own file, given to locust behind the scenario's."""


def arguments(run: LoadRun, job: Job) -> list[str]:
    """Return locust's arguments for the process that speaks with this one."""
    return [*_common(run, job), *_shape(run), *_processes(run)]


def worker_arguments(run: LoadRun, job: Job, master: tuple[str, int]) -> list[str]:
    """Return locust's arguments for a worker that is started by itself."""
    host, port = master
    return [*_common(run, job), "--worker", "--master-host", host, "--master-port", str(port)]


def _common(run: LoadRun, job: Job) -> Iterator[str]:
    files = [*([str(run.scenario)] if isinstance(run.scenario, Path) else []), str(PROBE)]
    yield from ("-f", ",".join(files), "--headless", "--only-summary", "--loglevel", "WARNING")
    yield from (
        "--exit-code-on-error",
        "0",
        "--host",
        job.host,
        "--stop-timeout",
        f"{ceil(job.deadline) + 2}",
    )


def _shape(run: LoadRun) -> Iterator[str]:
    """How many users; with arrivals, one in each process makes them."""
    match run.model:
        case Users(users=users, spawn_rate=rate):
            yield from ("--users", str(users), "--spawn-rate", f"{rate:g}")
        case _:
            yield from ("--users", str(run.generators), "--spawn-rate", str(run.generators))


def _processes(run: LoadRun) -> Iterator[str]:
    if run.workers is not None:
        yield from ("--master", "--master-bind-host", run.workers.host)
        yield from ("--master-bind-port", str(run.workers.port))
        yield from ("--expect-workers", str(run.workers.expected))
    elif run.processes > 1:
        yield from ("--processes", str(run.processes))
        port = str(free_port())
        yield from ("--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--master-port", port)


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on now."""
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port
