"""How often a block that is needed is found in the server's own cache."""

from pydantic import Field

from pytest_deploycheck.checks.activity.item import Part, ask, outcome
from pytest_deploycheck.checks.language.amount import Percent
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Inconclusive

QUERIES = 1

SQL = """
SELECT d.blks_hit, d.blks_read, d.stats_reset::text
FROM pg_catalog.pg_stat_database AS d
WHERE d.datname = pg_catalog.current_database()
"""
"""Since the last reset of the statistics; what the operating system's cache held counts as read."""


class CacheHitRate(Part):
    """The share of blocks found in the cache is `above`, of at least `blocks` that were asked for."""

    above: Percent = 0.95
    blocks: int = Field(default=100_000, ge=1)


def steps(part: CacheHitRate, _: str | None) -> Steps:
    """Ask for the blocks found and read."""
    found = yield from ask([SQL], "cache hit rate")
    if isinstance(found, Inconclusive):
        return found
    ((hit, read, reset),) = found[0]
    since = f"since {reset}" if reset else "since the statistics began"
    asked = hit + read
    if asked < part.blocks:
        return Inconclusive(
            f"{many(asked, 'block was', 'blocks were')} asked for {since}, fewer than {part.blocks}: "
            "too few to judge"
        )
    told = f"{hit / asked:.2%} of {many(asked, 'block')} were found in the cache {since}"
    faults = [] if hit > part.above * asked else [f"{told}, expected above {part.above:.0%}"]
    return outcome(faults, [], told, "a larger shared_buffers, or the query that reads so much")
