"""The value of a game over one piece's cell, everything else staying where it is."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.patches import Circle, Rectangle

from gametheory_rl._game_checks import checked_values
from gametheory_rl._games import Board, StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._board import board_axes, board_of, checked_player, checked_state, draw_cells, draw_piece, has_ball, place_of
from gametheory_rl.plots._style import INK, colour, house_style


@house_style()
def value_grid(game: StochasticGame, values: Any, *, state: int, player: int = 0, mover: int = 0, ax: Axes | None = None) -> Axes:
    """Draw the value to ``player`` over the cell of ``mover``, the other pieces and the ball as in ``state``.

    Parameters
    ----------
    game : StochasticGame
        With a ``board``.
    values : array_like, shape (n, S)
        For example ``solution.values``.
    state : int
        Where the others stand and who has the ball; the mover's own cell in it is ringed.
    player, mover : int
        Whose value, and whose cell, counted from 0.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        A game without a board, values of another shape, an unknown state or player, a cell that stands for several states.

    Notes
    -----
    The colours are centred at 0: the player's own colour is good for it, the other player's is bad.
    """
    board = board_of(game)
    values = checked_values(values, game.num_players, game.num_states)
    state = checked_state(game, state)
    player, mover = checked_player(game, player, "player"), checked_player(game, mover, "mover")
    cells = _states_by_cell(board, state, mover)
    ax = board_axes(board, ax)
    draw_cells(ax, board, game, _title(game, board, player, mover, state), f"circle: where {game.labels.player(mover)} stands")
    _fill(ax, {cell: float(values[player, found]) for cell, found in cells.items()}, player, game.num_players)
    for each in range(game.num_players):
        place = place_of(board, each, state)
        if place is not None and each != mover:
            draw_piece(ax, game, each, place, ball=has_ball(board, each, state), radius=0.26)
    here = place_of(board, mover, state)
    if here is not None:
        ax.add_patch(Circle((here[1], here[0]), 0.4, fill=False, edgecolor=colour(mover), linewidth=2.6, zorder=6, gid="here"))
    return ax


def _title(game: StochasticGame, board: Board, player: int, mover: int, state: int) -> str:
    who, where = game.labels.player(player), game.labels.player(mover)
    ball = ""
    if board.holder is not None and board.holder[state] >= 0:
        ball = f", {game.labels.player(int(board.holder[state]))} with the ball"
    return f"Value to {who} over {where}'s cell{ball}"


def _states_by_cell(board: Board, state: int, mover: int) -> dict[tuple[int, int], int]:
    """Return cell -> the one state in which the mover stands there and everything else is as in ``state``."""
    same = np.ones(board.positions.shape[1], dtype=bool)
    for other in range(len(board.positions)):
        if other != mover:
            same &= (board.positions[other] == board.positions[other, state]).all(axis=1)
    if board.holder is not None:
        same &= board.holder == board.holder[state]
    cells: dict[tuple[int, int], int] = {}
    for found in np.flatnonzero(same):
        cell = place_of(board, mover, int(found))
        if cell is None:
            continue
        if cell in cells:
            raise GameError(f"states {cells[cell]} and {int(found)} look the same on the board, one state was expected for cell {cell}")
        cells[cell] = int(found)
    return cells


def _fill(ax: Axes, numbers: dict[tuple[int, int], float], player: int, num_players: int) -> None:
    scale = max((abs(number) for number in numbers.values()), default=0.0) or 1.0
    shades = _diverging(colour((player + 1) % max(num_players, 2)), colour(player))
    digits = max(0, min(3, 2 - int(np.floor(np.log10(scale)))))
    for (row, column), number in numbers.items():
        face = shades(0.5 + 0.5 * number / scale)
        ax.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=face, edgecolor="white", linewidth=1.4, zorder=1.5))
        dark = np.dot(face[:3], (0.299, 0.587, 0.114)) < 0.55
        ax.text(column, row, _signed(number, digits), ha="center", va="center", fontsize=12, color="white" if dark else INK, zorder=5)


def _signed(number: float, digits: int) -> str:
    """Return the number with its sign and a true minus; what rounds to zero has none."""
    text = f"{number:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")


def _diverging(low: str, high: str) -> LinearSegmentedColormap:
    return LinearSegmentedColormap.from_list("diverging", [to_rgb(low), (0.97, 0.97, 0.97), to_rgb(high)])
