"""A slow reference for zero-sum stochastic games: value iteration in 80-bit floats on closed forms, sharing nothing with the package.

Stage games are m x 2: some optimal row strategy of such a game mixes at most two rows, so its value is the largest value over pairs of
rows, and a 2 x 2 game has a closed form.
"""

import itertools

import numpy as np

LONG = np.longdouble


def two_by_two(a, b, c, d):
    """Value of [[a, b], [c, d]] for arrays of entries."""
    lower = np.maximum(np.minimum(a, b), np.minimum(c, d))
    upper = np.minimum(np.maximum(a, c), np.maximum(b, d))
    mixed = a + d - b - c
    safe = np.where(mixed == 0, LONG(1), mixed)
    # Near a tie the quotient is all rounding; the pure security levels still enclose the value.
    return np.where(lower >= upper, lower, np.clip((a * d - b * c) / safe, lower, np.maximum(lower, upper)))


def stage_value(stage):
    """Value of ``(..., m, 2)`` games."""
    rows = range(stage.shape[-2])
    if len(rows) == 1:
        return stage[..., 0, :].min(axis=-1)
    pairs = [two_by_two(stage[..., i, 0], stage[..., i, 1], stage[..., k, 0], stage[..., k, 1]) for i, k in itertools.combinations(rows, 2)]
    return np.max(pairs, axis=0)


def reference_values(payoff, transition, discount, sweeps):
    """Values ``(..., S)`` of player 1 for ``payoff (..., S, m, 2)`` and ``transition (..., S, m, 2, S)``, and a bound of their error."""
    payoff, transition, discount = payoff.astype(LONG), transition.astype(LONG), LONG(discount)
    transition = transition / transition.sum(axis=-1, keepdims=True)
    values = np.zeros(payoff.shape[:-2], dtype=LONG)
    change = np.zeros(payoff.shape[:-3], dtype=LONG)
    for _ in range(sweeps):
        after = stage_value(payoff + discount * (transition * values[..., None, None, None, :]).sum(axis=-1))
        change, values = np.abs(after - values).max(axis=-1), after
    size = np.abs(payoff).max(axis=(-3, -2, -1)) + np.abs(values).max(axis=-1)
    return values, (discount * change + 64 * np.finfo(LONG).eps * size) / (1 - discount)
