"""A schedule's value from a tuple of floats: what the loops evaluate at every step."""

import math
from typing import Any

from gametheory_rl._support._compile import COMPILED, fused_kernel

CONSTANT, VISITS, STEPS, EXPONENTIAL, LINEAR = 0.0, 1.0, 2.0, 3.0, 4.0
"""First entry of the tuple; the others are start, end, power, 1 / scale."""


def slow_power(base: float, exponent: float) -> float:
    """Return ``base ** exponent``."""
    return math.pow(base, exponent)


def slow_exp(exponent: float) -> float:
    """Return ``e ** exponent``."""
    return math.exp(exponent)


if COMPILED:
    from numba import types
    from numba.extending import overload

    # LLVM may compute its own pow and exp ahead of the branch that decides whether they are wanted, and then every step pays
    # for them. It cannot do that to a function that it knows nothing of.
    _libm_pow = types.ExternalFunction("pow", types.float64(types.float64, types.float64))
    _libm_exp = types.ExternalFunction("exp", types.float64(types.float64))

    @overload(slow_power)
    def _slow_power(base: Any, exponent: Any) -> Any:
        def power(base: Any, exponent: Any) -> Any:
            return _libm_pow(base, exponent)

        return power

    @overload(slow_exp)
    def _slow_exp(exponent: Any) -> Any:
        def exp(exponent: Any) -> Any:
            return _libm_exp(exponent)

        return exp


@fused_kernel
def inverse_power(base, power):
    """Return base^-power for base >= 1.

    Square roots serve the powers that are quarters: they are several times faster than ``pow``, and correctly rounded, so the
    numbers do not depend on the mathematical library.
    """
    if power == 1.0:
        return 1.0 / base
    root = math.sqrt(base)
    if power == 0.75:
        return 1.0 / (root * math.sqrt(root))
    if power == 0.5:
        return 1.0 / root
    return slow_power(base, -power)


@fused_kernel
def rate(schedule, step, visits):
    """Return the schedule's value at ``step`` (0 is the first) after ``visits`` earlier visits of what is scheduled."""
    kind, start, end, power, pace = schedule
    if kind == CONSTANT:
        return start
    if kind == VISITS:
        return max(end, start * inverse_power(1.0 + visits * pace, power))
    if kind == STEPS:
        return max(end, start * inverse_power(1.0 + step * pace, power))
    done = step * pace
    if done >= 1.0:
        return end
    if kind == LINEAR:
        return start + (end - start) * done
    return start * slow_exp(done * power)
