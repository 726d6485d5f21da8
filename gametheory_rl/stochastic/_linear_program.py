"""Zero-sum games whose transitions one player controls: a single linear program."""

from __future__ import annotations

from functools import partial

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import GameSolution
from gametheory_rl._support._errors import GameError, SolverError
from gametheory_rl.stochastic._certified import solve_certified
from gametheory_rl.stochastic._influence import movers_of
from gametheory_rl.stochastic._newton import improve_by_value
from gametheory_rl.stochastic._safeguard import safeguarded
from gametheory_rl.stochastic._zero_sum import ZeroSum


def linear_program(
    game: StochasticGame,
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    throw: bool = True,
    progress: bool | None = None,
) -> GameSolution:
    """Solve a zero-sum game whose transitions depend on one player's actions, or a decision process, by one linear program.

    Parameters, returns and errors are those of ``value_iteration``; ``GameError`` also where both players move the state.

    Notes
    -----
    T. Parthasarathy & T. Raghavan 1981, "An orderfield property for stochastic games when one player controls transition
    probabilities"; O. Vrieze 1981. If the column player controls: maximise the sum of values ``v(s)`` subject to
    ``v(s) <= sum over a of x(s, a) r(s, a, b) + discount * sum over s' of p(s' | s, b) v(s')`` for every ``b``. HiGHS solves it; its
    values are then backed up and certified like any other's, and improved by Newton's method where they are not good enough.
    """
    start = partial(program_values, game)
    return solve_certified(
        game,
        "linear_program",
        safeguarded(improve_by_value),
        start,
        tol=tol,
        max_iterations=max_iterations,
        throw=throw,
        progress=progress,
    )


def program_values(game: StochasticGame, problem: ZeroSum) -> np.ndarray:
    """Return the row player's values ``(S,)`` from the linear program."""
    del problem
    movers = np.flatnonzero([moved.any() for moved in movers_of(game)])
    if len(movers) > 1:
        raise GameError("linear_program needs transitions that depend on one player alone, here they depend on both; use newton")
    controller = int(movers[0]) if len(movers) else game.num_players - 1
    if game.num_players == 1:
        return _values(game.payoff[0][..., np.newaxis].swapaxes(1, 2) * -1.0, game, 0) * -1.0
    if controller == 1:
        return _values(game.payoff[0], game, 1)
    return -_values(game.payoff[1].swapaxes(1, 2), game, 0)


def _values(payoff: np.ndarray, game: StochasticGame, controller: int) -> np.ndarray:
    """Return what the maximising rows of ``payoff`` (S, free, control) can secure when the columns alone move the state."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array, csr_array, hstack

    states, free, _ = payoff.shape
    cells = np.arange(states * free)
    free_legal = game.legal[1 - controller] if game.num_players == 2 else np.ones((states, 1), np.bool_)
    state, column = np.nonzero(game.legal[controller])
    offsets, successors, probabilities = game.successors
    moves = csr_array((probabilities, successors, offsets), shape=(states * game.num_joint_actions, states))
    # Any legal action of the other player will do: it does not move the state.
    other = free_legal[state].argmax(axis=1)
    joint = (column, other) if game.num_players == 2 and controller == 0 else (other, column)
    at = column if game.num_players == 1 else np.ravel_multi_index(joint, game.num_actions)
    later = moves[state * game.num_joint_actions + at] * float(game.discount[0])
    rows = len(state)
    own = coo_array((np.ones(rows), (np.arange(rows), state)), shape=(rows, states))
    pays = np.where(free_legal[state], payoff[state, :, column], 0.0)
    place = state[:, np.newaxis] * free + np.arange(free)
    play = coo_array((-pays.ravel(), (np.repeat(np.arange(rows), free), place.ravel())), shape=(rows, states * free))
    sums = coo_array((np.ones(len(cells)), (cells // free, cells)), shape=(states, states * free))
    found = linprog(
        np.concatenate([-np.ones(states), np.zeros(states * free)]),
        A_ub=hstack([own - later, play]).tocsr(),
        b_ub=np.zeros(rows),
        A_eq=hstack([coo_array((states, states)), sums]).tocsr(),
        b_eq=np.ones(states),
        bounds=[(None, None)] * states + [(0.0, 1.0 if legal else 0.0) for legal in free_legal.ravel()],
        method="highs",
    )
    if found.x is None:
        raise SolverError(f"linear_program: HiGHS gave no solution: {found.message}")
    return found.x[:states]
