"""Open arrivals inside locust: one of its users starts a greenlet for each, answered or not."""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import chain, cycle
from typing import Any

import gevent
from gevent.pool import Pool
from locust import TaskSet, User, task
from locust.exception import InterruptTaskSet, RescheduleTask, StopUser
from locust.user.task import LOCUST_STATE_RUNNING, DefaultTaskSet

from pytest_deploycheck.probes.load.job import Job
from pytest_deploycheck.probes.loadgen.declared import choose
from pytest_deploycheck.probes.loadgen.generator import Generator
from pytest_deploycheck.probes.loadgen.schedule import due_times
from pytest_deploycheck.probes.loadgen.users import taking

READY = 4
"""Users that are made before the first arrival."""

Role = tuple[type[User], int]
"""A class of the scenario, and which of the identities it is."""

DROPPED = "(not sent)"
"""The name of an arrival that was dropped before anybody knew what it would ask."""


def arriving_user(job: Job, generator: Callable[[], Generator], scenario: list[type[User]]) -> type[User]:
    """Return the class of the one user that makes arrivals; `scenario` are the classes they act as."""

    class OpenArrivals(User):
        fixed_count = job.generators

        @task
        def arrive(self) -> None:
            Stage(job, generator(), self.environment, scenario).play()
            raise StopUser

    return OpenArrivals


class Stage:
    """Where arrivals act: each in its role, by a user that is idle, so connections are used again."""

    def __init__(self, job: Job, generator: Generator, environment: Any, scenario: list[type[User]]) -> None:  # noqa: ANN401 - locust's own
        self._job = job
        self._generator = generator
        self._environment = environment
        self._roles = _roles(scenario, max(1, len(job.spread)))
        self._declared = bool(job.asks)
        self._idle: defaultdict[Role, list[Actor]] = defaultdict(list)
        self._size = max(1, -(-job.in_flight // job.generators))
        self._pool = Pool(self._size)

    def play(self) -> None:
        """Let everybody arrive when due, until the schedule or the run is over."""
        job, generator = self._job, self._generator
        for role in [next(self._roles) for _ in range(min(READY, self._size))]:
            self._idle[role].append(self._actor(role))
        dues = due_times(job.stages, job.warmup, index=generator.index, of=job.generators)
        for due in dues:
            at = generator.began + due
            gevent.sleep(max(0.0, at - time.monotonic()))
            if generator.ending is not None:
                break
            generator.recorder.late(max(0.0, time.monotonic() - at))
            self._arrive(at)
        gevent.sleep(max(0.0, generator.began + job.warmup + (job.seconds or 0.0) - time.monotonic()))
        generator.end("complete")
        self._pool.join(timeout=job.deadline)
        for actor in chain.from_iterable(self._idle.values()):
            actor.leave()

    def _arrive(self, at: float) -> None:
        if at >= self._generator.began + self._job.warmup:
            self._generator.arrivals += 1
        ask = choose(self._job) if self._declared else None
        if self._pool.full():
            for name in ask.names if ask else (DROPPED,):
                self._generator.drop(name, at)
        else:
            self._pool.spawn(self._act, ask, at)

    def _act(self, ask: Any, at: float) -> None:  # noqa: ANN401 - an Ask, or None
        role = next(self._roles)
        actor = self._idle[role].pop() if self._idle[role] else self._actor(role)
        delayed = actor.enter()
        self._generator.is_due(at + delayed)
        try:
            actor.act(ask)
        finally:
            self._generator.forget()
            self._idle[role].append(actor)

    def _actor(self, role: Role) -> "Actor":
        make, turn = role
        with taking(turn):
            return Actor(make(self._environment), self._environment)


class Actor:
    """A user of the scenario that does one task at a time, when somebody arrives."""

    def __init__(self, user: User, environment: Any) -> None:  # noqa: ANN401 - locust's
        self._user: Any = user
        self._environment = environment
        self._tasks: TaskSet = DefaultTaskSet(user)
        self._nested: dict[type[TaskSet], TaskSet] = {}
        self._entered = False
        self._user._state = LOCUST_STATE_RUNNING
        self._user._taskset_instance = self._tasks

    def enter(self) -> float:
        """Let a new user start (log in, say); return how many seconds that took."""
        if self._entered:
            return 0.0
        began = time.monotonic()
        self._entered = True
        self._guarded(self._user.on_start)
        return time.monotonic() - began

    def act(self, ask: Any) -> None:  # noqa: ANN401 - an Ask, or None
        """Do one task."""
        if ask is not None:
            self._guarded(lambda: self._user.turn(ask))
        else:
            self._guarded(lambda: self._step(self._tasks))

    def leave(self) -> None:
        """Let the user stop."""
        if self._entered:
            self._guarded(self._user.on_stop)

    def _step(self, tasks: TaskSet) -> None:
        """Do the next task of a set; of a nested set, its next one."""
        chosen: Any = tasks.get_next_task()
        if isinstance(chosen, type) and issubclass(chosen, TaskSet):
            if chosen not in self._nested:
                self._nested[chosen] = chosen(self._user)
                self._nested[chosen].on_start()
            self._step(self._nested[chosen])
        else:
            tasks.execute_task(chosen)

    def _guarded(self, action: Callable[[], object]) -> None:
        """A scenario's mistake ends its turn, and is told as locust does."""
        try:
            action()
        except (StopUser, InterruptTaskSet, RescheduleTask):
            return
        except Exception as error:  # noqa: BLE001 - whatever a scenario raises
            self._environment.events.user_error.fire(
                user_instance=self._user, exception=error, tb=error.__traceback__
            )


def _roles(scenario: list[type[User]], identities: int) -> Iterator[Role]:
    """Yield for ever as whom the next one comes: classes by their weight, with each identity in turn."""
    turns = {each: cycle(range(identities)) for each in scenario}
    for each in cycle(_by_weight(scenario)):
        yield each, next(turns[each])


def _by_weight(scenario: list[type[User]]) -> list[type[User]]:
    classes = [each for each in scenario for _ in range(max(1, round(each.weight)))]
    random.shuffle(classes)
    return classes
