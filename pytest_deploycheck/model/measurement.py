"""What a load run measured, as plain data that is kept: counts and histograms by stretches of its time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

WIDTH = 10
"""Seconds of a block."""


@dataclass(frozen=True, slots=True)
class Block:
    """`WIDTH` seconds: how many requests were due, how many failed, and the latencies of the good answers.

    `at` counts blocks from the end of the warm-up. `latencies` are counts by bucket of a
    `statistics.quantile.Histogram`, whose values are seconds. Dropped and hung requests have failed.
    """

    at: int
    n: int
    failed: int
    latencies: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The requests of one name that one version answered. `version`: "" if no header told."""

    name: str
    version: str = ""
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One load scenario in one run.

    `began` and `ended` are seconds since 1970 (UTC), without the warm-up. `conditions` are what must be the
    same for two measurements to be comparable, by name: the scenario's hash, the rate, the workers.
    `complete`: all that was planned was sent, by a generator that kept up.
    """

    name: str
    began: float
    ended: float
    conditions: Mapping[str, str]
    complete: bool
    groups: tuple[Group, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its requests."""
        return tuple(sorted({group.name for group in self.groups}))

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions that answered."""
        return tuple(sorted({group.version for group in self.groups if group.version}))

    def blocks(
        self, *, name: str | None = None, versions: tuple[str, ...] | None = None
    ) -> tuple[Block, ...]:
        """The blocks of one name, of some versions, or of all: those of the same time are one."""
        chosen = (
            group
            for group in self.groups
            if name in (None, group.name) and (versions is None or group.version in versions)
        )
        return tuple(merged(block for group in chosen for block in group.blocks))


def merged(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the sums of the blocks of the same time, in their order."""
    by_time: dict[int, list[Block]] = {}
    for block in blocks:
        by_time.setdefault(block.at, []).append(block)
    for at, several in sorted(by_time.items()):
        counts: dict[int, int] = {}
        for bucket, count in (each for block in several for each in block.latencies.items()):
            counts[bucket] = counts.get(bucket, 0) + count
        yield Block(at, sum(block.n for block in several), sum(block.failed for block in several), counts)


def to_json(measurement: Measurement) -> dict[str, Any]:
    """Return `measurement` as JSON values."""
    return {
        "name": measurement.name,
        "began": measurement.began,
        "ended": measurement.ended,
        "conditions": dict(measurement.conditions),
        "complete": measurement.complete,
        "groups": [
            {
                "name": group.name,
                "version": group.version,
                "blocks": [
                    [block.at, block.n, block.failed, sorted(map(list, block.latencies.items()))]
                    for block in group.blocks
                ],
            }
            for group in measurement.groups
        ],
    }


def from_json(data: Mapping[str, Any]) -> Measurement:
    """Return the measurement that `to_json` was given."""
    groups = tuple(
        Group(
            name=group["name"],
            version=group["version"],
            blocks=tuple(
                Block(at, n, failed, dict(map(tuple, counts))) for at, n, failed, counts in group["blocks"]
            ),
        )
        for group in data["groups"]
    )
    return Measurement(**{**data, "groups": groups})
