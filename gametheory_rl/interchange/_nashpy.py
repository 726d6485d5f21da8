"""Nashpy's games of two players: a pair of matrices, without names."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.interchange._library import library, one_shot


def to_nashpy(game: StochasticGame) -> Any:
    """Return a matrix game of two players as ``nashpy.Game``; names stay behind, as Nashpy has none.

    Parameters
    ----------
    game : StochasticGame
        One state, two players, discount 0.

    Returns
    -------
    nashpy.Game

    Raises
    ------
    GameError
        A game that Nashpy cannot hold, or Nashpy is missing.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> pennies = gt.interchange.to_nashpy(gt.load_game("matching_pennies"))
    >>> [[row.tolist() for row in pair] for pair in pennies.support_enumeration()]
    [[[0.5, 0.5], [0.5, 0.5]]]
    """
    payoffs = one_shot(game, "nashpy")
    if len(payoffs) != 2:
        raise GameError(f"nashpy holds games of two players, this one has {len(payoffs)}; use to_quantecon or to_openspiel")
    return library("nashpy").Game(*payoffs)


def from_nashpy(nash_game: Any, *, labels: Any = None, name: str = "") -> StochasticGame:
    """Return a ``nashpy.Game`` as a matrix game.

    Parameters
    ----------
    nash_game : nashpy.Game
    labels : Labels or mapping, optional
        Names, which Nashpy does not keep.
    name : str

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> import nashpy
    >>> gt.interchange.from_nashpy(nashpy.Game([[3, 0], [5, 1]], [[3, 5], [0, 1]]))
    StochasticGame(2 players, 1 states, 2 x 2 actions, discount 0, general-sum, dense)
    """
    payoffs = getattr(nash_game, "payoff_matrices", None)
    if payoffs is None:
        raise GameError(f"nash_game is {type(nash_game).__name__}, a nashpy.Game was expected")
    return StochasticGame.from_matrix_game(np.stack([np.asarray(A, np.float64) for A in payoffs]), labels=labels, name=name)
