"""Two players and a ball on squares, moves executed in random order: what all the soccer games share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gametheory_rl._games import Labels
from gametheory_rl.families._arguments import LABELLED_STATES, Cell

ACTIONS = ("N", "S", "E", "W", "stand")
MOVES: tuple[Cell, ...] = ((-1, 0), (1, 0), (0, 1), (0, -1), (0, 0))


class Pitch(NamedTuple):
    """What a move does on an empty board."""

    target: np.ndarray
    """``[squares, actions]`` the square it leads to; the mover's own where it leads off the board."""
    points: np.ndarray
    """``[2, squares, actions]`` A's payoff where player 0 or 1 makes it with the ball and keeps the ball; not 0: the play ends."""


class Pieces(NamedTuple):
    """All placings of the two on different squares, with the ball at either: where A has it first, then by A's square and B's."""

    holder: np.ndarray
    """``[S]`` who has the ball, 0 (A) or 1 (B)"""
    squares: np.ndarray
    """``[2, S]``"""
    number: np.ndarray
    """``[2, squares, squares]`` int32: the state's number by holder, A's square and B's; -1 where they coincide."""


def placings(squares: int) -> Pieces:
    """Return the ``2 * squares * (squares - 1)`` states of the play."""
    distinct = np.broadcast_to(~np.eye(squares, dtype=bool), (2, squares, squares))
    holder, a, b = np.nonzero(distinct)
    number = np.full(distinct.shape, -1, dtype=np.int32)
    number[distinct] = np.arange(len(holder), dtype=np.int32)
    return Pieces(holder, np.stack([a, b]), number)


def targets(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ``Pitch.target`` and the (possibly outside) row and column that each move aims at, ``[squares, 5]`` each."""
    row, column = np.divmod(np.arange(rows * columns)[:, np.newaxis], columns)
    step = np.array(MOVES)
    to_row, to_column = row + step[:, 0], column + step[:, 1]
    inside = (to_row >= 0) & (to_row < rows) & (to_column >= 0) & (to_column < columns)
    return np.where(inside, to_row * columns + to_column, row * columns + column), to_row, to_column


def play(pitch: Pitch, pieces: Pieces, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Execute both moves, player ``first`` before the other.

    Returns
    -------
    after : ndarray, shape (S, 5, 5), int32
        The state reached; meaningless where the play ended.
    points : ndarray, shape (S, 5, 5)
        A's payoff; not 0 where the play ended. The second move is void where the first ended the play.
    """
    mine, theirs = pieces.squares[first][:, np.newaxis], pieces.squares[1 - first][:, np.newaxis]
    actions = np.arange(len(ACTIONS))
    mover, ball, early = _move(pitch, first, mine, theirs, pieces.holder[:, np.newaxis], actions)
    mover, ball, early = (part[:, :, np.newaxis] for part in (mover, ball, early))
    other, ball, late = _move(pitch, 1 - first, theirs[:, :, np.newaxis], mover, ball, actions)
    points = np.where(early != 0, early, late)
    if first == 0:
        return pieces.number[ball, mover, other], points
    return pieces.number[ball, other, mover].transpose(0, 2, 1), points.transpose(0, 2, 1)


def _move(
    pitch: Pitch, player: int, own: np.ndarray, other: np.ndarray, ball: np.ndarray, action: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Execute one move; returns the mover's square, who has the ball, and the points."""
    target = pitch.target[own, action]
    blocked = target == other
    points = np.where((ball == player) & ~blocked, pitch.points[player][own, action], 0.0)
    return np.where(blocked, own, target), np.where(blocked, 1 - player, ball), points


def positions(pieces: Pieces, columns: int) -> np.ndarray:
    """Return ``Board.positions``, ``[2, S, 2]``."""
    return np.stack(np.divmod(pieces.squares, columns), axis=-1)


def labels(pieces: Pieces, columns: int, extra: tuple[str, ...] = ()) -> Labels:
    """Return names such as "A(1,3) B(2,1), A has the ball"; ``extra`` names the states that follow."""
    states: tuple[str, ...] = ()
    if len(pieces.holder) <= LABELLED_STATES:
        a, b = positions(pieces, columns).tolist()
        where = zip(a, b, pieces.holder.tolist(), strict=True)
        states = tuple(f"A({i},{j}) B({k},{m}), {'AB'[ball]} has the ball" for (i, j), (k, m), ball in where) + extra
    return Labels(("A", "B"), states, (ACTIONS, ACTIONS))
