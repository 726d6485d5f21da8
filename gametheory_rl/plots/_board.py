"""The board of a game that is played on a grid: cells, goals, pieces and the ball; what policy_grid and value_grid draw on."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from gametheory_rl._game_checks import checked_index
from gametheory_rl._games import Board, StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._style import GREY, INK, PALE, axes_for, colour, dress_board

RADIUS = 0.2
"""Of a piece, in cells."""
GOAL_WIDTH = 0.3
"""Of a goal that lies outside the board, in cells."""


def board_of(game: StochasticGame) -> Board:
    """Return the game's board, or say that it has none."""
    if not isinstance(game, StochasticGame):
        raise GameError(f"game is {type(game).__name__}, a StochasticGame was expected")
    if game.board is None:
        raise GameError(f"{game!r} has no board; only games on a grid (soccer, grid games) can be drawn as one")
    return game.board


def board_axes(board: Board, ax: Axes | None) -> Axes:
    """Return axes of the board's proportions, with room for goals and the line below."""
    rows, columns = board.shape
    return axes_for(ax, (1.35 * columns + 1.6, 1.35 * rows + 1.5))


def draw_cells(ax: Axes, board: Board, game: StochasticGame, title: str, note: str = "") -> None:
    """Draw the empty board with a ``note`` below; y grows downwards so that row 0 is at the top."""
    rows, columns = board.shape
    dress_board(ax, title)
    for row in range(rows):
        for column in range(columns):
            ax.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor="white", edgecolor=PALE, linewidth=1.4, zorder=1))
    ax.add_patch(Rectangle((-0.5, -0.5), columns, rows, fill=False, edgecolor=INK, linewidth=2, zorder=3))
    for row, column, player in board.goals:
        _draw_goal(ax, columns, row, column, player)
    margin = 0.12 + (GOAL_WIDTH if any(not 0 <= column < columns for _, column, _ in board.goals) else 0)
    ax.set_xlim(-0.5 - margin, columns - 0.5 + margin)
    ax.set_ylim(rows - 0.5 + 0.42, -0.62)
    ax.text((columns - 1) / 2, rows - 0.5 + 0.1, note, ha="center", va="top", fontsize=11, color=GREY)
    _draw_key(ax, board, game)


def _draw_goal(ax: Axes, columns: int, row: int, column: int, player: int) -> None:
    shade = GREY if player < 0 else colour(player)
    if 0 <= column < columns:
        corner, dashes = (column - 0.44, row - 0.44), (0, (2, 1))
        ax.add_patch(Rectangle(corner, 0.88, 0.88, fill=False, edgecolor=shade, linewidth=3, linestyle=dashes, zorder=2))
        return
    left = -0.5 - GOAL_WIDTH if column < 0 else columns - 0.5
    ax.add_patch(Rectangle((left, row - 0.5), GOAL_WIDTH, 1, facecolor=shade, alpha=0.3, edgecolor="none", zorder=2))
    ax.add_patch(Rectangle((left, row - 0.5), GOAL_WIDTH, 1, fill=False, edgecolor=shade, hatch="//", linewidth=1.2, alpha=0.8, zorder=2))


def _draw_key(ax: Axes, board: Board, game: StochasticGame) -> None:
    """Say below the board who scores where, in the colours of the players."""
    owners = sorted({player for _, _, player in board.goals})
    if not owners or owners == [-1]:
        return
    rows, columns = board.shape
    centre = {player: [c for _, c, owner in board.goals if owner == player] for player in owners}
    for player in owners:
        middle = sum(centre[player]) / len(centre[player])
        left = middle < (columns - 1) / 2
        x, align = (-0.5 - GOAL_WIDTH, "left") if left else (columns - 0.5 + GOAL_WIDTH, "right")
        who = "anyone" if player < 0 else game.labels.player(player)
        text = f"{who} scores here" if not 0 <= middle < columns else f"goal of {who}"
        ax.text(x, rows - 0.5 + 0.1, text, ha=align, va="top", fontsize=11.5, color=GREY if player < 0 else colour(player))


def draw_piece(ax: Axes, game: StochasticGame, player: int, place: tuple[int, int], *, ball: bool, radius: float = RADIUS) -> None:
    """Draw a player's piece at ``(row, column)``, with the ball at its shoulder where it has it."""
    row, column = place
    ax.add_patch(Circle((column, row), radius, facecolor=colour(player), edgecolor="white", linewidth=1.5, zorder=6))
    name = piece_name(game, player)
    ax.text(column, row, name, ha="center", va="center", color="white", fontsize=13, fontweight="bold", zorder=7)
    if ball:
        x, y = column + 0.8 * radius, row - 0.8 * radius
        ax.add_patch(Circle((x, y), 0.42 * radius, facecolor="white", edgecolor=INK, linewidth=1.6, zorder=8, gid="ball"))


def piece_name(game: StochasticGame, player: int) -> str:
    """Return what fits on a piece: a name of up to two letters, else the player's number."""
    name = game.labels.player(player)
    return name if len(name) <= 2 else str(player + 1)


def place_of(board: Board, player: int, state: int) -> tuple[int, int] | None:
    """Return ``(row, column)`` of ``player``, None where it is off the board."""
    row, column = (int(c) for c in board.positions[player, state])
    return (row, column) if 0 <= row < board.shape[0] and 0 <= column < board.shape[1] else None


def has_ball(board: Board, player: int, state: int) -> bool:
    """Whether ``player`` holds the ball."""
    return board.holder is not None and int(board.holder[state]) == player


def checked_state(game: StochasticGame, state: int) -> int:
    """Return ``state`` as an index of the game's states."""
    return checked_index(state, game.num_states, "state")


def checked_player(game: StochasticGame, player: int, what: str) -> int:
    """Return ``player`` as an index of the game's players, counted from 0."""
    return checked_index(player, game.num_players, what)
