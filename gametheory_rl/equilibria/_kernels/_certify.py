"""What strategies guarantee in a zero-sum game, from the definition alone: no solver is imported here."""

import numpy as np

from gametheory_rl._support._compile import inline_kernel, kernel

EPS = float(np.finfo(np.float64).eps)
LARGEST = float(np.finfo(np.float64).max)
SMALLEST = 5e-324
GAP_ACCEPTED = 1e-13
"""Largest duality gap, in spans, that a lockstep kernel keeps; the rest goes to the scalar kernel, which refines."""
GAP_WANTED = 1e-9
"""Duality gap, in spans, above which another method is tried."""
NARROWEST, WIDEST = 1e-280, 1e300
"""Spans outside are rescaled by a power of two; the lockstep kernels leave them to the scalar one."""


@inline_kernel
def safe_scale(low, high):
    """Return a power of two that keeps the span and its reciprocal finite."""
    span = high - low
    if span > WIDEST:
        return 2.0**-60
    return 2.0**600 if span < NARROWEST else 1.0


@inline_kernel
def value_bounds(matrix, rows, columns, scale, base, x, y, sums):
    """Return min_j and max_i of what each pure action earns, times ``scale`` and less ``base``.

    Subtracting first keeps the digits of games whose payoffs share a large offset. ``sums`` (columns,) is scratch.
    """
    for j in range(sums.size):
        sums[j] = 0.0
    upper = -np.inf
    for i in range(rows):
        payoffs = matrix[i, :columns]
        weight, earned = x[i], 0.0
        for j in range(sums.size):
            payoff = payoffs[j] * scale - base
            earned += y[j] * payoff
            sums[j] += weight * payoff
        upper = earned if earned > upper else upper
    lower = np.inf
    for j in range(sums.size):
        lower = sums[j] if sums[j] < lower else lower
    return lower, upper


@inline_kernel
def extremes(matrix, rows, columns):
    """Return the smallest and the largest payoff of the leading block, and whether all are finite."""
    low, high, poison = np.inf, -np.inf, 0.0
    for i in range(rows):
        payoffs = matrix[i, :columns]
        for j in range(payoffs.size):
            a = payoffs[j]
            low = a if a < low else low
            high = a if a > high else high
            poison += a - a  # zero, or NaN
    return low, high, poison == 0.0


@inline_kernel
def settle(lower, upper, low, high, rows, columns):
    """Return value, gap, fine: the true value lies within ``gap`` of ``value``, rounding of the bounds allowed for.

    ``fine`` says whether the bounds themselves are within ``GAP_WANTED`` of each other.

    The bounds are sums of at most max(rows, columns) products of a weight and a payoff less ``low``; each sum, the weights'
    own sum, and the return to payoff units round by the amounts added here (N. Higham, Accuracy and Stability, ch. 3).
    """
    span = min(high - low, LARGEST)
    difference = max(upper - lower, 0.0)
    size = max(abs(lower), abs(upper))
    rounding = (rows + columns + 8) * EPS * span + 2.0 * EPS * size + 4.0 * SMALLEST
    return lower + 0.5 * difference, difference + rounding, difference <= GAP_WANTED * span


@kernel
def certify_each(games, which, x, y, value, gap, fine):
    """Judge the strategies x (K, m), y (K, n) of the games numbered in ``which``; fills value, gap, fine (K,)."""
    rows, columns = games.shape[1], games.shape[2]
    sums = np.empty(columns)
    for k in which:
        low, high, _ = extremes(games[k], rows, columns)
        scale = safe_scale(low, high)
        base = low * scale
        lower, upper = value_bounds(games[k], rows, columns, scale, base, x[k], y[k], sums)
        lower, upper = (base + lower) / scale, (base + upper) / scale
        value[k], gap[k], fine[k] = settle(min(max(lower, low), high), min(max(upper, low), high), low, high, rows, columns)
