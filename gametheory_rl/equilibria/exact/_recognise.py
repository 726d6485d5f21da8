"""From floats back to the fractions that they round: a guess, and its proof."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl.equilibria._checks import one_each
from gametheory_rl.equilibria.exact._judges import regret
from gametheory_rl.equilibria.exact._rationals import rationals

GUESSES = 100, 10_000, 1_000_000
"""Largest denominators that are tried, the smallest first."""
CELLS = 100_000
"""Larger games are not looked at: proofs in rationals take a while."""


def recognise(payoffs: Any, profile: Sequence[Any]) -> tuple[np.ndarray, ...] | None:
    """Return the equilibrium in fractions that a profile of floats rounds, if its denominators are small.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Integers, Fractions, or floats, which are taken at their word.
    profile : n arrays, the i-th (A_i,)
        Mixed actions, accurate to about 1e-9 or better.

    Returns
    -------
    tuple of n object arrays of Fractions, or None
        Its regret is exactly 0. None: no fractions with denominators up to a million make an equilibrium, as where it is
        irrational; or the game has more than 100,000 cells.

    Raises
    ------
    GameError
        Wrong shapes, or entries that are no finite numbers.

    Examples
    --------
    >>> found = recognise([[[2, 0], [0, 1]], [[1, 0], [0, 2]]], ([0.6666666667, 0.3333333333], [1 / 3, 2 / 3]))
    >>> [str(p) for p in found[0]], [str(q) for q in found[1]]
    (['2/3', '1/3'], ['1/3', '2/3'])
    """
    shape = _shape_of(payoffs)
    profile = one_each(profile, shape[0], "the profile")
    given = [rationals(mixed, f"the strategy of player {i}") for i, mixed in enumerate(profile)]
    for i, (mixed, count) in enumerate(zip(given, shape[1:], strict=True)):
        if mixed.shape != (count,):
            raise GameError(f"the strategy of player {i} has shape {mixed.shape}, {(count,)} was expected")
    if prod(shape[1:]) > CELLS:
        return None
    for largest in GUESSES:
        guess = [[p.limit_denominator(largest) for p in mixed] for mixed in given]
        if all(sum(mixed) == 1 and min(mixed) >= 0 for mixed in guess) and regret(payoffs, guess) == 0:
            return tuple(np.array(mixed, dtype=object) for mixed in guess)
    return None


def recognise_device(payoffs: Any, distribution: Any, *, coarse: bool = False) -> np.ndarray | None:
    """Return the correlated equilibrium in fractions that a distribution of floats rounds, if its denominators are small.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Integers, Fractions, or floats, which are taken at their word.
    distribution : (A_1, ..., A_n) array
        Probabilities, accurate to about 1e-9 or better.
    coarse : bool
        Whether it is to be a coarse correlated equilibrium.

    Returns
    -------
    object array of Fractions, or None
        Nobody gains anything by disobeying it. None: no fractions with denominators up to a million do that, or the game has more
        than 100,000 cells. Whether it is best for an objective is not proved.

    Raises
    ------
    GameError
        Wrong shapes, or entries that are no finite numbers.

    Examples
    --------
    >>> print(*recognise_device([[[6, 2], [7, 0]], [[6, 7], [2, 0]]], [[0.5, 0.25], [0.25, 0.0]]).ravel())
    1/2 1/4 1/4 0
    """
    shape = _shape_of(payoffs)
    if np.shape(distribution) != shape[1:]:
        raise GameError(f"the distribution has shape {np.shape(distribution)}, {shape[1:]} was expected: one probability a joint action")
    if prod(shape[1:]) > CELLS:
        return None
    payoffs, drawn = rationals(payoffs, "the payoff array"), rationals(distribution, "the distribution")
    for largest in GUESSES:
        guess = np.array([p.limit_denominator(largest) for p in drawn.flat], dtype=object).reshape(drawn.shape)
        if guess.sum() == 1 and min(guess.ravel()) >= 0 and all(_obeys(payoff, guess, i, coarse) for i, payoff in enumerate(payoffs)):
            return guess
    return None


def _shape_of(payoffs: Any) -> tuple[int, ...]:
    """Return the shape (n, A_1, ..., A_n) of payoffs, whose entries are checked later."""
    try:
        shape = np.shape(payoffs)
    except ValueError:
        raise GameError("the payoff array is ragged: rows of equal length were expected") from None
    if not shape or 0 in shape or len(shape) != shape[0] + 1:
        raise GameError(f"the payoff array has shape {shape}, (n, A_1, ..., A_n) was expected: one axis per player after the first")
    return shape


def _obeys(payoff: np.ndarray, drawn: np.ndarray, player: int, coarse: bool) -> bool:
    """Whether a player gains nothing by disobeying, from the definition."""
    earns, weights = (np.moveaxis(array, player, 0).reshape(payoff.shape[player], -1) for array in (payoff, drawn))
    if coarse:
        return max(earns @ weights.sum(axis=0)) <= (earns * weights).sum()
    return all(max(earns @ told) == own @ told for own, told in zip(earns, weights, strict=True))
