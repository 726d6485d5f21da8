"""Games on dual cyclic polytopes: one equilibrium, and exponentially long paths to it."""

from __future__ import annotations

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.families._arguments import integer
from gametheory_rl.families._stage_game import one_shot

MOST_ACTIONS = 16
"""Beyond, float64 payoffs no longer tell the vertices apart."""

GRID = 2.0**50
"""Payoffs are multiples of 1 / GRID, and so are their sums, without rounding."""


def dual_cyclic(actions: int = 6, discount: float = 0.0) -> StochasticGame:
    """Return the square game of two players on which the method of Lemke and Howson takes longest.

    Its only equilibrium mixes uniformly over all actions, for both players. With F the Fibonacci numbers (F_1 = F_2 = 1), the path
    of the first label makes F_(3 actions / 2 + 2) - 1 pivots: 4, 20, 88, 376, 1596, 6764, 28656, 121392 for 2, 4, ..., 16 actions,
    and the shortest path of all labels grows like the square root of that.

    Parameters
    ----------
    actions : int
        Of each player; even, from 2 to 16.
    discount : float
        In [0, 1]; 0: played once.

    Returns
    -------
    StochasticGame
        One state; payoffs within [-1, 1], up to rounding.

    Raises
    ------
    GameError
        An argument out of its range.

    Notes
    -----
    R. Savani and B. von Stengel, "Hard-to-solve bimatrix games", Econometrica 74, 2006. Both best-reply polytopes are dual cyclic
    ones of dimension ``actions`` with twice as many facets; the labels of the second are those of the first with neighbours
    exchanged (section 4). Here the points lie on the trigonometric moment curve, evenly spaced, which gives the payoffs in closed
    form. Each action is scaled so that the equilibrium is uniform, which leaves paths as they are, and payoffs are rounded to
    multiples of 2**-50 in such a way that uniform play earns exactly the same everywhere.
    """
    count = integer(actions, "actions", 2, MOST_ACTIONS)
    if count % 2:
        raise GameError(f"actions is {count}, an even number was expected")
    column = _replies(count)
    row = np.empty_like(column)
    first, second = _labels(count)
    row[np.ix_(first, second)] = column.T
    return one_shot(np.stack([row, column]), discount, "dual_cyclic")


def _replies(d: int) -> np.ndarray:
    """Return the payoffs ``(d, d)`` of the player whose replies j = d .. 2d-1 meet actions i = 0 .. d-1.

    A point of the polytope is a trigonometric polynomial f of degree d/2 with mean 1 that is nowhere negative on the 2d nodes
    t_k = pi k / d; its slacks are its values there. Interpolating f from its values on the first d nodes and its mean gives the value on
    node j as w_j / mean(w) times 1 - sum_i payoff[i, j] f(t_i), where w vanishes on the first d nodes.
    """
    i, j = np.arange(d)[:, np.newaxis], np.arange(d, 2 * d)
    half = np.pi / (2 * d)
    others = np.where(np.eye(d, dtype=np.bool_), 1.0, np.sin(half * (i - np.arange(d))))
    signs, sizes = np.sign(others).prod(axis=1), np.abs(others).prod(axis=1)
    far = np.sin(half * (j[:, np.newaxis] - np.arange(d))).prod(axis=1)
    cotangent = _cotangent(j - i, d)
    mean = (sizes + signs * (cotangent @ far)) / far.sum()
    payoff = mean[:, np.newaxis] - signs[:, np.newaxis] * cotangent
    # The equilibrium is the polynomial that vanishes on the last d nodes: on the first, in the scale of these rows, it has the values
    weights = far[::-1] / sizes
    return _rounded(payoff * weights[:, np.newaxis])


def _rounded(payoff: np.ndarray) -> np.ndarray:
    """Return ``payoff`` scaled to [-1, 1] and rounded to a grid, its columns with exactly one sum."""
    whole = np.rint(payoff / np.abs(payoff).max() * GRID)
    short = np.rint(whole.sum(axis=0).mean()) - whole.sum(axis=0)
    whole[np.abs(whole).argmax(axis=0), np.arange(len(whole))] += short
    return whole / GRID


def _cotangent(steps: np.ndarray, d: int) -> np.ndarray:
    """Return cot(pi steps / (2 d)) for steps from 1 to 2d - 1, exactly odd about d."""
    folded = np.minimum(steps, 2 * d - steps)
    values = np.where(folded == d, 0.0, 1.0 / np.tan(np.pi * folded / (2 * d)))
    return np.where(steps <= d, values, -values)


def _labels(d: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the paper's permutation of the second polytope's labels, as row and as column numbers.

    Counted from 1: 1 and d stay; of the others up to d, 2 and 3 change places, 4 and 5, and so on; beyond d, d+1 and d+2, and so on.
    """
    rows, columns = np.arange(d), np.arange(d)
    inner = rows[1 : d - 1]
    rows[1 : d - 1] = np.where(inner % 2, inner + 1, inner - 1)
    return rows, np.where(columns % 2, columns - 1, columns + 1)
