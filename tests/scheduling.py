"""Which tests share a worker: all that measure load, so that no load disturbs another."""

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped] # it has no types

LOADS = (
    "tests/acceptance/test_canary",
    "tests/acceptance/test_load",
    "tests/faults/test_canary",
    "tests/faults/test_load",
    "tests/probes/load/",
)


class LoadApart(LoadScopeScheduling):  # type: ignore[misc] # its base has no types
    """Hands tests out one by one, but for these: one worker takes them all, and begins with them."""

    def _split_scope(self, nodeid: str) -> str:
        return "load" if nodeid.startswith(LOADS) else nodeid
