"""Rows as policies would meet them: those that there are, and those that somebody could write."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from pytest_deploycheck.checks.policy.census import Census
from pytest_deploycheck.checks.policy.subjects import Subject

_COPIED = 10
"""Own rows that are tried with each other tenant in them."""

_OTHERS = 3
"""Other tenants that own rows are tried with."""


class Origin(Enum):
    """Where a sample comes from."""

    EXISTING = "existing"
    COPY = "copy"
    """An own row that names another tenant, as somebody would write who wants to plant it there."""
    MADE = "made up"
    """Nothing but a tenant, where that tenant has no row."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A row as JSON of the columns that policies use, and the tenant it belongs to."""

    row: str
    tenant: str | None
    origin: Origin


def samples(
    subject: Subject, census: Census, own: Sequence[str], tenants: Sequence[str]
) -> tuple[Sample, ...]:
    """Return the rows of a relation that policies are tried on; `tenants` are all that the contract knows."""
    existing = tuple(
        Sample(row, tenant, Origin.EXISTING) for tenant, group in census.groups.items() for row in group.rows
    )
    others = tuple(tenant for tenant in tenants if tenant not in own)
    return (
        *existing,
        *_copies(subject, existing, own, others),
        *_made(subject, census, tenants),
    )


def _copies(
    subject: Subject, existing: tuple[Sample, ...], own: Sequence[str], others: tuple[str, ...]
) -> Iterator[Sample]:
    column = subject.owner.column if subject.owner else ""
    if not column:
        return
    mine = [each for each in existing if each.tenant in own][:_COPIED]
    for tenant in others[:_OTHERS]:
        value = _value_of(subject, existing, tenant)
        if value is not None:
            for each in mine:
                row = json.dumps({**json.loads(each.row), column: value}, ensure_ascii=False)
                yield Sample(row, tenant, Origin.COPY)


def _value_of(subject: Subject, existing: tuple[Sample, ...], tenant: str) -> object:
    """What the column that tells the tenant holds in a row of this tenant."""
    if subject.owner is None:
        return None
    if not subject.owner.indirect:
        return tenant
    found = next((each for each in existing if each.tenant == tenant), None)
    return json.loads(found.row)[subject.owner.column] if found else None


def _made(subject: Subject, census: Census, tenants: Sequence[str]) -> Iterator[Sample]:
    if subject.owner is None:
        if not census.groups:
            yield Sample("{}", None, Origin.MADE)
    elif subject.owner.column and not subject.owner.indirect:
        for tenant in tenants:
            if tenant not in census.groups:
                yield Sample(json.dumps({subject.owner.column: tenant}), tenant, Origin.MADE)
