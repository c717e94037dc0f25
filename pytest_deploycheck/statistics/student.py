"""Student's t: how far a mean of few values may lie from the true one."""

from pytest_deploycheck.statistics.beta import beta


def t_quantile(confidence: float, freedom: float) -> float:
    """Return what Student's t stays below with `confidence` (0.5 to 1), for `freedom` degrees of freedom."""
    low, high = 0.0, 1.0
    while _below(high, freedom) < confidence:
        low, high = high, high * 2
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if _below(middle, freedom) < confidence else (low, middle)
    return (low + high) / 2


def _below(t: float, freedom: float) -> float:
    return 1 - beta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2
