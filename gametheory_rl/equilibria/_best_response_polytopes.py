"""The vertices of a best-response polytope whatever the ties: by floats, by integers in floats, or by rationals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gametheory_rl._support._errors import SolverError
from gametheory_rl.equilibria._kernels import _vertices as kernels
from gametheory_rl.equilibria._kernels._pairs import fully_labelled
from gametheory_rl.equilibria._sizes import most_vertices
from gametheory_rl.equilibria.exact._polytope import vertices

WORD = 64
FIRST_ROOM, LARGER = 1 << 16, 8
"""Vertices, and depths, that there is room for at first, and how much more there is when that was not enough."""
LEVELS = 256
MOST_VERTICES = 4_000_000
"""Vertices of one polytope that are listed at most, and bytes that they may take."""
MOST_BYTES = 1 << 30
LARGEST_WHOLE = 1 << 26
"""Integers up to this are worth a try in floats."""
MOST_EXACT = 50_000
"""Bases that are visited in rationals at most."""


def room(columns: int, labels: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return arrays for ``count`` vertices: points, and bit sets of tight labels; memory is taken as they fill."""
    return np.empty((count, columns)), np.empty((count, (labels + 63) // 64), np.uint64)


def too_many(rows: int, columns: int) -> SolverError:
    """Return what is said of a game whose vertices are too many to be listed."""
    return SolverError(
        f"a best-response polytope ({columns} actions against {rows}) has more vertices than can be listed, up to "
        f"{most_vertices(columns, rows):.2g}: use lemke_howson_all, which finds some equilibria, or pure, which finds all pure ones"
    )


@dataclass(frozen=True, eq=False)
class Polytope:
    """The vertices of one player's polytope."""

    points: np.ndarray
    """``[V, columns]`` not yet divided by their sums"""
    tight: np.ndarray
    """``[V, words]`` uint64: bit sets of the tight labels"""
    degenerate: bool
    """Whether a vertex has more tight labels than dimensions."""
    exact: bool
    """Whether integers or rationals decided about ties."""
    binding: np.ndarray
    """``[rows]`` bool: which constraints are tight at some vertex."""

    @classmethod
    def of(cls, matrix: list[list[int]], variable: int, slack: int) -> Polytope:
        """Return the vertices of {v >= 0, matrix v <= 1}; the labels of variables and constraints start at ``variable`` and ``slack``.

        Constraints that are the same are searched as one. The integers are a player's payoffs, normalised so that the largest is
        at most twice the smallest.
        """
        same: dict[tuple[int, ...], int] = {}
        group = np.array([same.setdefault(tuple(row), len(same)) for row in matrix])
        points, tight, exact = _search(list(same))
        columns = len(matrix[0])
        every = np.empty((len(tight), columns + len(matrix)), np.bool_)
        every[:, variable : variable + columns] = tight[:, :columns]
        every[:, slack : slack + len(matrix)] = tight[:, columns:][:, group]
        degenerate = bool((every.sum(axis=1) > columns).any())
        binding = np.any(tight[:, columns:], axis=0)
        return cls(points, packed(every), degenerate, exact, binding[group])


def packed(tight: np.ndarray) -> np.ndarray:
    """Return rows of booleans as bit sets, uint64 words, lowest bit first."""
    words = (tight.shape[1] + 63) // 64
    padded = np.zeros((len(tight), 64 * words), np.bool_)
    padded[:, : tight.shape[1]] = tight
    octets = np.packbits(padded, axis=1, bitorder="little")
    return octets.view("<u8").astype(np.uint64).reshape(len(tight), words)


def pairs_of(first: Polytope, second: Polytope, labels: int) -> np.ndarray:
    """Return the pairs of vertices (K, 2) that together have all ``labels``."""
    if labels <= WORD and not (first.degenerate or second.degenerate):
        # Each has as many labels as dimensions, so the other's must be exactly those that it lacks.
        lacking = ~first.tight[:, 0] & np.uint64((1 << labels) - 1)
        order = np.argsort(second.tight[:, 0])
        places = np.searchsorted(second.tight[order, 0], lacking)
        partners = order[np.minimum(places, len(order) - 1)]
        fitting = np.flatnonzero(second.tight[partners, 0] == lacking)
        return np.stack([fitting, partners[fitting]], axis=1)
    pairs = np.empty((max(len(first.points), len(second.points)), 2), np.int64)
    while (count := fully_labelled(first.tight, second.tight, labels, pairs)) > len(pairs):
        pairs = np.empty((count, 2), np.int64)
    return pairs[:count]


def unpacked(tight: np.ndarray, labels: int) -> np.ndarray:
    """Return bit sets as rows of ``labels`` booleans."""
    octets = np.ascontiguousarray(tight.astype("<u8")).view(np.uint8)
    return np.unpackbits(octets, axis=1, bitorder="little", count=labels).astype(np.bool_)


def _search(matrix: list[tuple[int, ...]]) -> tuple[np.ndarray, np.ndarray, bool]:
    """Return points, tight labels (V, columns + rows) bool, and whether integers or rationals decided."""
    rows, columns = len(matrix), len(matrix[0])
    unit, largest = min(map(min, matrix)), max(map(max, matrix))
    found = _in_floats(np.array([[a / unit for a in row] for row in matrix]), whole=False)
    if found is not None:
        return *found, False
    found = _in_floats(np.array(matrix, float), whole=True) if largest <= LARGEST_WHOLE else None
    if found is not None:
        points, tight = found
        _, first = np.unique(packed(tight), axis=0, return_index=True)
        return points[first], tight[first], True
    points, bits = vertices(matrix, 0, columns, MOST_EXACT)
    tight = np.array([[t >> label & 1 for label in range(rows + columns)] for t in bits], np.bool_)
    return np.array(points, float), tight, True


def _in_floats(matrix: np.ndarray, *, whole: bool) -> tuple[np.ndarray, np.ndarray] | None:
    """Return points and tight labels by the compiled search, None where it met what it could not decide."""
    rows, columns = matrix.shape
    costs = np.ones(columns) if whole else generic_costs(columns)
    space = _Room(rows, columns)
    while True:
        points, tight = room(columns, rows + columns, space.count)
        count, end = kernels.polytope_vertices(matrix, costs, 0, columns, whole, space.levels, points, tight)
        if end == kernels.DONE:
            return points[:count].copy(), unpacked(tight[:count], rows + columns)
        if not space.larger(end):
            return None


def generic_costs(count: int) -> np.ndarray:
    """Return costs in [1, 2) that no polytope has a reason to know."""
    return 1.0 + np.arange(1, count + 1) * kernels.GOLDEN % 1.0


@dataclass
class _Room:
    """How many vertices, and how deep a tree, a search has room for; grows when a search says that it was not enough."""

    rows: int
    columns: int
    vertices: int = FIRST_ROOM
    levels: int = LEVELS

    @property
    def count(self) -> int:
        """The room for vertices."""
        return min(most_vertices(self.columns, self.rows), self.vertices)

    def larger(self, end: int) -> bool:
        """Make room after a search that ended with ``end``; False where room is not what it lacked.

        Raises
        ------
        SolverError
            There is no more room.
        """
        if end not in (kernels.MANY, kernels.DEEP):
            return False
        if end == kernels.DEEP:
            self.levels *= LARGER
            full = self.levels * (self.rows + 1) * (self.columns + 1) * 8 > MOST_BYTES
        else:
            most = min(MOST_VERTICES, MOST_BYTES // (8 * self.columns))
            full = self.vertices >= most
            self.vertices = min(self.vertices * LARGER, most)
        if full:
            raise too_many(self.rows, self.columns)
        return True
