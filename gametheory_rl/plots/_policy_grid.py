"""The board at one state, and what each player does there: its mixed action as arrows."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyArrow

from gametheory_rl._game_checks import checked_profile
from gametheory_rl._games import Board, StochasticGame
from gametheory_rl._results import Profile
from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._board import (
    RADIUS,
    board_axes,
    board_of,
    checked_player,
    checked_state,
    draw_cells,
    draw_piece,
    has_ball,
    place_of,
)
from gametheory_rl.plots._style import colour, house_style

Cell = tuple[int, int]
_LEAST = 0.005
"""Probabilities below this are not drawn."""
_REACH, _REACH_TO_NEIGHBOUR = 0.47, 0.27
"""Length, in cells, of an arrow of probability 1; towards a neighbour's piece it is shorter, so that two arrows do not meet."""


@house_style()
def policy_grid(game: StochasticGame, profile: Profile, state: int, *, player: int | None = None, ax: Axes | None = None) -> Axes:
    """Draw the board at ``state`` with each player's mixed action as arrows.

    An arrow's length and opacity grow with its probability, which stands beside it; a dot at the lower left is standing still.

    Parameters
    ----------
    game : StochasticGame
        With a ``board``.
    profile : tuple of arrays, or array
        A product profile, or a correlated one, of which each player's marginal is drawn.
    state : int
    player : int, optional
        Draw the arrows of this player alone; None: of all.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        A game without a board, a profile that does not fit it, an unknown state or player.
    """
    board = board_of(game)
    if not board.moves:
        raise GameError(f"the board of {game!r} names no moves, so arrows cannot be drawn")
    state = checked_state(game, state)
    players = range(game.num_players) if player is None else [checked_player(game, player, "player")]
    policies = _policies(game, profile)
    ax = board_axes(board, ax)
    draw_cells(ax, board, game, _title(game, board, state), "arrows and dots: the probability of each move")
    places = {place_of(board, each, state) for each in range(game.num_players)}
    for each in range(game.num_players):
        place = place_of(board, each, state)
        if place is None:
            continue
        if each in players:
            _draw_policy(ax, board, each, place, policies[each][state], places)
        draw_piece(ax, game, each, place, ball=has_ball(board, each, state))
    return ax


def _title(game: StochasticGame, board: Board, state: int) -> str:
    named = game.name.replace("_", " ") or "the policy"
    holder = -1 if board.holder is None else int(board.holder[state])
    return f"{named}: {game.labels.player(holder)} has the ball" if holder >= 0 else f"{named}: state {game.labels.state(state)}"


def _policies(game: StochasticGame, profile: Profile) -> tuple[np.ndarray, ...]:
    checked = checked_profile(game, profile)
    if isinstance(checked, tuple):
        return checked
    axes = range(1, game.num_players + 1)
    return tuple(checked.sum(axis=tuple(a for a in axes if a != i + 1)) for i in range(game.num_players))


def _draw_policy(ax: Axes, board: Board, player: int, place: Cell, mixed: np.ndarray, places: set[Cell | None]) -> None:
    chances: dict[Cell, float] = {}
    for move, chance in zip(board.moves, mixed, strict=True):
        chances[move] = chances.get(move, 0.0) + float(chance)
    for move, chance in chances.items():
        if chance < _LEAST:
            continue
        if any(move):
            target = (place[0] + move[0], place[1] + move[1])
            _draw_arrow(ax, player, place, move, chance, _REACH_TO_NEIGHBOUR if target in places else _REACH)
        else:
            _draw_stay(ax, player, place, chance)


def _draw_arrow(ax: Axes, player: int, place: Cell, move: Cell, chance: float, reach: float) -> None:
    row, column = place
    unit = np.array([move[1], move[0]]) / np.hypot(*move)
    start = np.array([column, row]) + (RADIUS + 0.015) * unit
    length = 0.1 + (reach - 0.1) * chance
    look = {"width": 0.045 + 0.035 * chance, "head_width": 0.15, "head_length": 0.1, "length_includes_head": True}
    arrow = FancyArrow(
        *start, *(length * unit), color=colour(player), alpha=0.35 + 0.65 * chance, linewidth=0, zorder=5, **look, clip_on=False
    )
    ax.add_patch(arrow)
    # East's number stands below its arrow, west's above, north's and south's to the right: the dot of standing still is left below.
    side = np.array([abs(unit[1]), unit[0]])
    spot = start + 0.13 * unit + (0.14 if abs(unit[0]) > abs(unit[1]) else 0.19) * side
    _number(ax, player, spot, chance)


def _draw_stay(ax: Axes, player: int, place: Cell, chance: float) -> None:
    row, column = place
    x, y = column - 0.2, row + 0.2
    ax.add_patch(Circle((x, y), 0.03 + 0.04 * chance, color=colour(player), alpha=0.35 + 0.65 * chance, linewidth=0, zorder=7, gid="stay"))
    _number(ax, player, np.array([x - 0.12, y + 0.13]), chance)


def _number(ax: Axes, player: int, spot: np.ndarray, chance: float) -> None:
    text = "1" if chance > 1 - _LEAST else f"{chance:.2f}".lstrip("0")
    ax.text(float(spot[0]), float(spot[1]), text, ha="center", va="center", fontsize=11, color=colour(player), zorder=9)
