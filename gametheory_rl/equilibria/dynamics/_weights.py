"""Multiplicative weights, optimistic or not, and the extra-gradient method: steps of a length that is chosen."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl.equilibria.dynamics._arena import Arena, arena, whole
from gametheory_rl.equilibria.dynamics._engine import play, rule_of
from gametheory_rl.equilibria.dynamics._trajectory import Trajectory

OPTIMISTIC_RATE = 0.125
"""Per span: up to this rate the last iterate is known to converge in zero-sum games (C.-Y. Wei et al. 2021, theorem 3)."""


def hedge(
    payoffs: Any,
    steps: int = 10_000,
    *,
    rate: Any = None,
    start: Any = None,
    seed: int | None = None,
    records: Any = 100,
    progress: bool | None = None,
) -> Trajectory:
    """Play multiplicative weights: actions weigh exp(rate * what they have earned so far) (Y. Freund and R. E. Schapire 1997).

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Payoffs, player axis first.
    steps : int
        Rounds.
    rate : float or (n,) array, optional
        One over payoff; by default sqrt(8 log(A_i) / steps) over each player's span of payoffs, the best for a known
        number of rounds (N. Cesa-Bianchi and G. Lugosi 2006, theorem 2.2).
    start : n arrays (..., A_i), optional
        What is played in round 1, the weights before any payoff, any leading axes; uniform by default.
    seed : int, optional
        Draw actions and play those; by default players meet each other's mixed actions, and nothing is random.
    records : int or array of rounds
        How many rounds are kept, from the first to the last, or which.
    progress : bool, optional
        Show a bar; by default on a terminal.

    Returns
    -------
    Trajectory
        With the default rate and start ``coarse_slack`` is at most the largest span times sqrt(log(A_i) / (2 steps)).
        ``average_profiles`` tend to equilibria in zero-sum games; the play itself spirals away from mixed ones.

    Raises
    ------
    GameError
        Payoffs, starts, rates, seeds or rounds that cannot be used.

    Examples
    --------
    >>> play = hedge([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]], 1000, rate=0.1, start=([0.6, 0.4], [0.5, 0.5]))
    >>> bool(play.last_regret > 0.5), bool(play.average_regret < 0.1)
    (True, True)
    """
    field = arena(payoffs, start)
    rates = field.rates(rate, default=np.sqrt(8.0 * np.log(field.actions) / whole(steps, "steps")))
    return play(field, rule_of(field, "HEDGE", rates, drawn=seed is not None), steps, records, seed or 0, progress, scores=_log(field))


def optimistic_hedge(
    payoffs: Any, steps: int = 10_000, *, rate: Any = None, start: Any = None, records: Any = 100, progress: bool | None = None
) -> Trajectory:
    """Play multiplicative weights that count the last round twice (A. Rakhlin and K. Sridharan 2013; V. Syrgkanis et al. 2015).

    In zero-sum games with one equilibrium the play itself converges to it (C. Daskalakis and I. Panageas 2019).

    Parameters
    ----------
    payoffs, steps, start, records, progress
        As for ``hedge``.
    rate : float or (n,) array, optional
        One over payoff; by default 1/8 over each player's span of payoffs.

    Returns
    -------
    Trajectory
        ``profiles`` converge in zero-sum games, slowly where the equilibrium is near the border.

    Raises
    ------
    GameError
        Payoffs, starts, rates or rounds that cannot be used.

    Examples
    --------
    >>> game = [[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]]
    >>> play = optimistic_hedge(game, start=([0.6, 0.4], [0.5, 0.5]))
    >>> bool(play.last_regret < 1e-6)
    True
    """
    field = arena(payoffs, start)
    rule = rule_of(field, "OPTIMISTIC_HEDGE", field.rates(rate, default=OPTIMISTIC_RATE))
    return play(field, rule, steps, records, 0, progress, scores=_log(field))


def extra_gradient(
    payoffs: Any, steps: int = 10_000, *, rate: Any = None, start: Any = None, records: Any = 100, progress: bool | None = None
) -> Trajectory:
    """Step along the payoffs that the next step would meet, projected to the simplex (G. M. Korpelevich 1976).

    z = P(x + rate * u(x)), then x becomes P(x + rate * u(z)).

    Parameters
    ----------
    payoffs, steps, start, records, progress
        As for ``hedge``.
    rate : float or (n,) array, optional
        One over payoff; by default one over (n - 1) max sqrt(A_i A_j) spans, for which zero-sum games converge.

    Returns
    -------
    Trajectory
        ``profiles`` are the x, which converge in zero-sum games; ``average_profiles`` and ``joint`` are of the z.

    Raises
    ------
    GameError
        Payoffs, starts, rates or rounds that cannot be used.

    Examples
    --------
    >>> game = [[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]]
    >>> play = extra_gradient(game, 1000, start=([0.6, 0.4], [0.5, 0.5]))
    >>> bool(play.last_regret < 1e-6)
    True
    """
    field = arena(payoffs, start)
    largest = np.sort(field.actions)[-2:].astype(float)
    default = 1.0 / (max(len(field.actions) - 1, 1) * np.sqrt(largest.prod()))
    rule = rule_of(field, "EXTRA_GRADIENT", field.rates(rate, default=default), reads="AT_LEADING_POINT")
    return play(field, rule, steps, records, 0, progress, scores=field.start[:, :0])


def _log(field: Arena) -> np.ndarray:
    """Return the logarithms of the starts; minus infinity for actions that are never played."""
    with np.errstate(divide="ignore"):
        return np.log(field.start)
