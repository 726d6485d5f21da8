"""Policy iteration: Hoffman & Karp 1966, "On nonterminating stochastic games"."""

from __future__ import annotations

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import GameSolution
from gametheory_rl.stochastic._certified import Trial, solve_certified
from gametheory_rl.stochastic._chain import chain_of, value_of_chain
from gametheory_rl.stochastic._kernels import _pair
from gametheory_rl.stochastic._start import informed_start
from gametheory_rl.stochastic._zero_sum import ZeroSum

INNER_TOLERANCE = 1e-12
ROUNDING = 1e-13


def policy_iteration(
    game: StochasticGame,
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    throw: bool = True,
    progress: bool | None = None,
) -> GameSolution:
    """Solve a zero-sum game, or a decision process: the row player's best answer to the column policy of each backup, exactly.

    The values fall monotonically to the value of the game from the second iteration on, so no safeguard is needed. Parameters,
    returns and errors are those of ``value_iteration``.

    Notes
    -----
    Hoffman and Karp fix the policy of one player and solve the other's decision process; here the inner process is solved by
    Howard's policy iteration, each policy valued by BiCGStab. With one player this is Howard's policy iteration itself.
    """
    return solve_certified(
        game,
        "policy_iteration",
        improve_by_best_answer,
        informed_start,
        tol=tol,
        max_iterations=max_iterations,
        throw=throw,
        progress=progress,
    )


def improve_by_best_answer(problem: ZeroSum, sweep: Trial) -> np.ndarray:
    """Return the value ``(S,)`` of the row player's best answer to the sweep's column policy."""
    column_policy = sweep.backup.column_policy
    row_policy = np.zeros_like(sweep.backup.row_policy)
    values = sweep.backup.value
    # No slack at first: every state picks its best action. Howard's iteration is finite; rounding alone could make it go on.
    slack = 0.0
    everywhere = (0, problem.num_states)
    while _pair.improve_rows(*everywhere, *problem.transitions, problem.discount, values, problem.menu, column_policy, slack, row_policy):
        chain = chain_of(problem, row_policy, column_policy)
        values = value_of_chain(chain, values, INNER_TOLERANCE)
        slack = ROUNDING * float(np.abs(values).max()) if slack == 0.0 else 2.0 * slack
    return values
