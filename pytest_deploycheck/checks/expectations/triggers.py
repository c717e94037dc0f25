"""Triggers of a table: there, enabled, and firing when the contract says."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from pytest_deploycheck.catalog.quoting import quote, quoted
from pytest_deploycheck.checks.expectations.named import named
from pytest_deploycheck.checks.expectations.sets import state_of_trigger
from pytest_deploycheck.checks.expectations.wrong import Wrong
from pytest_deploycheck.checks.language.part import PART, Text
from pytest_deploycheck.model.relation import Relation, Trigger

_ENABLED = {"O": "true", "D": "false", "R": "replica", "A": "always"}
_FIRES = re.compile(r" (BEFORE|AFTER|INSTEAD OF) (.+?) ON ")
_EVENT = re.compile(r"\b(INSERT|UPDATE|DELETE|TRUNCATE)\b")
Event = Literal["insert", "update", "delete", "truncate"]


class TriggerSpec(BaseModel):
    """What a trigger must be; it fires on ordinary writes unless `enabled` says otherwise."""

    model_config = PART

    function: Text | None = None
    timing: Literal["before", "after", "instead of"] | None = None
    events: tuple[Event, ...] = Field(default=(), min_length=1)
    enabled: bool | Literal["always", "replica"] = True


Triggers = Annotated[
    dict[Text, TriggerSpec],
    BeforeValidator(named, json_schema_input_type=list[Text] | dict[Text, TriggerSpec | None]),
]


def wrong_triggers(relation: Relation, wanted: Mapping[str, TriggerSpec]) -> Iterator[Wrong]:
    """Yield what is wrong with named triggers."""
    there = {trigger.name: trigger for trigger in relation.triggers}
    for name, spec in wanted.items():
        trigger = there.get(name)
        if trigger is None:
            yield Wrong(f"{relation.name} has no trigger {name}")
        else:
            yield from _wrong_trigger(relation, trigger, spec)


def _wrong_trigger(relation: Relation, trigger: Trigger, spec: TriggerSpec) -> Iterator[Wrong]:
    where = f"trigger {trigger.name} on {relation.name}"
    enabled = _ENABLED.get(trigger.enabled, trigger.enabled)
    wanted = str(spec.enabled).lower()
    if enabled != wanted and not (wanted == "true" and not state_of_trigger(trigger)):
        enable = f"ALTER TABLE {quoted(relation.name)} ENABLE TRIGGER {quote(trigger.name)};"
        told = state_of_trigger(trigger) or f"is enabled: {enabled}"
        yield Wrong(f"{where} {told}, expected {wanted}", enable if wanted == "true" else "")
    if spec.function is not None and spec.function not in {str(trigger.function), trigger.function.name}:
        yield Wrong(f"{where} calls {trigger.function}, expected {spec.function}")
    fires = _FIRES.search(trigger.definition)
    timing, events = (
        (fires[1].lower(), {each.lower() for each in _EVENT.findall(fires[2])}) if fires else ("", set())
    )
    if spec.timing is not None and timing != spec.timing:
        yield Wrong(f"{where} fires {timing}, expected {spec.timing}")
    if spec.events and events != set(spec.events):
        yield Wrong(
            f"{where} fires on {', '.join(sorted(events))}, expected {', '.join(sorted(spec.events))}"
        )
