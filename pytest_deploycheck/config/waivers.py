"""Checks that may stay red until a date, because somebody answers for it."""

from collections.abc import Collection
from dataclasses import replace

from pydantic import TypeAdapter

from pytest_deploycheck.config.errors import nearest
from pytest_deploycheck.config.fields import Day, Part, Text
from pytest_deploycheck.config.ids import covers, escaped, is_test_below
from pytest_deploycheck.config.reading import Reading, entries
from pytest_deploycheck.config.spot import Spot
from pytest_deploycheck.model.contract import Waiver


class WaiverPart(Part):
    """Who answers for a check that does not pass, why, and until when."""

    owner: Text
    justification: Text
    expiration_date: Day
    """The last day of the waiver."""
    run: bool = True
    """Whether the check is still sent."""


_ADAPTER: TypeAdapter[WaiverPart] = TypeAdapter(WaiverPart)


def waivers(spot: Spot, reading: Reading) -> tuple[Waiver, ...]:
    """Return the waivers; whether one has expired is not judged here."""
    found = []
    for one in entries(spot, reading.mistakes):
        if part := reading.validated(_ADAPTER, one):
            waiver = Waiver(
                check=one.name,
                place=one.key.place if one.key else one.place,
                owner=part.owner,
                justification=part.justification,
                until=part.expiration_date,
                run=part.run,
            )
            found.append(waiver)
    return tuple(found)


def settled(waivers: tuple[Waiver, ...], ids: Collection[str], reading: Reading) -> tuple[Waiver, ...]:
    """Return the waivers, patterns as `fnmatch` understands them; tell those that waive nothing."""
    for waiver in waivers:
        if not any(covers(waiver.check, one) for one in ids) and not is_test_below(
            waiver.check, reading.folder
        ):
            reading.mistakes.add(
                waiver.place, f"no check matches the waiver '{waiver.check}'", nearest(waiver.check, ids)
            )
    return tuple(one if one.check in ids else replace(one, check=escaped(one.check)) for one in waivers)
