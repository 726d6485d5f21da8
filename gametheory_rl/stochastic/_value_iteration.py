"""Value iteration: Shapley 1953, "Stochastic games"."""

from __future__ import annotations

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import GameSolution
from gametheory_rl.stochastic._certified import Sweep, solve_certified, zero_start
from gametheory_rl.stochastic._zero_sum import ZeroSum


def value_iteration(
    game: StochasticGame,
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    throw: bool = True,
    progress: bool | None = None,
) -> GameSolution:
    """Solve a zero-sum game, or a decision process, by repeated backups ``v <- T v``.

    Parameters
    ----------
    game : StochasticGame
        Zero-sum with two players, or one player; discount below 1.
    tol : float, optional
        Stop once the certified error is at most this, in payoff units; None: 1e-8 times the payoff span.
    max_iterations : int, optional
        None: more than the discount can need.
    throw : bool
        Raise where ``max_iterations`` came first; False: return what was reached, with its status.
    progress : bool, optional
        Draw a bar; None: on a terminal.

    Returns
    -------
    GameSolution
        ``trace`` has the columns residual ``max |Tv - v|``, bound, contraction, and values, lower, upper per sweep where small.

    Raises
    ------
    GameError
        The game is of another kind, or a setting is out of range.
    SolverError
        ``max_iterations`` came first and ``throw`` is true.

    Notes
    -----
    The residual contracts by the discount or faster at every sweep (Shapley 1953). The run ends on the two-sided bound of
    MacQueen and Porteus, often long before the residual itself is small; the values returned are the middle of that bound.
    """
    return solve_certified(
        game, "value_iteration", _improve, zero_start, tol=tol, max_iterations=max_iterations, throw=throw, progress=progress
    )


def _improve(problem: ZeroSum, sweep: Sweep) -> np.ndarray:
    del problem
    return sweep.backup.value
