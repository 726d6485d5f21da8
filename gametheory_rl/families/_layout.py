"""A grid drawn in text: squares, walls, hindered edges, starts and goals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl.families._arguments import Cell

ACTIONS = ("L", "R", "U", "D")
MOVES: tuple[Cell, ...] = ((0, -1), (0, 1), (-1, 0), (1, 0))
HINDERS = {"<": (0,), ">": (1,), "^": (2,), "v": (3,), "~": (0, 1, 2, 3)}
"""The mark of an edge -> the moves that it hinders."""
SHARED = -1
"""A goal that is every player's."""
MOST_PLAYERS = 9


@dataclass(frozen=True, eq=False)
class Layout:
    """The squares of a drawing, numbered row by row from the top."""

    shape: tuple[int, int]
    cells: np.ndarray
    """``[C, 2]`` (row, column)"""
    target: np.ndarray
    """``[C, 4]`` the square that a move leads to, -1 where it is illegal"""
    hindered: np.ndarray
    """``[C, 4]`` bool: the move succeeds only with the pass probability"""
    starts: tuple[int, ...]
    """``[n]`` the square of each player"""
    goals: tuple[tuple[int, int], ...]
    """(square, player or ``SHARED``)"""

    def is_goal(self, num_players: int) -> np.ndarray:
        """Return ``[n, C]`` bool: the square is a goal of the player."""
        table = np.zeros((num_players, len(self.cells)), dtype=bool)
        for square, player in self.goals:
            table[slice(None) if player == SHARED else player, square] = True
        return table


def parse_layout(text: str) -> Layout:
    """Read a drawing; ``grid_game`` describes its marks.

    Raises
    ------
    GameError
        Unknown marks, starts that are missing or double, goals of nobody, a player without a goal, a square that cannot be left.
    """
    if not isinstance(text, str):
        raise GameError(f"layout is {text!r}, a drawing in text was expected")
    lines = [line.rstrip() for line in text.strip("\n").rstrip().split("\n")]
    width = max(len(line) for line in lines)
    marks = np.array([list(line.ljust(width)) for line in lines]) if width else np.full((1, 1), " ")
    squares = marks[::2, ::2]
    _check_marks(marks)
    number = np.full(squares.shape, -1)
    inside = squares != "#"
    number[inside] = np.arange(inside.sum())
    starts = _starts(squares, number)
    goals = _goals(squares, number, len(starts))
    target, hindered = _edges(marks, number)
    cells = np.argwhere(inside)
    stuck = np.flatnonzero((target < 0).all(axis=1))
    if stuck.size:
        raise GameError(f"no move leads out of the square {tuple(cells[stuck[0]].tolist())} of the layout, at least one is needed")
    return Layout((squares.shape[0], squares.shape[1]), cells, target, hindered, starts, goals)


def _check_marks(marks: np.ndarray) -> None:
    for (line, column), mark in np.ndenumerate(marks):
        if line % 2 == 0 and column % 2 == 0:
            known, what = ".#*123456789abcdefghi", "a square"
        elif line % 2 == column % 2:
            known, what = " ", "a corner"
        else:
            known, what = " #~" + ("^v" if line % 2 else "<>"), "an edge"
        if mark not in known:
            place = f"line {line + 1}, column {column + 1} of the layout"
            raise GameError(f"{place} is {str(mark)!r}, but {what} stands there, for which one of {known!r} was expected")


def _starts(squares: np.ndarray, number: np.ndarray) -> tuple[int, ...]:
    found = {player: number[squares == str(player + 1)] for player in range(MOST_PLAYERS)}
    num_players = max((player + 1 for player, where in found.items() if where.size), default=0)
    for player in range(max(num_players, 1)):
        if found[player].size != 1:
            raise GameError(f"the layout has {found[player].size} starts {player + 1}, one for each player was expected")
    return tuple(int(found[player][0]) for player in range(num_players))


def _goals(squares: np.ndarray, number: np.ndarray, num_players: int) -> tuple[tuple[int, int], ...]:
    owner = {"*": SHARED} | {chr(ord("a") + player): player for player in range(MOST_PLAYERS)}
    goals = tuple((int(number[at]), owner[str(mark)]) for at, mark in np.ndenumerate(squares) if mark in owner)
    for _, player in goals:
        if player >= num_players:
            raise GameError(f"the layout has a goal of player {player + 1} but {num_players} starts")
    for player in range(num_players):
        if not any(who in (player, SHARED) for _, who in goals):
            raise GameError(f"the layout has no goal of player {player + 1}: '{chr(ord('a') + player)}' or '*' was expected")
    return goals


def _edges(marks: np.ndarray, number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return ``target`` and ``hindered``, ``[C, 4]`` each."""
    target, hindered = np.full((number.max() + 1, 4), -1), np.zeros((number.max() + 1, 4), dtype=bool)
    for (row, column), square in np.ndenumerate(number):
        for action, (down, right) in enumerate(MOVES):
            to_row, to_column = row + down, column + right
            outside = not (0 <= to_row < number.shape[0] and 0 <= to_column < number.shape[1])
            if square < 0 or outside or number[to_row, to_column] < 0:
                continue
            mark = str(marks[row + to_row, column + to_column])
            if mark != "#":
                target[square, action] = number[to_row, to_column]
                hindered[square, action] = action in HINDERS.get(mark, ())
    return target, hindered
