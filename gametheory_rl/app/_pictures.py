"""The pictures that the section of matrix games can show, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gametheory_rl import StochasticGame
from gametheory_rl.app._stage import payoff_picture

FIRST = "Payoffs and the first equilibrium"
Draw = Callable[[StochasticGame, Any, int, int], bytes]


def names(rows: int, columns: int) -> list[str]:
    """Return the pictures that a game with so many actions has."""
    return [name for name, (fits, _) in _PICTURES.items() if fits(rows, columns)]


def draw(name: str, game: StochasticGame, found: Any, label: int, pivot: int) -> bytes:
    """Return a picture of the game.

    Parameters
    ----------
    name : str
        One of ``names``.
    game : StochasticGame
        Of two players and one state.
    found : EquilibriumSet
        Its equilibria.
    label, pivot : int
        Of the path of Lemke and Howson: the label that is dropped, and how many pivots are drawn.
    """
    return _PICTURES[name][1](game, found, label, pivot)


def _payoffs(game: StochasticGame, found: Any, label: int, pivot: int) -> bytes:
    del label, pivot
    return payoff_picture(game, found.profiles[0])


_PICTURES: dict[str, tuple[Callable[[int, int], bool], Draw]] = {FIRST: (lambda rows, columns: True, _payoffs)}
