"""What the files of other libraries share: loading one on first use, and what a library of matrix games can hold."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError


def library(module: str, package: str = "") -> Any:
    """Return the module, or say how to install the package that has it (by default of the same name)."""
    try:
        return import_module(module)
    except ImportError:
        package = package or module.partition(".")[0]
        raise GameError(f"{package} is not installed, and this needs it: pip install {package}") from None


def checked_game(game: Any) -> StochasticGame:
    """Return ``game``, sure that it is a StochasticGame."""
    if not isinstance(game, StochasticGame):
        raise GameError(f"game is {type(game).__name__}, a StochasticGame was expected (load_game returns one)")
    return game


def one_shot(game: Any, name: str) -> np.ndarray:
    """Return the payoffs ``(n, A_1, ..., A_n)`` of a matrix game; what the library ``name`` cannot hold is refused."""
    game = checked_game(game)
    if game.num_states != 1:
        raise GameError(
            f"{name} holds games of one state, this one has {game.num_states}; pass the stage game at one of them: "
            "StochasticGame.from_matrix_game(game.stage(state, values))"
        )
    if game.discount.any():
        raise GameError(f"{name} holds games played once, this one has discount {game.discount.tolist()}; give it discount 0")
    if not all(mask.all() for mask in game.legal):
        raise GameError(f"{name} knows no illegal actions, and this game has some; leave them out, or use to_xarray or to_networkx")
    return np.array(game.payoff[:, 0])
