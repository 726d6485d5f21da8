"""Best-response polytopes with their labels, and the path of Lemke and Howson over their vertices, in rational arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError, SolverError
from gametheory_rl.equilibria._bimatrix import COLUMN_PAYOFFS, ROW_PAYOFFS, require_same_actions, whole_label
from gametheory_rl.equilibria.exact._polytope import vertices
from gametheory_rl.equilibria.exact._rationals import normalised, payoff_matrix
from gametheory_rl.equilibria.exact._tableau import Tableau

MOST_BASES = 20_000
MOST_PIVOTS = 100_000


@dataclass(frozen=True, eq=False)
class BestResponsePolytope:
    """One player's polytope: its mixed actions, each divided by what it leaves the other to earn, and the origin."""

    points: np.ndarray
    """``[V, dimensions]`` Fractions in [0, 1]: the vertices, the origin first; divided by its sum each other one is a mixed action."""
    labels: tuple[frozenset[int], ...]
    """``[V]`` the labels of each vertex: own actions that it does not play, and the other's best responses to it."""


@dataclass(frozen=True, eq=False)
class LemkeHowsonPath:
    """The vertices that the method of Lemke and Howson visits, from the origins to an equilibrium."""

    points: tuple[np.ndarray, np.ndarray]
    """``[K + 1, m]`` and ``[K + 1, n]`` Fractions: where it stands in the row and in the column player's polytope."""
    moved: np.ndarray
    """``[K]`` int: in whose polytope each pivot moved, 0 or 1."""
    dropped: np.ndarray
    """``[K]`` int: the label that each pivot left."""
    found: np.ndarray
    """``[K]`` int: the label that it met: the next to be dropped, in the other polytope, and at last the one dropped first."""

    @property
    def profile(self) -> tuple[np.ndarray, np.ndarray]:
        """The equilibrium at the end, ``[m]`` and ``[n]`` Fractions."""
        x, y = (path[-1] / path[-1].sum() for path in self.points)
        return x, y


def best_response_polytopes(A: Any, B: Any) -> tuple[BestResponsePolytope, BestResponsePolytope]:
    """Return the vertices of both players' best-response polytopes, with their labels.

    {x >= 0, B'x <= 1} for the row player and {y >= 0, Ay <= 1} for the column player, payoffs mapped to [1, 2] player by player,
    constant ones to 1. A pair of vertices other than the origins that has all labels is an equilibrium (B. von Stengel 2002).

    Parameters
    ----------
    A, B : (m, n) arrays
        Payoffs of the row and of the column player: integers, Fractions, or floats, which are taken at their word.

    Returns
    -------
    pair of BestResponsePolytope
        Labels 0 .. m-1 are the row player's actions, m .. m+n-1 the column player's.

    Raises
    ------
    GameError
        Not two matrices of one shape with at least one action a side, entries that are no finite numbers.
    SolverError
        A polytope has more than 20,000 bases.

    Examples
    --------
    >>> row, column = best_response_polytopes([[1, 0], [0, 1]], [[1, 0], [0, 1]])
    >>> [([str(a) for a in point], sorted(labels)) for point, labels in zip(row.points, row.labels)][:2]
    [(['0', '0'], [0, 1]), (['1/2', '0'], [1, 2])]
    """
    A, B = _checked(A, B)
    m = len(A)
    return _polytope(normalised(B.T), 0, m), _polytope(normalised(A), m, 0)


def lemke_howson_path(A: Any, B: Any, label: int = 0) -> LemkeHowsonPath:
    """Return every vertex on the path of Lemke and Howson that drops ``label``, in the coordinates of ``best_response_polytopes``.

    Parameters
    ----------
    A, B : (m, n) arrays
        Payoffs of the row and of the column player: integers, Fractions, or floats, which are taken at their word.
    label : int
        The action whose label is dropped first: 0 .. m-1 the row player's, m .. m+n-1 the column player's.

    Returns
    -------
    LemkeHowsonPath
        In a degenerate game a pivot can stay at its vertex.

    Raises
    ------
    GameError
        As `lemke_howson` does.
    SolverError
        The path is longer than 100,000 pivots.

    Notes
    -----
    The pivots are those of `lemke_howson`, ties broken lexicographically (B. von Stengel 2002).

    Examples
    --------
    >>> path = lemke_howson_path([[3, 3], [2, 5], [0, 6]], [[3, 2], [2, 6], [3, 1]], label=1)
    >>> path.moved.tolist(), path.dropped.tolist(), path.found.tolist()
    ([0, 1, 0, 1], [1, 4, 2, 3], [4, 2, 3, 1])
    """
    A, B = _checked(A, B)
    m, n = A.shape
    first = whole_label(label, m + n)
    if first.ndim:
        raise GameError(f"the label has shape {first.shape}, one whole number was expected")
    numbers, own = (normalised(B.T), normalised(A)), (range(m), range(m, m + n))
    tableaux = Tableau(numbers[0], own[1], own[0]), Tableau(numbers[1], own[0], own[1])
    scales = [min(map(min, matrix)) for matrix in numbers]
    points: tuple[list[list[Fraction]], ...] = ([[Fraction(0)] * m], [[Fraction(0)] * n])
    here, entering = int(first >= m), int(first)
    moved, dropped, found = list[int](), list[int](), list[int]()
    while not found or found[-1] != int(first):
        if len(found) == MOST_PIVOTS:
            raise SolverError(f"the path of label {int(first)} is longer than {MOST_PIVOTS:,} pivots: try another label")
        moved.append(here)
        dropped.append(entering)
        entering = tableaux[here].pivot(entering)
        found.append(entering)
        basic = tableaux[here].basic()
        points[here].append([basic.get(each, Fraction(0)) * scales[here] for each in own[here]])
        points[1 - here].append(points[1 - here][-1])
        here = 1 - here
    x, y = (np.array(path, object) for path in points)
    return LemkeHowsonPath((x, y), np.array(moved), np.array(dropped), np.array(found))


def _checked(A: Any, B: Any) -> tuple[np.ndarray, np.ndarray]:
    A, B = payoff_matrix(A, ROW_PAYOFFS), payoff_matrix(B, COLUMN_PAYOFFS)
    require_same_actions(A, B)
    return A, B


def _polytope(matrix: list[list[int]], variable: int, slack: int) -> BestResponsePolytope:
    """Return {v >= 0, matrix v <= 1} scaled to a smallest entry of 1; labels of variables and constraints start where they say."""
    columns, scale = len(matrix[0]), min(map(min, matrix))
    points, bits = vertices(matrix, variable, slack, MOST_BASES)
    count = columns + len(matrix)
    labels = [frozenset(label for label in range(count) if tight >> label & 1) for tight in bits]
    order = sorted(range(len(points)), key=lambda k: [-a for a in points[k]])
    origin = [Fraction(0)] * columns
    every = [origin, *([a * scale for a in points[k]] for k in order)]
    return BestResponsePolytope(np.array(every, object), (frozenset(range(variable, variable + columns)), *(labels[k] for k in order)))
