"""WeCelebrate's database, for the kinds that read it."""

from collections.abc import Iterator

import pytest

from tests.standins.databases import Wecelebrate, wecelebrate


@pytest.fixture(scope="session")
def shop() -> Iterator[Wecelebrate]:
    with wecelebrate() as started:
        yield started
