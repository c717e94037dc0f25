"""The contract file, from YAML to a validated Contract."""

from pytest_deploycheck.config.contract import MARKERS, environments, load
from pytest_deploycheck.config.errors import ContractError, ContractErrors
from pytest_deploycheck.config.kinds import KindModule, Kinds
from pytest_deploycheck.config.variables import variables

__all__ = [
    "MARKERS",
    "ContractError",
    "ContractErrors",
    "KindModule",
    "Kinds",
    "environments",
    "load",
    "variables",
]
