"""The pictures that the section of matrix games can show, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gametheory_rl import StochasticGame, plots
from gametheory_rl.app._figures import png
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


def _polytopes(game: StochasticGame, found: Any, label: int, pivot: int) -> bytes:
    del found
    return png(lambda ax: plots.polytopes(game, label=label, steps=pivot, ax=ax), (9.0, 4.8))


def _plain(name: str, size: tuple[float, float], *arguments: Any) -> Draw:
    """Return the drawing of ``plots`` called ``name``, which asks for nothing but the game and ``arguments``."""
    return lambda game, found, label, pivot: png(lambda ax: getattr(plots, name)(game, *arguments, ax=ax), size)


def _any(rows: int, columns: int) -> bool:
    del rows, columns
    return True


def _both(count: int) -> Callable[[int, int], bool]:
    return lambda rows, columns: rows == columns == count


_SQUARE, _TRIANGLES = (5.6, 5.6), (9.0, 5.2)
_PICTURES: dict[str, tuple[Callable[[int, int], bool], Draw]] = {
    FIRST: (_any, _payoffs),
    "Best-response curves": (_both(2), _plain("best_responses", _SQUARE)),
    "Portrait: replicator": (_both(2), _plain("unit_square", _SQUARE, "replicator")),
    "Portrait: best response": (_both(2), _plain("unit_square", _SQUARE, "best_response")),
    "Simplex: replicator": (_both(3), _plain("simplex", _TRIANGLES, "replicator")),
    "Simplex: best response": (_both(3), _plain("simplex", _TRIANGLES, "best_response")),
    "Payoff polygon": (_any, _plain("payoff_polygon", (6.6, 5.2))),
    "Polytopes and the Lemke-Howson path": (lambda rows, columns: rows <= 3 and columns <= 3, _polytopes),
}
