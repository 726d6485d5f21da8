"""How gradients move in differential games: each player's own, and that of a player who reasons how the other would answer."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.families._differential import DifferentialGame

ANSWERS = 401
"""Points at which an integral over the other's actions is taken: 0.05 apart on [-10, 10]."""


def gradient_path(game: DifferentialGame, starts: Any, *, rate: float = 0.1, steps: int = 1000) -> np.ndarray:
    """Follow all players up their own gradients at once.

    Parameters
    ----------
    game : DifferentialGame
    starts : array, shape (..., n)
        First actions, within the bound.
    rate : float
        Positive: each step is ``rate`` times the gradient, and stays within the bound.
    steps : int

    Returns
    -------
    ndarray, shape (steps + 1, ..., n)

    Raises
    ------
    GameError
        Starts that are none; a path that does not fit in memory.

    Examples
    --------
    >>> from gametheory_rl import families
    >>> game = families.differential_game("two_quadratics")
    >>> [float(game.payoffs(families.gradient_path(game, [a, a])[-1])[0].round(6)) + 0.0 for a in (1.6, 2.0)]
    [0.0, 10.0]
    """
    return _path(game, starts, game.gradients, rate, steps)


def recursive_path(game: DifferentialGame, starts: Any, *, temperature: float = 0.0, rate: float = 0.1, steps: int = 1000) -> np.ndarray:
    """Follow two players who each climb what their action is worth if the other answers it to their own advantage: exact PR2.

    Player i climbs ``Q_i(a_i) = T log of the integral of exp(payoff_i(a_i, b) / T)`` over b in [-bound, bound], the limit of which at
    temperature T = 0 is ``max over b of payoff_i(a_i, b)``: Wen et al. 2019, Theorem 1, with the other's conditional policy
    proportional to ``exp(payoff_i(a_i, b) / T)``. As no player's path depends on the other's, all that starts from a product of
    intervals is a product of intervals again.

    Parameters
    ----------
    game : DifferentialGame
        Of two players.
    starts, rate, steps
        As for ``gradient_path``.
    temperature : float
        At least 0, in payoff units.

    Returns
    -------
    ndarray, shape (steps + 1, ..., 2)

    Raises
    ------
    GameError
        As ``gradient_path``; another number of players; a temperature below 0.

    Examples
    --------
    >>> from gametheory_rl import families
    >>> game = families.differential_game("two_quadratics")
    >>> [float(game.payoffs(families.recursive_path(game, [a, a])[-1])[0].round(6)) + 0.0 for a in (0.0, 1.6)]
    [0.0, 10.0]
    """
    if game.num_players != 2:
        raise GameError(f"{game.name} has {game.num_players} players, recursive_path takes two: one who acts and one who answers")
    if isinstance(temperature, bool) or not isinstance(temperature, int | float) or not 0 <= temperature < np.inf:
        raise GameError(f"temperature is {temperature!r}, a number of at least 0 was expected")

    def slopes(actions: np.ndarray) -> np.ndarray:
        return np.stack([_slope(game, i, actions[..., i], temperature) for i in range(2)], axis=-1)

    return _path(game, starts, slopes, rate, steps)


def _path(game: DifferentialGame, starts: Any, slopes: Any, rate: float, steps: int) -> np.ndarray:
    first = np.array(starts, float)
    if first.shape[-1:] != (game.num_players,) or not (np.abs(first) <= game.bound).all():
        raise GameError(f"starts have shape {first.shape}, (..., {game.num_players}) within [-{game.bound:g}, {game.bound:g}] was expected")
    if not 0 < rate < np.inf or not isinstance(steps, int) or steps < 0:
        raise GameError(f"rate is {rate!r} and steps {steps!r}, a positive number and a count were expected")
    require_memory((steps + 1, *first.shape), "the path", "give fewer steps or starts")
    path = np.empty((steps + 1, *first.shape))
    path[0] = first
    for t in range(steps):
        path[t + 1] = np.clip(path[t] + rate * slopes(path[t]), -game.bound, game.bound)
    return path


def _slope(game: DifferentialGame, i: int, own: np.ndarray, temperature: float) -> np.ndarray:
    """Return how ``Q_i`` changes with the player's own action, which is the mean slope under the other's answer (envelope theorem)."""
    answers = _best_answers(game, i, own) if temperature == 0 else np.linspace(-game.bound, game.bound, ANSWERS)
    answers = np.broadcast_to(answers, (*own.shape, answers.shape[-1]))
    here = np.broadcast_to(own[..., np.newaxis], answers.shape)
    joint = np.stack((here, answers) if i == 0 else (answers, here), axis=-1)
    payoff = game.payoffs(joint)[..., i]
    slope = game.gradients(joint)[..., i]
    if temperature == 0:
        return np.take_along_axis(slope, payoff.argmax(axis=-1)[..., np.newaxis], axis=-1)[..., 0]
    weights = np.exp((payoff - payoff.max(axis=-1, keepdims=True)) / temperature)
    return (weights * slope).sum(axis=-1) / weights.sum(axis=-1)


def _best_answers(game: DifferentialGame, i: int, own: np.ndarray) -> np.ndarray:
    """Return where the payoff can be largest in the other's action, ``(..., K + 2)``: a quadratic's stationary point, or the border."""
    j = 1 - i
    curve = 2 * game.quadratic[i, :, j, j]
    slope = game.linear[i, :, j] + 2 * game.quadratic[i, :, j, i] * own[..., np.newaxis]
    still = np.where(curve < 0, -slope / np.where(curve < 0, curve, -1.0), 0.0)
    border = np.broadcast_to([-game.bound, game.bound], (*own.shape, 2))
    return np.concatenate([np.clip(still, -game.bound, game.bound), border], axis=-1)
