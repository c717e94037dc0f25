"""How sure one measurement must be, so that a series of them is as sure as the contract says."""

from pytest_deploycheck.statistics.rollout import Limits


def shared(confidence: float, limits: Limits) -> float:
    """Return the confidence of one measurement that may let a canary through, from that of the whole series.

    A canary on its limit passes a measurement by accident with the probability 1 - confidence. Who may try
    again passes sooner or later, so the tries share it (Bonferroni's inequality). Where several in a row
    must pass, all of them would have to be accidents: the probabilities of one measurement multiply, since
    each counts its own requests alone.
    """
    doubt = 1 - confidence
    of_each: float = (doubt / tries(limits)) ** (1 / max(1, limits.consecutive_success))
    return 1 - min(doubt, of_each)


def tries(limits: Limits) -> int:
    """Return how often, at most, that which lets a canary through may begin: one pass, or several in a row.

    It begins at first, and again after each measurement that has not passed, as many as are tolerated; and
    never so late that too few are left. Measurements that did not take place are no tries.
    """
    begins = limits.count - max(1, limits.consecutive_success) + 1
    if limits.failure >= 0 and limits.inconclusive >= 0:
        begins = min(begins, limits.failure + limits.inconclusive + 1)
    return max(1, begins)
