"""Roads of the traffic junctions: which cells each route passes."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

Corners = tuple[tuple[int, int], ...]

SIZES = {"easy": 7, "medium": 14, "hard": 18}

EASY: tuple[Corners, ...] = (
    ((0, 3), (6, 3)),
    ((0, 3), (3, 3), (3, 6)),
    ((3, 0), (3, 6)),
    ((3, 0), (3, 3), (6, 3)),
)
"""Two one-way roads, southward and eastward; at their crossing one may turn into the other."""

MEDIUM_ARM: tuple[Corners, ...] = (
    ((0, 6), (13, 6)),
    ((0, 6), (6, 6), (6, 0)),
    ((0, 6), (7, 6), (7, 13)),
)
"""From the north of one crossing of two-way roads, keeping to the right: straight on, right, left."""

HARD_ARM: tuple[Corners, ...] = (
    ((5, 0), (5, 5), (0, 5)),
    ((5, 0), (5, 13), (0, 13)),
    ((5, 0), (5, 17)),
    ((5, 0), (5, 4), (13, 4), (13, 17)),
    ((5, 0), (5, 12), (17, 12)),
    ((5, 0), (5, 4), (17, 4)),
    ((5, 0), (5, 4), (12, 4), (12, 0)),
    ((0, 4), (4, 4), (4, 0)),
    ((0, 4), (12, 4), (12, 0)),
    ((0, 4), (17, 4)),
    ((0, 4), (5, 4), (5, 12), (17, 12)),
    ((0, 4), (13, 4), (13, 17)),
    ((0, 4), (5, 4), (5, 17)),
    ((0, 4), (5, 4), (5, 13), (0, 13)),
)
"""From the two entrances next to the north-western one of four crossings, seven routes each."""


class Roads(NamedTuple):
    """A map, in numpy; cells are numbered along the rows, roads only."""

    size: int
    cells: np.ndarray
    """``[cells, 2]``: row, column."""
    routes: np.ndarray
    """``[routes, longest]``: cells in the order they are passed; the last one again behind the end."""
    lengths: np.ndarray
    """``[routes]``"""
    entrances: np.ndarray
    """``[entrances, routes of each]``: which routes begin there."""


@cache
def roads(difficulty: str) -> Roads:
    """Return the map of ``difficulty``, one of ``SIZES``."""
    size = SIZES[difficulty]
    arms = {"easy": [EASY], "medium": _turned(MEDIUM_ARM, size), "hard": _turned(HARD_ARM, size)}[difficulty]
    paths = [_cells_between(corners) for arm in arms for corners in arm]
    cells = sorted({cell for path in paths for cell in path})
    number = {cell: i for i, cell in enumerate(cells)}
    longest = max(map(len, paths))
    routes = np.array([[number[cell] for cell in path] + [number[path[-1]]] * (longest - len(path)) for path in paths])
    starts = dict.fromkeys(path[0] for path in paths)
    entrances = np.array([[r for r, path in enumerate(paths) if path[0] == start] for start in starts])
    return Roads(size, np.array(cells), routes, np.array([len(path) for path in paths]), entrances)


def _turned(arm: tuple[Corners, ...], size: int) -> list[list[Corners]]:
    """Return the arm, and the arm after one, two and three quarter turns of the map."""
    found: list[list[Corners]] = [list(arm)]
    for _ in range(3):
        found.append([tuple((column, size - 1 - row) for row, column in corners) for corners in found[-1]])
    return found


def _cells_between(corners: Corners) -> list[tuple[int, int]]:
    """Return all cells from the first corner to the last, each corner once."""
    path = [corners[0]]
    for (row, column), (next_row, next_column) in pairwise(corners):
        steps = abs(next_row - row) + abs(next_column - column)
        down, right = np.sign(next_row - row), np.sign(next_column - column)
        path += [(row + int(down) * k, column + int(right) * k) for k in range(1, steps + 1)]
    return path
