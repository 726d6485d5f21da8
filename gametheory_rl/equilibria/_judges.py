"""How far a profile of a stage game is from equilibrium, from the definition alone: no solver is imported here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl.equilibria._checks import mixed_actions, payoff_matrices, real_array


def duality_gap(A: Any, x: Any, y: Any) -> np.ndarray:
    """Return how much the two players of zero-sum games could gain together by deviating.

    max_i (A y)_i - min_j (x' A)_j, in payoff units. It is zero exactly at an equilibrium, and the value of the game lies
    between the two terms.

    Parameters
    ----------
    A : (..., m, n) array
        Payoffs of the maximising row player.
    x, y : (..., m), (..., n) arrays
        Mixed actions.

    Returns
    -------
    (...,) array
        Never negative; computed in float64, so below about (m + n) * 2e-16 * (max - min) it is rounding.

    Raises
    ------
    GameError
        Wrong shapes, entries that are not finite, or strategies that are not distributions.

    Examples
    --------
    >>> float(duality_gap([[1, -1], [-1, 1]], [0.5, 0.5], [1.0, 0.0]))
    1.0
    """
    A = payoff_matrices(A)
    x = mixed_actions(x, A.shape[:-1], "the row player's strategy")
    y = mixed_actions(y, (*A.shape[:-2], A.shape[-1]), "the column player's strategy")
    centred, unit = _centred(A, (-2, -1))
    best_row = np.matvec(centred, y) if hasattr(np, "matvec") else (centred @ y[..., None])[..., 0]
    best_column = (x[..., None, :] @ centred)[..., 0, :]
    return np.maximum(best_row.max(axis=-1) - best_column.min(axis=-1), 0.0) / unit


def regret(payoffs: Any, profile: Sequence[Any]) -> float:
    """Return the most that one player of a stage game gains by a deviation: zero exactly at a Nash equilibrium.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Payoffs of n players, player axis first.
    profile : n arrays, the i-th (A_i,)
        Mixed actions.

    Returns
    -------
    float
        In payoff units, never negative.

    Raises
    ------
    GameError
        Wrong shapes, entries that are not finite, or strategies that are not distributions.

    Examples
    --------
    >>> prisoners = [[[-1, -3], [0, -2]], [[-1, 0], [-3, -2]]]
    >>> regret(prisoners, ([1, 0], [1, 0]))
    1.0
    """
    payoffs = real_array(payoffs, "the payoff array")
    players = payoffs.shape[0] if payoffs.ndim else 0
    if players == 0 or payoffs.ndim != players + 1 or 0 in payoffs.shape:
        raise GameError(f"the payoff array has shape {payoffs.shape}, (n, A_1, ..., A_n) was expected: one axis per player after the first")
    if len(profile) != players:
        raise GameError(f"the profile has {len(profile)} strategies, {players} were expected, one per player")
    mixed = [mixed_actions(x, payoffs.shape[i + 1 : i + 2], f"the strategy of player {i}") for i, x in enumerate(profile)]
    return max(_gain(payoffs[i], mixed, i) for i in range(players))


def _gain(payoff: np.ndarray, mixed: Sequence[np.ndarray], player: int) -> float:
    """One player's best pure reply less what the profile pays."""
    earned, unit = _centred(payoff, tuple(range(payoff.ndim)))
    # From the last axis on, so that the axes in front keep their places.
    for other in reversed(range(len(mixed))):
        if other != player:
            earned = np.tensordot(earned, mixed[other], axes=(other, 0))
    return max(float(earned.max() - earned @ mixed[player]), 0.0) / float(np.reshape(unit, ()))


def _centred(payoffs: np.ndarray, axes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return (payoffs - min) * unit and unit, a power of two: a shared offset costs no digits, and nothing overflows."""
    low, high = payoffs.min(axis=axes, keepdims=True), payoffs.max(axis=axes, keepdims=True)
    unit = np.where(np.maximum(np.abs(low), np.abs(high)) > 1e300, 2.0**-60, 1.0)
    return payoffs * unit - low * unit, np.squeeze(unit, axis=axes)
