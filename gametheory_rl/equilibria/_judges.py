"""How far a profile of a stage game is from equilibrium, from the definition alone: no solver is imported here."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from gametheory_rl.equilibria._checks import joint_distribution, mixed_actions, one_each, payoff_matrices, payoff_tensor


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
    payoffs = payoff_tensor(payoffs)
    players = len(payoffs)
    profile = one_each(profile, players, "the profile")
    mixed = [mixed_actions(x, payoffs.shape[i + 1 : i + 2], f"the strategy of player {i}") for i, x in enumerate(profile)]
    return max(_gain(payoffs[i], mixed, i) for i in range(players))


def obedience(payoffs: Any, distribution: Any, *, coarse: bool = False) -> float:
    """Return the most that one player of a stage game gains by disobeying a device: zero exactly at a correlated equilibrium.

    A device draws a joint action and tells each player its part. A player disobeys by a rule that names, for each
    recommendation, the action played instead; with ``coarse=True`` it must settle on one action before it is told anything.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Payoffs of n players, player axis first.
    distribution : (A_1, ..., A_n) array
        How often the device draws each joint action.
    coarse : bool
        Judge as a coarse correlated equilibrium.

    Returns
    -------
    float
        In payoff units, never negative: no single constraint of the definition is violated by more (R. J. Aumann 1987;
        coarse: H. Moulin and J.-P. Vial 1978).

    Raises
    ------
    GameError
        Wrong shapes, entries that are not finite, or numbers that are not a distribution.

    Examples
    --------
    >>> chicken = [[[6, 2], [7, 0]], [[6, 7], [2, 0]]]
    >>> obedience(chicken, [[0.5, 0.25], [0.25, 0.0]]), obedience(chicken, [[1.0, 0.0], [0.0, 0.0]])
    (0.0, 1.0)
    """
    payoffs = payoff_tensor(payoffs)
    drawn = joint_distribution(distribution, payoffs.shape[1:])
    return max(disobedience(payoff, drawn, i, coarse=coarse)[0] for i, payoff in enumerate(payoffs))


def disobedience(payoff: np.ndarray, drawn: np.ndarray, player: int, *, coarse: bool) -> tuple[float, float]:
    """Return what one player gains by the best way to disobey, in payoff units and in spans of its payoffs.

    ``payoff`` and ``drawn`` are ``(A_1, ..., A_n)``. A constant game counts as one of span 1.
    """
    centred, unit = _centred(payoff, None)
    own, after = payoff.shape[player], prod(payoff.shape[player + 1 :])
    earns, weights = (array.reshape(-1, own, after).swapaxes(0, 1).reshape(own, -1) for array in (centred, drawn))
    told = weights.sum(axis=0, keepdims=True) if coarse else weights
    instead = told @ earns.T  # [recommendation, action played]; the coarse player hears one and the same
    obeys = (weights * earns).sum() if coarse else instead.diagonal()
    gain = max(float((instead.max(axis=1) - obeys).sum()), 0.0)
    return gain / float(unit), gain / (float(centred.max()) or 1.0)


def _gain(payoff: np.ndarray, mixed: Sequence[np.ndarray], player: int) -> float:
    """One player's best pure reply less what the profile pays."""
    earned, unit = _centred(payoff, None)
    # From the last axis on, so that the axes in front keep their places.
    for other in reversed(range(len(mixed))):
        if other != player:
            earned = np.tensordot(earned, mixed[other], axes=(other, 0))
    return max(float(earned.max() - earned @ mixed[player]), 0.0) / float(unit)


def _centred(payoffs: np.ndarray, axes: tuple[int, ...] | None) -> tuple[np.ndarray, Any]:
    """Return (payoffs - min) * unit and unit, a power of two: a shared offset costs no digits, nothing over- or underflows.

    One unit for all payoffs, or one for each entry of the axes that are not among ``axes``.
    """
    low, high = payoffs.min(axis=axes, keepdims=axes is not None), payoffs.max(axis=axes, keepdims=axes is not None)
    size = np.maximum(np.abs(low), np.abs(high))
    if np.all((size <= 1e300) & (size >= 1e-280)):
        return payoffs - low, 1.0
    unit = np.where(size > 1e300, 2.0**-60, np.where(size < 1e-280, 2.0**600, 1.0))
    return payoffs * unit - low * unit, unit if axes is None else np.squeeze(unit, axis=axes)
