"""How to run: what the options of a session say."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a run. `today` decides which waivers and sign-offs are in force."""

    run_id: str
    today: date
    concurrency: int = 32
    allow_writes: bool = False
    allow_load: bool = False
    max_wait: float = 75.0
    """Seconds that a check may wait for the window of a rate limit to end."""
    show: Callable[[str], None] = lambda _: None
    """Told how load goes, a line at a time; "" at its end."""
