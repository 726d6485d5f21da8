"""Fictitious play: replies, sharp or smooth, to what the others have played so far."""

from __future__ import annotations

from typing import Any

from gametheory_rl.equilibria.dynamics._arena import arena
from gametheory_rl.equilibria.dynamics._engine import play, rule_of
from gametheory_rl.equilibria.dynamics._flows import PRECISION
from gametheory_rl.equilibria.dynamics._trajectory import Trajectory


def fictitious_play(
    payoffs: Any, steps: int = 10_000, *, start: Any = None, records: Any = 100, progress: bool | None = None
) -> Trajectory:
    """Play best replies to the others' average play so far (G. W. Brown 1951), all players at once.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Payoffs, player axis first. With three players or more, beliefs are the product of the others' averages.
    steps : int
        Rounds.
    start : n arrays (..., A_i), optional
        What is played in round 1, mixed or pure, any leading axes; uniform by default.
    records : int or array of rounds
        How many rounds are kept, from the first to the last, or which.
    progress : bool, optional
        Show a bar; by default on a terminal.

    Returns
    -------
    Trajectory
        ``average_profiles`` are the beliefs, which converge in zero-sum games (J. Robinson 1951), in potential games and for two
        actions each, but not always: see Shapley's game (L. S. Shapley 1964).

    Raises
    ------
    GameError
        Payoffs, starts or rounds that cannot be used.

    Notes
    -----
    Of replies within 1e-12 of the span the first is played. Only the order of payoffs counts: scales and offsets do not.

    Examples
    --------
    >>> play = fictitious_play([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]], 1000, start=([1, 0], [1, 0]))
    >>> play.average[0].round(1).tolist(), bool(play.average_regret < 0.1)
    ([0.5, 0.5], True)
    """
    field = arena(payoffs, start)
    rule = rule_of(field, "BEST_REPLY", field.rates(None), reads="AT_AVERAGE")
    return play(field, rule, steps, records, 0, progress, scores=field.start[:, :0])


def smooth_fictitious_play(
    payoffs: Any,
    steps: int = 10_000,
    *,
    precision: Any = None,
    start: Any = None,
    seed: int | None = None,
    records: Any = 100,
    progress: bool | None = None,
) -> Trajectory:
    """Play logit replies to the others' average play so far (D. Fudenberg and D. M. Kreps 1993; D. Fudenberg and D. K. Levine 1998).

    Parameters
    ----------
    payoffs, steps, start, records, progress
        As for ``fictitious_play``.
    precision : float or (n,) array, optional
        One over payoff: replies go as exp(precision * u); by default 10 over each player's span of payoffs.
    seed : int, optional
        Draw actions, and average those: stochastic fictitious play. By default the replies themselves are averaged.

    Returns
    -------
    Trajectory
        ``profiles`` are the replies; they settle at logit equilibria, not at Nash equilibria.

    Raises
    ------
    GameError
        Payoffs, starts, precisions, seeds or rounds that cannot be used.

    Examples
    --------
    >>> game = [[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]]
    >>> smooth_fictitious_play(game, start=([1, 0], [1, 0])).last[0].round(2).tolist()
    [0.5, 0.5]
    """
    field = arena(payoffs, start)
    rates = field.rates(precision, "precision", default=PRECISION)
    rule = rule_of(field, "LOGIT_REPLY", rates, reads="AT_AVERAGE", drawn=seed is not None)
    return play(field, rule, steps, records, seed or 0, progress, scores=field.start[:, :0])
