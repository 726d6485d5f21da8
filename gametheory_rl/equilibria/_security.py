"""What one player of n can guarantee alone, whatever the others do together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl._game_checks import checked_index
from gametheory_rl._results import Status
from gametheory_rl.equilibria._checks import payoff_tensor
from gametheory_rl.equilibria._minimax import minimax


@dataclass(frozen=True, eq=False)
class SecurityLevel:
    """A player's maximin action, and the others' joint play that holds it down to the same amount."""

    value: float
    """The most that the player can guarantee, in expectation."""
    strategy: np.ndarray
    """``[A_i]`` mixed action that guarantees it"""
    punishment: np.ndarray
    """``[A_1, ..., A_n]`` without the player's axis: joint play of the others that grants no more"""
    gap: float
    """The true value lies within ``gap`` of ``value``."""
    status: Status


def security(payoffs: Any, player: int) -> SecurityLevel:
    """Return a player's security level: max over mixed actions of the min over everything that the others can do together.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Payoffs, player axis first; only those of ``player`` count.
    player : int
        Whose level.

    Returns
    -------
    SecurityLevel
        ``value``, ``strategy`` (A_i,), ``punishment`` (the others' action axes), ``gap`` and ``status`` as in ``minimax``.

    Raises
    ------
    GameError
        Payoffs that are not ``(n, A_1, ..., A_n)`` or not finite; no such player.

    Notes
    -----
    The zero-sum game against all others as one opponent. With three players or more the others' correlated punishment can be
    harsher than any product of mixed actions; the player guarantees ``value`` against either.

    Examples
    --------
    >>> battle = [[[2, 0], [0, 1]], [[1, 0], [0, 2]]]
    >>> level = security(battle, 0)
    >>> round(level.value, 12), level.strategy.round(12).tolist()
    (0.666666666667, [0.333333333333, 0.666666666667])
    """
    payoffs = payoff_tensor(payoffs)
    player = checked_index(player, len(payoffs), "the player")
    against = np.moveaxis(payoffs[player], player, 0)
    solution = minimax(against.reshape(len(against), -1))
    strategy, others = solution.profile
    return SecurityLevel(float(solution.value), strategy, others.reshape(against.shape[1:]), float(solution.gap), solution.status)
