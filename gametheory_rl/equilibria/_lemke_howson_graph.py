"""All equilibria that paths of Lemke and Howson lead to, from one to the next."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl.equilibria import exact
from gametheory_rl.equilibria._bimatrix import COLUMN_PAYOFFS, ROW_PAYOFFS, EquilibriumGraph, bimatrix
from gametheory_rl.equilibria._checks import require_finite
from gametheory_rl.equilibria._judges import regret


def lemke_howson_graph(A: Any, B: Any, *, max_pivots: int | None = None) -> EquilibriumGraph:
    """Follow the path of every label from the artificial equilibrium, then from every equilibrium that was reached.

    Parameters
    ----------
    A, B : (m, n) arrays
        Payoffs of the row and of the column player.
    max_pivots : int, optional
        Stop after so many pivots, whole paths only, and say so in ``complete``; by default after 10,000,000 / (m n).

    Returns
    -------
    EquilibriumGraph
        Nodes, their equilibria and their index, and the paths between them. `lemke_howson_all` finds the neighbours of node 0.

    Raises
    ------
    GameError
        As `lemke_howson` does; also for more than one game, and ``max_pivots`` below 1.

    Notes
    -----
    Paths are followed in rationals (`exact.lemke_howson_graph`), payoffs taken at their word: nothing is rounded before the
    probabilities are, ties are broken lexicographically, and no path loops. A pivot takes some 50 microseconds at 6 x 6 and
    milliseconds at 20 x 20; a graph of N nodes has N (m + n) / 2 paths. See L. S. Shapley, "A note on the Lemke-Howson
    algorithm" (1974), whose game of three equilibria shows that not all need be reached.

    Examples
    --------
    >>> graph = lemke_howson_graph([[2, 0], [0, 1]], [[1, 0], [0, 2]])
    >>> [x.tolist() for x, _ in graph.profiles], graph.complete
    ([[1.0, 0.0], [0.0, 1.0], [0.6666666666666666, 0.3333333333333333]], True)
    """
    A, B = bimatrix(A, B)
    if A.ndim != 2 or B.ndim != 2:
        raise GameError(f"the payoffs have shapes {A.shape} and {B.shape}, one game (m, n) was expected")
    require_finite(A, ROW_PAYOFFS)
    require_finite(B, COLUMN_PAYOFFS)
    graph = exact.lemke_howson_graph(A, B, max_pivots=max_pivots)
    profiles = tuple((x.astype(float), y.astype(float)) for x, y in graph.profiles)
    worst = np.array([regret(np.stack([A, B]), profile) for profile in profiles])
    return EquilibriumGraph(profiles, graph.values.astype(float), worst, graph.nodes, graph.index, graph.edges, graph.complete)
