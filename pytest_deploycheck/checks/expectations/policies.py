"""Policies of a table: there, in force, and saying what the contract says."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from pytest_deploycheck.catalog.quoting import quote, quoted
from pytest_deploycheck.checks.expectations.known import EVERYBODY
from pytest_deploycheck.checks.expectations.named import named
from pytest_deploycheck.checks.expectations.types import expression
from pytest_deploycheck.checks.expectations.wrong import Wrong
from pytest_deploycheck.checks.language.part import PART, Text
from pytest_deploycheck.model.relation import PUBLIC, Policy, Relation

_COMMANDS = {"r": "select", "a": "insert", "w": "update", "d": "delete", "*": "all"}


class PolicySpec(BaseModel):
    """What a policy must be; `uses` are columns of its own table that its expressions must name."""

    model_config = PART

    command: Literal["select", "insert", "update", "delete", "all"] | None = None
    roles: tuple[Text, ...] = Field(default=(), min_length=1)
    permissive: bool | None = None
    using: Text | None = None
    check: Text | None = None
    uses: tuple[Text, ...] = Field(default=(), min_length=1)


Policies = Annotated[
    dict[Text, PolicySpec],
    BeforeValidator(named, json_schema_input_type=list[Text] | dict[Text, PolicySpec | None]),
]


def wrong_policies(relation: Relation, wanted: Mapping[str, PolicySpec], *, only: bool) -> Iterator[Wrong]:
    """Yield what is wrong with named policies; `only`: there must be no others."""
    there = {policy.name: policy for policy in relation.policies}
    if not relation.row_security:
        mend = f"ALTER TABLE {quoted(relation.name)} ENABLE ROW LEVEL SECURITY;"
        yield Wrong(f"{relation.name}: policies have no effect, row-level security is off", mend)
    for name, spec in wanted.items():
        policy = there.get(name)
        if policy is None:
            yield Wrong(f"{relation.name} has no policy {name}")
        else:
            yield from _wrong_policy(relation, policy, spec)
    for name in there if only else ():
        if name not in wanted:
            drop = f"DROP POLICY {quote(name)} ON {quoted(relation.name)};"
            yield Wrong(f"not expected policy {name} on {relation.name}: permissive ones add up", drop)


def _wrong_policy(relation: Relation, policy: Policy, spec: PolicySpec) -> Iterator[Wrong]:
    where, schema = f"policy {policy.name} on {relation.name}", relation.name.schema
    command = _COMMANDS.get(policy.command, policy.command)
    if spec.command is not None and command != spec.command:
        yield Wrong(f"{where} is for {command}, expected {spec.command}")
    roles = {EVERYBODY if role == PUBLIC else role for role in policy.roles}
    if spec.roles and roles != set(spec.roles):
        yield Wrong(f"{where} is for {', '.join(sorted(roles))}, expected {', '.join(sorted(spec.roles))}")
    if spec.permissive is not None and policy.permissive is not spec.permissive:
        kinds = ("restrictive", "permissive")
        yield Wrong(f"{where} is {kinds[policy.permissive]}, expected {kinds[spec.permissive]}")
    for word, found, wanted in (("using", policy.using, spec.using), ("check", policy.check, spec.check)):
        if wanted is not None and expression(wanted, schema) != expression(found or "", schema):
            yield Wrong(f"{where} has {word} {found or 'nothing'}, expected {wanted}")
    for column in spec.uses:
        if column not in policy.columns:
            yield Wrong(f"{where} does not look at {column}: {policy.using or policy.check}")
