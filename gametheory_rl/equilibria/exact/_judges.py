"""How far a profile is from equilibrium, exactly, from the definition alone: no solver is imported here."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl.equilibria._checks import one_each
from gametheory_rl.equilibria.exact._rationals import mixed_action, rationals


def regret(payoffs: Any, profile: Sequence[Any]) -> Fraction:
    """Return the most that one player gains by a deviation: 0 if and only if the profile is a Nash equilibrium.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Integers, Fractions, or floats, which are taken at their word; player axis first.
    profile : n arrays, the i-th (A_i,)
        Mixed actions that add up to exactly 1.

    Returns
    -------
    Fraction
        In payoff units, never negative.

    Raises
    ------
    GameError
        Wrong shapes, entries that are no finite numbers, or strategies that are not distributions.

    Examples
    --------
    >>> from fractions import Fraction
    >>> pennies = [[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]]
    >>> regret(pennies, ([Fraction(1, 3), Fraction(2, 3)], [Fraction(1, 2)] * 2))
    Fraction(1, 3)
    """
    payoffs = rationals(payoffs, "the payoff array")
    players = payoffs.shape[0] if payoffs.ndim else 0
    if players == 0 or payoffs.ndim != players + 1 or 0 in payoffs.shape:
        raise GameError(f"the payoff array has shape {payoffs.shape}, (n, A_1, ..., A_n) was expected: one axis per player after the first")
    profile = one_each(profile, players, "the profile")
    mixed = [mixed_action(x, payoffs.shape[i + 1], f"the strategy of player {i}") for i, x in enumerate(profile)]
    return max(_gain(payoffs[i], mixed, i) for i in range(players))


def _gain(payoff: np.ndarray, mixed: Sequence[np.ndarray], player: int) -> Fraction:
    """One player's best pure reply less what the profile pays."""
    # From the last axis on, so that the axes in front keep their places.
    for other in reversed(range(len(mixed))):
        if other != player:
            payoff = np.tensordot(payoff, mixed[other], axes=(other, 0))
    return max(payoff) - payoff @ mixed[player]
