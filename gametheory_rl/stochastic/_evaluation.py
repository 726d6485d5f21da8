"""What stationary play earns: one system of linear equations, and a bound on its error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl.stochastic._continuation import Elimination

EPS = float(np.finfo(np.float64).eps)


def joint_play(policies: Sequence[np.ndarray]) -> np.ndarray:
    """Return the distribution ``(S, J)`` of joint actions."""
    played = np.ones((len(policies[0]), 1))
    for policy in policies:
        played = (played[:, :, np.newaxis] * policy[:, np.newaxis]).reshape(len(policy), -1)
    return played


def evaluated(game: StochasticGame, played: np.ndarray, players: Sequence[int]) -> tuple[np.ndarray, float]:
    """Return what the joint play ``(S, J)`` earns some players ``(len(players), S)``, and a bound on the error, in payoff units.

    Payoffs are divided by the largest first, so that payoffs of any size work. Rounding of a few units in the last place of the
    payoffs themselves is in the bound.
    """
    unit, every = float(np.abs(game.payoff).max()) or 1.0, np.arange(game.num_states)
    offsets, following, probabilities = game.successors
    owner = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    weights = played.ravel()[owner] * probabilities
    kept = np.flatnonzero(weights)
    row, column, weights = owner[kept] // played.shape[1], following[kept], weights[kept]
    at = np.concatenate([row, every]), np.concatenate([column, every])
    operations = 2 * (played.shape[1] + int(np.bincount(row).max(initial=0)) + 4 * game.num_players + 16)
    values, errors = [], []
    solvers: dict[float, Elimination] = {}
    for player in players:
        discount = float(game.discount[player])
        rewards = np.einsum("sj,sj->s", played, game.payoff[player].reshape(played.shape) / unit)
        if discount not in solvers:
            solvers[discount] = Elimination(*at, np.concatenate([-discount * weights, np.ones(len(every))]), len(every))
        found = solvers[discount](rewards)
        residual = rewards + discount * np.bincount(row, weights * found[column], minlength=len(every)) - found
        size = float(np.abs(found).max()) + 1.0
        values.append(unit * found)
        errors.append((float(np.abs(residual).max()) + operations * EPS * size) / (1.0 - discount))
    return np.stack(values), unit * max(errors)
