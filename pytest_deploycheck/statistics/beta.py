"""The regularized incomplete beta function, from which the exact tails of counts and means follow."""

from math import exp, lgamma, log, log1p

_PRECISION = 1e-14
_TINY = 1e-300
_MOST_STEPS = 200_000


def beta(x: float, a: float, b: float) -> float:
    """Return I_x(a, b), for a, b > 0.

    Exact to about 1e-12 for a + b up to 10,000, and to 1e-8 for millions, where `lgamma` loses digits.
    Source: the continued fraction of DLMF 8.17.22, evaluated as Lentz does.
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):  # where the fraction would converge slowly
        return 1 - beta(1 - x, b, a)
    scale = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)
    return exp(scale) / a * _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1 / _safe(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_STEPS):
        before = value
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _safe(1 + term * d)
            c = _safe(1 + term / c)
            value *= c * d
        if abs(value - before) <= _PRECISION * abs(value):
            return value
    raise ArithmeticError(f"the fraction of I_{x}({a}, {b}) does not converge")


def _safe(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
