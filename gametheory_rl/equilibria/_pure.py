"""Equilibria in pure actions and best responses of n players, by looking at every cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import Any

import numpy as np

from gametheory_rl._game_checks import checked_index
from gametheory_rl.equilibria._checks import mixed_actions, one_each, payoff_tensor, tolerance
from gametheory_rl.equilibria._scaling import ULPS

MIXED_TOLERANCE = 1e-9
"""Replies to mixed actions are called equally good up to so much of the payoff span: probabilities come rounded."""


@dataclass(frozen=True, eq=False)
class PureEquilibria:
    """All equilibria of a stage game in which nobody randomises."""

    profiles: list[tuple[int, ...]]
    """One action number per player, in lexicographic order; empty where every equilibrium is mixed."""
    values: np.ndarray
    """``[n, profiles]`` what each player gets."""
    num_actions: tuple[int, ...]

    @cached_property
    def mixed(self) -> list[tuple[np.ndarray, ...]]:
        """The same profiles as mixed actions, the form that ``regret`` takes: one ``(A_i,)`` array of zeros and a one per player."""
        return [tuple(np.eye(count)[a] for a, count in zip(profile, self.num_actions, strict=True)) for profile in self.profiles]

    def __len__(self) -> int:
        """Return the number of equilibria."""
        return len(self.profiles)


def pure(payoffs: Any, *, tol: float | None = None) -> PureEquilibria:
    """Return all equilibria in pure actions of a game of n players.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Payoffs, player axis first.
    tol : float, optional
        How much a player may gain by deviating, in payoff units. By default what rounding explains: eight units in the last
        place of the player's largest payoff, so that 0.1 + 0.2 ties with 0.3. Zero: compare exactly.

    Returns
    -------
    PureEquilibria
        ``profiles``, tuples of action numbers; ``values`` (n, profiles); ``mixed``, the profiles as arrays of probabilities.

    Raises
    ------
    GameError
        Payoffs that are not ``(n, A_1, ..., A_n)`` or not finite; a negative tolerance.

    Examples
    --------
    >>> battle = [[[2, 0], [0, 1]], [[1, 0], [0, 2]]]
    >>> pure(battle).profiles
    [(0, 0), (1, 1)]
    """
    payoffs = payoff_tensor(payoffs)
    stable = np.ones(payoffs.shape[1:], np.bool_)
    for player, payoff in enumerate(payoffs):
        stable &= _shortfall(payoff, player) <= _tolerance(payoff, tol)
    places = np.argwhere(stable)
    return PureEquilibria([tuple(place) for place in places.tolist()], payoffs[:, stable], payoffs.shape[1:])


def best_responses(payoffs: Any, profile: Sequence[Any], player: int, *, tol: float | None = None) -> np.ndarray:
    """Return the numbers of a player's best actions against what the others play.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Payoffs, player axis first.
    profile : sequence of n
        A mixed action ``(A_i,)`` or the number of a pure one for each player; the player's own is ignored and may be None.
    player : int
        Who replies.
    tol : float, optional
        By how much an action may fall short of the best, in payoff units. By default 1e-9 of the player's payoff span where
        somebody mixes, as probabilities are rounded, and otherwise what rounding of the payoffs explains, as in ``pure``.

    Returns
    -------
    (k,) int array
        Ascending; never empty.

    Raises
    ------
    GameError
        Payoffs, profile or player that do not fit together; a negative tolerance.

    Examples
    --------
    >>> rock_paper_scissors = [[0, -1, 1], [1, 0, -1], [-1, 1, 0]]
    >>> zero_sum = [rock_paper_scissors, [[-a for a in row] for row in rock_paper_scissors]]
    >>> best_responses(zero_sum, (None, [0.5, 0.5, 0]), 0).tolist(), best_responses(zero_sum, (2, None), 1).tolist()
    ([1], [0])
    """
    payoffs = payoff_tensor(payoffs)
    player = checked_index(player, len(payoffs), "the player")
    profile = one_each(profile, len(payoffs), "the profile")
    earned, mixes = payoffs[player], False
    # From the last axis on, so that the axes in front keep their places.
    for other in reversed(range(len(profile))):
        if other != player:
            weights = _mixed(profile[other], payoffs.shape[other + 1], other)
            mixes = mixes or int(np.count_nonzero(weights)) > 1
            earned = np.tensordot(earned, weights, axes=(other, 0))
    return np.flatnonzero(_shortfall(earned, 0) <= _tolerance(payoffs[player], tol, mixes=mixes))


def _mixed(played: Any, count: int, player: int) -> np.ndarray:
    """Return a mixed action given as probabilities or as the number of a pure one."""
    what = f"the strategy of player {player}"
    if isinstance(played, Integral):
        return np.eye(count)[checked_index(played, count, what)]
    return mixed_actions(played, (count,), what)


def _shortfall(payoff: np.ndarray, axis: int) -> np.ndarray:
    """Return by how much each cell is below the best along ``axis``; infinite where that is more than a float holds."""
    with np.errstate(over="ignore"):
        return payoff.max(axis=axis, keepdims=True) - payoff


def _tolerance(payoff: np.ndarray, tol: float | None, *, mixes: bool = False) -> float:
    """Return up to which difference payoffs of one player are equal."""
    if tol is not None:
        return tolerance(tol)
    low, high = float(payoff.min()), float(payoff.max())
    noise = ULPS * float(np.finfo(float).eps) * max(abs(low), abs(high))
    return noise + (MIXED_TOLERANCE * high - MIXED_TOLERANCE * low if mixes else 0.0)
