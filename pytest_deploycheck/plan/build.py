"""From a contract and a selection to a plan; sends nothing."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.contract import Contract
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.model.plan import Plan, Step


def build(
    contract: Contract, selected: Collection[str], *, allow_writes: bool, allow_load: bool = False
) -> Plan:
    """Plan the checks whose ids are selected, and what must run before them."""
    steps = [
        *(_step(check, "") for check in contract.checks if check.phase is Phase.PREPARE),
        *(_login_step(identity) for identity in needed_logins(contract, selected)),
        *_paid_once(
            (check, refusal(contract, check, allow_writes=allow_writes, allow_load=allow_load))
            for check in in_order(contract.checks)
            if check.id in selected and check.phase is not Phase.PREPARE
        ),
    ]
    environment = contract.environment
    return Plan(
        system=contract.system,
        environment=environment.name,
        base_url=environment.base_url,
        budget=environment.budget,
        steps=tuple(steps),
    )


def in_order(checks: Iterable[Check]) -> list[Check]:
    """Reads first, then writes, load, and what must be alone; within a phase as the contract has them."""
    return sorted(checks, key=lambda check: check.phase)


def refusal(contract: Contract, check: Check, *, allow_writes: bool, allow_load: bool = False) -> str:
    """Why `check` may not run, or nothing."""
    if check.refused:
        return check.refused
    if check.spend.load and contract.environment.protected and not allow_load:
        return f"it is load, and {contract.environment.name} is protected: pass --allow-load to let it run"
    if check.spend.writes and contract.environment.protected and not allow_writes:
        return (
            f"it writes, and {contract.environment.name} is protected: pass --allow-writes to let it write "
            "(what it creates, it removes)"
        )
    return ""


def needed_logins(contract: Contract, selected: Collection[str]) -> Iterator[Identity]:
    """The identities that log in for the selected checks, each once, in the contract's order."""
    names = {name for check in contract.checks if check.id in selected for name in check.identities}
    names |= {check.partition("::")[2] for check in selected if check.startswith("identities::")}
    sources = {
        contract.identities[name].of or name for name in names - {ANONYMOUS} if name in contract.identities
    }
    yield from (i for i in contract.identities.values() if i.login and i.name in sources)


def _paid_once(steps: Iterable[tuple[Check, str]]) -> Iterator[Step]:
    """The first of the checks that share something pays for all."""
    paid: set[str] = set()
    for check, refused in steps:
        step = _step(check, refused)
        yield replace(step, spend=Spend()) if check.shares in paid else step
        if check.shares and not refused:
            paid.add(check.shares)


def _step(check: Check, refused: str) -> Step:
    return Step(
        id=check.id,
        phase=check.phase,
        spend=check.spend,
        refused=refused,
        queries_for=check.queries_for,
    )


def _login_step(identity: Identity) -> Step:
    return Step(
        id=f"identities::{identity.name}",
        phase=Phase.PREPARE,
        spend=Spend(requests=1),
    )
