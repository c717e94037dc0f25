"""Keeps gevent from patching this process: sockets, threads and locks of all other checks would break.

Importing locust does it. With pytest-xdist the run then ends in an internal error, database drivers wait one
after another, event loops in other threads fail, and what waits for a thread may wait for ever.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

LOCUST = "locust"

ADVICE = """
No check can be trusted in a patched process. Give a locustfile a name that pytest does not collect, such as
locustfile.py, and name it in the contract: there it runs in a process of its own.
    load: {shoppers: {locustfile: locustfile.py, ...}}"""


class PatchedError(ImportError):
    """Somebody imports locust into pytest's process."""


class _Refusal:
    """A finder of modules (PEP 302) that finds no locust."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse locust, and leave all else to others."""
        if name == LOCUST:
            raise PatchedError(f"importing locust would patch this process with gevent.{ADVICE}", name=name)
        return None


@contextmanager
def locust_kept_out() -> Iterator[None]:
    """Let nobody import locust meanwhile.

    Raises:
        pytest.UsageError: if gevent has patched this process already.
    """
    if is_patched():
        raise pytest.UsageError(
            f"a plugin, a conftest.py or what started pytest has patched this process with gevent.{ADVICE}"
        )
    refusal = _Refusal()
    sys.meta_path.insert(0, refusal)
    try:
        yield
    finally:
        sys.meta_path.remove(refusal)


def is_patched() -> bool:
    """Whether the sockets of this process are gevent's."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("socket"))


def refuse(report: pytest.CollectReport) -> None:
    """Make a file that patched this process, without locust, one that could not be collected."""
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid or 'the collection'} has patched this process with gevent.{ADVICE}"
    report.result = []
