"""Whether a deployment may take traffic."""

from enum import Enum


class Verdict(Enum):
    """The answer of a run."""

    GO = "GO"
    NO_GO = "NO-GO"
    INCONCLUSIVE = "INCONCLUSIVE"
    NOTHING_CHECKED = "NOTHING CHECKED"

    @property
    def exit_status(self) -> int:
        """The process exit status: 0 GO, 1 NO-GO, 2 INCONCLUSIVE, 5 nothing selected."""
        return {Verdict.GO: 0, Verdict.NO_GO: 1, Verdict.INCONCLUSIVE: 2, Verdict.NOTHING_CHECKED: 5}[self]
