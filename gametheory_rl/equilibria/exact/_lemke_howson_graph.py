"""All equilibria that paths of Lemke and Howson lead to, from one to the next, in rational arithmetic."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gametheory_rl._support._errors import SolverError
from gametheory_rl.equilibria._bimatrix import COLUMN_PAYOFFS, ROW_PAYOFFS, EquilibriumGraph, require_same_actions
from gametheory_rl.equilibria.exact._judges import regret
from gametheory_rl.equilibria.exact._lemke_howson import strategy, whole_pivots
from gametheory_rl.equilibria.exact._rationals import normalised, payoff_matrix
from gametheory_rl.equilibria.exact._tableau import Tableau

WORK = 10_000_000
"""Entries of the tableaux that may be computed by default: some ten seconds of small integers."""

_Pair = tuple[Tableau, Tableau]


def lemke_howson_graph(A: Any, B: Any, *, max_pivots: int | None = None) -> EquilibriumGraph:
    """Follow the path of every label from the artificial equilibrium, then from every equilibrium reached, exactly.

    Parameters
    ----------
    A, B : (m, n) arrays
        Payoffs of the row and of the column player: integers, Fractions, or floats, which are taken at their word.
    max_pivots : int, optional
        Stop after so many pivots, whole paths only; by default after 10,000,000 / (m n).

    Returns
    -------
    EquilibriumGraph
        ``profiles`` and ``values`` hold Fractions; every regret is 0.

    Raises
    ------
    GameError
        Not two matrices of one shape with at least one action a side, entries that are no finite numbers, ``max_pivots`` below 1.

    Notes
    -----
    L. S. Shapley, "A note on the Lemke-Howson algorithm" (1974): a path can be entered at any equilibrium, and its two ends have
    opposite index. Ties are broken lexicographically, so that degenerate games are followed as a perturbed, nondegenerate
    game is; no path ever loops. Equilibria that no path leads to from the artificial one are missed.

    Examples
    --------
    >>> graph = lemke_howson_graph([[2, 0], [0, 1]], [[1, 0], [0, 2]])
    >>> graph.reached, graph.index.tolist(), graph.edges[0].tolist()
    (3, [-1, 1, 1, -1], [0, 1, 0, 2])
    """
    A, B = payoff_matrix(A, ROW_PAYOFFS), payoff_matrix(B, COLUMN_PAYOFFS)
    require_same_actions(A, B)
    m, n = A.shape
    walk = _Walk(A, B, WORK // A.size + m + n if max_pivots is None else whole_pivots(max_pivots))
    walk.run()
    profiles = tuple((np.array(x, object), np.array(y, object)) for x, y in walk.equilibria)
    values = np.array([[x @ A @ y for x, y in profiles], [x @ B @ y for x, y in profiles]], object).reshape(2, -1)
    worst = np.array([regret(np.stack([A, B]), profile) for profile in profiles], object)
    if any(worst):
        raise SolverError(f"a path ended at a profile of regret {max(worst)}, which is a fault of this package: please report the game")
    edges = np.array(walk.edges, np.int64).reshape(-1, 4)
    return EquilibriumGraph(profiles, values, worst, np.array(walk.nodes), np.array(walk.index), edges, walk.complete)


@dataclass(eq=False)
class _Walk:
    """Breadth first over the graph; nodes are pairs of bases that have every label once."""

    A: np.ndarray
    B: np.ndarray
    pivots_left: int
    equilibria: dict[tuple[Any, Any], int] = field(default_factory=dict)
    nodes: list[int] = field(default_factory=list)
    index: list[int] = field(default_factory=list)
    edges: list[tuple[int, int, int, int]] = field(default_factory=list)
    complete: bool = True
    numbers: dict[frozenset[int], int] = field(default_factory=dict)
    waiting: deque[tuple[int, _Pair]] = field(default_factory=deque)
    known: set[tuple[int, int]] = field(default_factory=set)

    def run(self) -> None:
        """Follow every path from every node, until there is none left or no pivot."""
        m, n = self.A.shape
        rows, columns = range(m), range(m, m + n)
        self._arrive((Tableau(normalised(self.B.T), columns, rows), Tableau(normalised(self.A), rows, columns)), 1)
        while self.waiting:
            node, pair = self.waiting.popleft()
            for label in range(m + n):
                if (node, label) in self.known:
                    continue
                end = (pair[0].copy(), pair[1].copy())
                length = self._follow(end, label)
                if length is None:
                    self.complete = False
                    return
                other = self._arrive(end, self.index[node])
                self.edges.append((node, other, label, length))
                self.known |= {(node, label), (other, label)}

    def _follow(self, pair: _Pair, label: int) -> int | None:
        """Drop ``label`` and pivot until it is back; return the number of pivots, None where too few are left."""
        here, entering, length = int(label not in pair[0].column_labels), label, 0
        while self.pivots_left > 0:
            entering = pair[here].pivot(entering)
            here, length, self.pivots_left = 1 - here, length + 1, self.pivots_left - 1
            if entering == label:
                return length
        return None

    def _arrive(self, pair: _Pair, index_before: int) -> int:
        """Return the number of a node; a new one is put on the list."""
        m, n = self.A.shape
        # The labels that are basic in the first tableau are exactly those that are not in the second.
        key = frozenset(pair[0].row_labels)
        if key in self.numbers:
            return self.numbers[key]
        node = self.numbers[key] = len(self.nodes)
        equilibrium = -1
        if node > 0:
            profile = tuple(strategy(pair[0], range(m))), tuple(strategy(pair[1], range(m, m + n)))
            equilibrium = self.equilibria.setdefault(profile, len(self.equilibria))
        self.nodes.append(equilibrium)
        self.index.append(-index_before)
        self.waiting.append((node, pair))
        return node
