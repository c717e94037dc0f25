"""What a bad migration breaks, and what only looks like it: SQL that does it, SQL that undoes it.

Each module of this folder holds FAULTS, DECOYS, or both.
"""

import pkgutil
from importlib import import_module

from suites.standins.kit.faults import Fault

_MODULES = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]

DATABASE_FAULTS: tuple[Fault, ...] = tuple(
    fault for module in _MODULES for fault in getattr(module, "FAULTS", ())
)
DATABASE_DECOYS: tuple[Fault, ...] = tuple(
    fault for module in _MODULES for fault in getattr(module, "DECOYS", ())
)
