"""One stand-in for the whole folder; every test finds it healthy and leaves no rows."""

from collections.abc import Iterator

import pytest

from suites.standins.client import Standin
from tests.standins.world import World


@pytest.fixture(scope="session")
def running() -> Iterator[World]:
    with Standin.start("wecelebrate") as standin:
        world = World(standin)
        yield world
        world.http.close()


@pytest.fixture(scope="session")
def running_signed() -> Iterator[World]:
    with Standin.start("wecelebrate", "--tokens=rs256") as standin:
        world = World(standin)
        yield world
        world.http.close()


@pytest.fixture
def signed(running_signed: World) -> Iterator[World]:
    """The same, in the mode rs256."""
    yield running_signed
    running_signed.standin.heal()


@pytest.fixture
def world(running: World) -> Iterator[World]:
    running.standin.heal()
    yield running
    running.standin.heal()
    running.scrub()
