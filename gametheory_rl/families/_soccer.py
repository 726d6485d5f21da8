"""Littman's soccer on a board of any size."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gametheory_rl._games import Board, Labels, StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.families._arguments import LABELLED_STATES, Cell, cell, integer, real, require_rows, successor_rows

ACTIONS = ("N", "S", "E", "W", "stand")
MOVES: tuple[Cell, ...] = ((-1, 0), (1, 0), (0, 1), (0, -1), (0, 0))


def soccer(
    rows: int = 4,
    columns: int = 5,
    goal_rows: tuple[int, ...] | None = None,
    starts: tuple[Cell, Cell] | None = None,
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
        Probability, in [0, 1], that after a step the game is called a draw and kicked off anew; its payoff stands.

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
    squares = rows * columns
    require_rows(2 * squares * max(squares - 1, 0) * len(ACTIONS) ** 2, 6, f"soccer on {rows} x {columns}")
    goals = _goal_rows(goal_rows, rows)
    kickoff = _starts(starts, goals, rows, columns)
    discount, draw = real(discount, "discount", 0, 1), real(draw, "draw", 0, 1)
    pitch = _pitch(rows, columns, goals)
    holder, a, b, number = _enumerate(squares)
    resets = number[:, kickoff[0][0] * columns + kickoff[0][1], kickoff[1][0] * columns + kickoff[1][1]]
    orders = [_play(pitch, number, holder, a, b, a_first=first) for first in (True, False)]
    payoff = sum(goal for _, goal in orders) / 2
    successors = successor_rows(*_entries([after for after, _ in orders], [goal for _, goal in orders], resets, draw))
    start = np.zeros(len(holder))
    start[resets] = 0.5
    board = _board(rows, columns, goals, holder, a, b)
    name = "soccer" if (rows, columns) == (4, 5) else f"soccer {rows}x{columns}"
    return StochasticGame(np.stack([payoff, -payoff]), successors, discount, start, labels=_labels(board), name=name, board=board)


class _Pitch(NamedTuple):
    target: np.ndarray
    """``[squares, actions]`` the square a move leads to, the mover's own where it leads off the board."""
    scores: np.ndarray
    """``[2, squares, actions]`` whether the holder who makes this move scores."""


def _goal_rows(goal_rows: tuple[int, ...] | None, rows: int) -> tuple[int, ...]:
    if goal_rows is None:
        return tuple(range((rows - 1) // 2, rows // 2 + 1))
    goals = tuple(sorted({integer(row, "a goal row", 0, rows - 1) for row in goal_rows}))
    if not goals:
        raise GameError("goal_rows is empty, at least one row was expected")
    return goals


def _starts(starts: tuple[Cell, Cell] | None, goals: tuple[int, ...], rows: int, columns: int) -> tuple[Cell, Cell]:
    if starts is None:
        column = columns - 2 if columns >= 4 else columns - 1
        starts = (goals[0], column), (goals[-1], columns - 1 - column)
    if len(starts) != 2:
        raise GameError(f"starts is {starts!r}, the squares of A and of B were expected")
    first, second = cell(starts[0], "the start of A", rows, columns), cell(starts[1], "the start of B", rows, columns)
    if first == second:
        raise GameError(f"A and B both start at {first}, two different squares were expected")
    return first, second


def _pitch(rows: int, columns: int, goals: tuple[int, ...]) -> _Pitch:
    row, column = np.divmod(np.arange(rows * columns)[:, np.newaxis], columns)
    step = np.array(MOVES)
    to_row, to_column = row + step[:, 0], column + step[:, 1]
    inside = (to_row >= 0) & (to_row < rows) & (to_column >= 0) & (to_column < columns)
    target = np.where(inside, to_row * columns + to_column, row * columns + column)
    in_front = np.isin(row, goals)
    return _Pitch(target, np.stack([in_front & (to_column < 0), in_front & (to_column >= columns)]))


def _enumerate(squares: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return ``holder``, ``a``, ``b`` of each state, ``[S]``, and the number of each, ``[2, squares, squares]`` (-1: none)."""
    distinct = np.broadcast_to(~np.eye(squares, dtype=bool), (2, squares, squares))
    holder, a, b = np.nonzero(distinct)
    number = np.full(distinct.shape, -1, dtype=np.int32)
    number[distinct] = np.arange(len(holder), dtype=np.int32)
    return holder, a, b, number


def _play(
    pitch: _Pitch, number: np.ndarray, holder: np.ndarray, a: np.ndarray, b: np.ndarray, *, a_first: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Execute both moves in one order; returns the state after them and A's payoff, ``[S, 5, 5]`` each.

    Where a goal fell the state is meaningless: the caller kicks off.
    """
    first = 0 if a_first else 1
    mine, theirs = (a, b) if a_first else (b, a)
    actions = np.arange(len(ACTIONS))
    mover, ball, goal_first = _move(pitch, first, mine[:, np.newaxis], theirs[:, np.newaxis], holder[:, np.newaxis], actions)
    mover, ball = mover[:, :, np.newaxis], ball[:, :, np.newaxis]
    other, ball, goal_second = _move(pitch, 1 - first, theirs[:, np.newaxis, np.newaxis], mover, ball, actions)
    signs = (1, -1) if a_first else (-1, 1)
    payoff = np.where(goal_first[:, :, np.newaxis], signs[0], np.where(goal_second, signs[1], 0))
    after = number[ball, mover, other] if a_first else number[ball, other, mover].transpose(0, 2, 1)
    return after, payoff if a_first else payoff.transpose(0, 2, 1)


def _move(
    pitch: _Pitch, player: int, own: np.ndarray, other: np.ndarray, ball: np.ndarray, action: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Execute one move; returns the mover's square, who has the ball, and whether a goal fell."""
    target = pitch.target[own, action]
    blocked = target == other
    goal = pitch.scores[player][own, action] & (ball == player)
    return np.where(blocked, own, target), np.where(blocked, 1 - player, ball), goal


def _entries(after: list[np.ndarray], goal: list[np.ndarray], resets: np.ndarray, draw: float) -> tuple[np.ndarray, np.ndarray]:
    """Return successor states ``[S * 25, k]`` and the probability of each of the ``k`` entries."""
    columns = [np.where(points != 0, coin, state) for state, points in zip(after, goal, strict=True) for coin in resets]
    weights = [(1 - draw) / 4] * 4
    if draw > 0:
        columns += [np.broadcast_to(coin, after[0].shape) for coin in resets]
        weights += [draw / 2] * 2
    return np.stack(columns, axis=-1).reshape(-1, len(columns)), np.array(weights)


def _board(rows: int, columns: int, goals: tuple[int, ...], holder: np.ndarray, a: np.ndarray, b: np.ndarray) -> Board:
    positions = np.stack([np.stack(np.divmod(squares, columns), axis=-1) for squares in (a, b)])
    mouths = tuple((row, -1, 0) for row in goals) + tuple((row, columns, 1) for row in goals)
    return Board((rows, columns), positions, holder, mouths, MOVES)


def _labels(board: Board) -> Labels:
    states: tuple[str, ...] = ()
    if board.holder is not None and len(board.holder) <= LABELLED_STATES:
        pieces = zip(board.positions[0].tolist(), board.positions[1].tolist(), board.holder.tolist(), strict=True)
        states = tuple(f"A({a[0]},{a[1]}) B({b[0]},{b[1]}), {'AB'[ball]} has the ball" for a, b, ball in pieces)
    return Labels(("A", "B"), states, (ACTIONS, ACTIONS))
