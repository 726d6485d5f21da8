"""The verb: pick a sound method and run it."""

from __future__ import annotations

from typing import Any

from gametheory_rl._games import StochasticGame
from gametheory_rl._registry import resolve, table
from gametheory_rl._results import GameSolution
from gametheory_rl._support._errors import GameError, UnknownNameError

DEFAULT = "newton"


def solve(
    game: StochasticGame,
    method: str | None = None,
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    throw: bool = True,
    progress: bool | None = None,
    **settings: Any,
) -> GameSolution:
    """Solve a stochastic game, with a guarantee on every number.

    Parameters
    ----------
    game : StochasticGame
        Zero-sum with two players, or one player (a decision process); discount below 1.
    method : str, optional
        ``value_iteration``, ``modified_policy_iteration``, ``policy_iteration`` or ``newton``; None: the fastest sound one, which
        for these games is ``newton``, safeguarded.
    tol : float, optional
        Largest certified error of any value, in payoff units; None: 1e-8 times the payoff span.
    max_iterations : int, optional
        None: more than the discount can need.
    throw : bool
        Raise where ``max_iterations`` or Ctrl-C came first; False: return what was reached, with its status and its certified bound.
    progress : bool, optional
        Draw a bar; None: on a terminal.
    **settings
        Passed to a solver that another distribution registered.

    Returns
    -------
    GameSolution
        ``error_bound`` is proved: the true values lie within it. ``certificate`` is the exact regret of ``profile``, computed by
        ``verify`` when it is first read.

    Raises
    ------
    GameError
        Unknown method, a game that the method does not apply to, or a setting out of range.
    SolverError
        ``max_iterations`` came first and ``throw`` is true.
    """
    if not isinstance(game, StochasticGame):
        raise GameError(f"solve takes a StochasticGame, got {type(game).__name__}; load_game turns a name or a file into one")
    method = _default(game) if method is None else method
    if method not in table("solver"):
        raise UnknownNameError("method", str(method), table("solver"))
    return resolve("solver", method)(game, tol=tol, max_iterations=max_iterations, throw=throw, progress=progress, **settings)


def _default(game: StochasticGame) -> str:
    """Return the method for ``game``, or say that none solves its kind."""
    if game.num_players == 1 or game.zero_sum:
        return DEFAULT
    raise GameError(
        f"solve handles zero-sum games of two players and decision processes of one, this game is general-sum with {game.num_players} "
        "players; judge a profile of it with verify, or learn one"
    )
