"""One moment of a game: the board with its pieces, or a card with the state's name; as axes, and as pixels for environments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from gametheory_rl._game_checks import checked_index
from gametheory_rl._games import Board, StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._board import board_axes, checked_state, draw_cells, draw_piece, has_ball, place_of
from gametheory_rl.plots._style import GREY, INK, PALE, axes_for, colour, dress_board, house_style

PIXELS_PER_INCH = 100
LONGEST = 60
"""Letters of a name that fit on the card."""


@house_style()
def game_state(
    game: StochasticGame, state: int, *, last: Sequence[int] | None = None, step: int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw where a game stands: pieces and ball on the board, or the state's name where it has no board.

    Parameters
    ----------
    game : StochasticGame
    state : int
    last : sequence of int, optional
        The joint action that led here, written below.
    step : int, optional
        How many steps were taken, for the title.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        An unknown state or action.
    """
    if not isinstance(game, StochasticGame):
        raise GameError(f"game is {type(game).__name__}, a StochasticGame was expected")
    state = checked_state(game, state)
    after = "" if step is None else f" after {step} step{'s' if step != 1 else ''}"
    title = f"{game.name.replace('_', ' ') or 'game'}{after}{', the end' if game.terminal[state] else ''}"
    if game.board is not None:
        return _on_board(game, game.board, state, title, _moves(game, last), ax)
    return _on_card(game, state, title, _moves(game, last), ax)


@house_style()
def game_image(game: StochasticGame, state: int, *, last: Sequence[int] | None = None, step: int | None = None) -> np.ndarray:
    """Return what ``game_state`` draws as pixels, without a window and without pyplot.

    Parameters
    ----------
    game, state, last, step
        As of ``game_state``.

    Returns
    -------
    ndarray, shape (height, width, 3)
        uint8, red, green and blue; of one size for all states of a game.
    """
    canvas = canvas_for(game)
    game_state(game, state, last=last, step=step, ax=canvas.figure.axes[0])
    return pixels(canvas)


def canvas_for(game: StochasticGame) -> FigureCanvasAgg:
    """Return a canvas with axes of a size for moments of ``game``."""
    rows, columns = (2.0, 4.0) if game.board is None else game.board.shape
    figure = Figure(figsize=(max(5.5, 1.35 * columns + 1.6), 1.35 * rows + 1.5), dpi=PIXELS_PER_INCH, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    figure.subplots()
    return canvas


def pixels(canvas: FigureCanvasAgg) -> np.ndarray:
    """Return what is drawn, ``(height, width, 3)`` uint8."""
    canvas.draw()
    return np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3])


def _moves(game: StochasticGame, last: Sequence[int] | None) -> list[tuple[int, str]]:
    """Return each player's last action in words, where there is one."""
    if last is None:
        return []
    if len(last) != game.num_players:
        raise GameError(f"last has {len(last)} actions, {game.num_players} were expected")
    actions = [checked_index(a, game.num_actions[i], f"the last action of {game.labels.player(i)}") for i, a in enumerate(last)]
    return [(i, f"{game.labels.player(i)} played {game.labels.action(i, a)}") for i, a in enumerate(actions)]


def _on_board(game: StochasticGame, board: Board, state: int, title: str, moves: list[tuple[int, str]], ax: Axes | None) -> Axes:
    ax = board_axes(board, ax)
    draw_cells(ax, board, game, title)
    cells: dict[tuple[int, int], list[int]] = {}
    for player in range(game.num_players):
        place = place_of(board, player, state)
        if place is not None:
            cells.setdefault(place, []).append(player)
    for (row, column), there in cells.items():
        # Pieces that share a cell stand side by side.
        for k, player in enumerate(there):
            spot: Any = (row, column + 0.44 * (k - (len(there) - 1) / 2))
            draw_piece(ax, game, player, spot, ball=has_ball(board, player, state))
    _write_moves(ax, moves, (board.shape[1] - 1) / 2, board.shape[0] - 0.5 + 0.3)
    # Always as much room, whether or not someone has moved.
    ax.set_ylim(board.shape[0] - 0.5 + 0.62, ax.get_ylim()[1])
    return ax


def _on_card(game: StochasticGame, state: int, title: str, moves: list[tuple[int, str]], ax: Axes | None) -> Axes:
    ax = axes_for(ax, (5.5, 3.5))
    dress_board(ax, title)
    shade = PALE if game.terminal[state] else "white"
    ax.add_patch(FancyBboxPatch((-1, -0.35), 2, 0.7, boxstyle="round,pad=0.05", facecolor=shade, edgecolor=INK, linewidth=2))
    name = game.labels.state(state)
    name = name if len(name) <= LONGEST else f"{name[:LONGEST]}..."
    said = f"state {name}" if not game.labels.states else name
    ax.text(0, 0.06, said, ha="center", va="center", fontsize=float(np.clip(400 / len(said), 8, 20)))
    ax.text(0, -0.22, f"{state + 1} of {game.num_states} states", ha="center", va="center", fontsize=11, color=GREY)
    _write_moves(ax, moves, 0.0, -0.62)
    ax.set_xlim(-1.15, 1.15)
    ax.set_ylim(-0.85, 0.5)
    return ax


def _write_moves(ax: Axes, moves: list[tuple[int, str]], middle: float, y: float) -> None:
    """Write the moves in the players' colours, side by side below the drawing; of many players only as many as fit."""
    shown = moves[:4]
    left, right = ax.get_xlim() if ax.get_xlim() != (0.0, 1.0) else (-1.15, 1.15)
    width = (right - left) / max(1, len(shown))
    for k, (player, text) in enumerate(shown):
        x = middle + (k - (len(shown) - 1) / 2) * width
        ax.text(x, y, text, ha="center", va="top", fontsize=11.5, color=colour(player))
    if len(moves) > len(shown):
        ax.text(right, y, "...", ha="right", va="top", fontsize=11.5, color=GREY)
