"""Newton's method: Pollatschek & Avi-Itzhak 1969, "Algorithms for stochastic games with geometrical interpretation"."""

from __future__ import annotations

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import GameSolution
from gametheory_rl.stochastic._certified import solve_certified
from gametheory_rl.stochastic._chain import chain_of, value_of_chain
from gametheory_rl.stochastic._policy_iteration import improve_by_best_answer
from gametheory_rl.stochastic._safeguard import safeguarded
from gametheory_rl.stochastic._start import informed_start
from gametheory_rl.stochastic._zero_sum import ZeroSum

INNER_TOLERANCE = 1e-2
"""How far BiCGStab reduces the residual: two digits a step; the certified bound checks them, and more would cost more than it saves."""


def newton(
    game: StochasticGame,
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    throw: bool = True,
    progress: bool | None = None,
) -> GameSolution:
    """Solve a zero-sum game, or a decision process: each backup is followed by the exact value of its policy pair.

    That is Newton's method on ``T v = v``: four or five steps where value iteration takes hundreds. Parameters, returns and errors
    are those of ``value_iteration``.

    Notes
    -----
    Deviations: (1) the original can cycle for ever (van der Wal 1978 has an example with values 12, -12/7, 12, ...), so a few
    steps after which the residual has not shrunk at least by the discount are replaced by one of Hoffman and Karp, as in
    ``policy_iteration``, which never overshoots, and in the end by a plain backup: discounts near 1 on games of local moves, as
    ``families.ring``, need that; (2) the linear system is solved by BiCGStab to a loose tolerance, because the certified bound
    does not depend on it; (3) where few states have most of the residual, a few steps on those alone come first.
    """
    improve = safeguarded(improve_by_value, improve_by_best_answer)
    return solve_certified(game, "newton", improve, informed_start, tol=tol, max_iterations=max_iterations, throw=throw, progress=progress)


def improve_by_value(problem: ZeroSum, values: np.ndarray, row_policy: np.ndarray, column_policy: np.ndarray) -> np.ndarray:
    chain = chain_of(problem, row_policy, column_policy)
    return value_of_chain(chain, values, INNER_TOLERANCE)
