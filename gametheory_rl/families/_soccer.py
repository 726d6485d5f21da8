"""Littman's soccer on a board of any size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gametheory_rl._games import Board, StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.families._arguments import Cell, cell, integer, real, require_rows, successor_rows
from gametheory_rl.families._ball_game import ACTIONS, MOVES, Pitch, labels, placings, play, positions, targets


def soccer(
    rows: int = 4,
    columns: int = 5,
    goal_rows: Sequence[int] | None = None,
    starts: Sequence[Cell] | None = None,
    discount: float = 0.9,
    draw: float = 0.0,
) -> StochasticGame:
    """Return soccer between A, who scores over the left edge, and B, who scores over the right one.

    Both choose among N, S, E, W and stand; the two moves are executed in random order, either order with probability 1/2.
    A move into the other's square does not happen, and the ball goes to the one who stood still. A move off the board does
    nothing, but for the holder who steps off through the goal he attacks: he scores 1, the other -1, what the other meant to
    do is void, and both return to ``starts``, the ball to either by a fair coin.

    Parameters
    ----------
    rows, columns : int
        Size of the board.
    goal_rows : sequence of int, optional
        The rows at which an edge is a goal, the same at both edges; None: the two middle rows, or the middle one where ``rows`` is odd.
    starts : pair of (row, column), optional
        Kick-off squares of A and B; None: A in the upper goal row and one column away from the right edge, B opposite
        (on 4 x 5: (1, 3) and (2, 1)), at the edges themselves where there are fewer than 4 columns.
    discount : float
        In [0, 1].
    draw : float
        Probability, in [0, 1], that after a step the game is called a draw and kicked off anew; the step's payoff stands.

    Returns
    -------
    StochasticGame
        Zero-sum; ``2 n (n - 1)`` states for ``n`` squares (760 on 4 x 5): those where A has the ball first, then by A's square,
        then by B's, row by row. It starts at the kick-off, the ball to either by a coin.

    Raises
    ------
    GameError
        An argument out of its range, starts on one square, or a board that does not fit in memory.

    Notes
    -----
    Littman, "Markov games as a framework for multi-agent reinforcement learning", ICML 1994, section 5.1. On 4 x 5 the value of the
    kick-off is 0.218484 to the one who has the ball. With the starts exchanged the attackers are past the defenders already, and it is 0.9.
    """
    rows, columns = integer(rows, "rows", 1), integer(columns, "columns", 1)
    discount, draw = real(discount, "discount", 0, 1), real(draw, "draw", 0, 1)
    squares = rows * columns
    require_rows(2 * squares * (squares - 1) * len(ACTIONS) ** 2, 6, f"soccer on {rows} x {columns}")
    goals = _goal_rows(goal_rows, rows)
    kickoff = [row * columns + column for row, column in _starts(starts, goals, rows, columns)]
    pieces, pitch = placings(squares), _pitch(rows, columns, goals)
    resets = pieces.number[:, kickoff[0], kickoff[1]]
    outcomes = [play(pitch, pieces, first) for first in (0, 1)]
    payoff = (outcomes[0][1] + outcomes[1][1]) / 2
    start = np.zeros(len(pieces.holder))
    start[resets] = 0.5
    mouths = tuple((row, -1, 0) for row in goals) + tuple((row, columns, 1) for row in goals)
    return StochasticGame(
        np.stack([payoff, 0.0 - payoff]),
        successor_rows(*_entries(outcomes, resets, draw)),
        discount,
        start,
        labels=labels(pieces, columns),
        name="soccer" if (rows, columns) == (4, 5) else f"soccer {rows}x{columns}",
        board=Board((rows, columns), positions(pieces, columns), pieces.holder, mouths, MOVES),
    )


def _goal_rows(goal_rows: Sequence[int] | None, rows: int) -> tuple[int, ...]:
    if goal_rows is None:
        return tuple(range((rows - 1) // 2, rows // 2 + 1))
    if isinstance(goal_rows, str) or not isinstance(goal_rows, Sequence | np.ndarray) or len(goal_rows) == 0:
        raise GameError(f"goal_rows is {goal_rows!r}, a list of at least one row was expected")
    return tuple(sorted({integer(row, "a goal row", 0, rows - 1) for row in goal_rows}))


def _starts(starts: Sequence[Cell] | None, goals: tuple[int, ...], rows: int, columns: int) -> tuple[Cell, Cell]:
    if starts is None:
        column = columns - 2 if columns >= 4 else columns - 1
        starts = (goals[0], column), (goals[-1], columns - 1 - column)
    if isinstance(starts, str) or not isinstance(starts, Sequence | np.ndarray) or len(starts) != 2:
        raise GameError(f"starts is {starts!r}, the squares (row, column) of A and of B were expected")
    first, second = cell(starts[0], "the start of A", rows, columns), cell(starts[1], "the start of B", rows, columns)
    if first == second:
        raise GameError(f"A and B both start at {first}, two different squares were expected")
    return first, second


def _pitch(rows: int, columns: int, goals: tuple[int, ...]) -> Pitch:
    target, to_row, to_column = targets(rows, columns)
    in_front = np.isin(to_row, goals)
    left, right = in_front & (to_column < 0), in_front & (to_column >= columns)
    return Pitch(target, np.stack([np.where(left, 1.0, 0.0), np.where(right, -1.0, 0.0)]))


def _entries(outcomes: list[tuple[np.ndarray, np.ndarray]], resets: np.ndarray, draw: float) -> tuple[np.ndarray, np.ndarray]:
    """Return successor states ``[S * 25, k]`` and the probability of each of the ``k`` entries."""
    columns = [np.where(points != 0, coin, after) for after, points in outcomes for coin in resets]
    weights = [(1 - draw) / 4] * 4
    if draw > 0:
        columns += [np.broadcast_to(coin, columns[0].shape) for coin in resets]
        weights += [draw / 2] * 2
    return np.stack(columns, axis=-1).reshape(-1, len(columns)), np.array(weights)
