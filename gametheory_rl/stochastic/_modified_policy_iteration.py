"""Modified policy iteration: van der Wal 1978, "Discounted Markov games: generalized policy iteration method"."""

from __future__ import annotations

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import GameSolution
from gametheory_rl.stochastic._certified import solve_certified
from gametheory_rl.stochastic._chain import chain_of
from gametheory_rl.stochastic._safeguard import safeguarded
from gametheory_rl.stochastic._start import informed_start
from gametheory_rl.stochastic._zero_sum import ZeroSum

SWEEPS = 20


def modified_policy_iteration(
    game: StochasticGame,
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    throw: bool = True,
    progress: bool | None = None,
) -> GameSolution:
    """Solve a zero-sum game, or a decision process: each backup is followed by 20 sweeps of its policy pair alone.

    A sweep of the pair costs a fraction of a backup, which solves every stage game. Parameters, returns and errors are those of
    ``value_iteration``.

    Notes
    -----
    Deviation: van der Wal fixes one player's policy during the sweeps, which is monotone; here both are fixed, which is faster and
    may overshoot, so there are the same safeguards as in ``newton``.
    """
    improve = safeguarded(_improve)
    return solve_certified(
        game, "modified_policy_iteration", improve, informed_start, tol=tol, max_iterations=max_iterations, throw=throw, progress=progress
    )


def _improve(problem: ZeroSum, values: np.ndarray, row_policy: np.ndarray, column_policy: np.ndarray) -> np.ndarray:
    return chain_of(problem, row_policy, column_policy).swept(values, SWEEPS)
