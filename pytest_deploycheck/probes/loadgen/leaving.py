"""What users send when they stop: a logout, or the removal of what they made. It is sent, and is no load."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from locust import TaskSet, User

from pytest_deploycheck.probes.loadgen.generator import Generator


def let_leave(owner: type[User | TaskSet], generator: Callable[[], Generator]) -> None:
    """Let `on_stop` of a class, and of the sets of tasks within it, send after the end of the run."""
    _wrap(owner, generator)
    for task in owner.tasks:
        if isinstance(task, type) and issubclass(task, TaskSet):
            let_leave(task, generator)


def _wrap(owner: Any, generator: Callable[[], Generator]) -> None:  # noqa: ANN401 - a class
    original = owner.on_stop
    if getattr(original, "lets_leave", False):
        return

    @wraps(original)
    def on_stop(self: Any) -> Any:  # noqa: ANN401 - locust's
        with generator().leaving(getattr(self, "user", self)):
            return original(self)

    on_stop.lets_leave = True  # type: ignore[attr-defined]  # tasks may be listed more than once
    owner.on_stop = on_stop
