"""Games of two players, each with payoffs of its own: what solvers return, and how a pair of matrices is checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError
from gametheory_rl.equilibria._checks import payoff_matrices

ROW_PAYOFFS = "the row player's payoff matrix"
COLUMN_PAYOFFS = "the column player's payoff matrix"


@dataclass(frozen=True, eq=False)
class BimatrixSolution:
    """One equilibrium of a bimatrix game, or of each game of a batch, found along a path of pivots."""

    profile: tuple[np.ndarray, np.ndarray]
    """``[..., m]`` and ``[..., n]`` mixed actions."""
    values: np.ndarray
    """``[2, ...]`` what the profile pays to each player."""
    regret: np.ndarray
    """``[...]`` the most that one player gains by a deviation, in payoff units."""
    path_length: np.ndarray
    """``[...]`` int: pivots made."""
    exact: np.ndarray
    """``[...]`` bool: settled in rationals."""
    status: Status
    label: np.ndarray | None = None
    """``[...]`` int: the label dropped first; None where that is not known."""


@dataclass(frozen=True, eq=False)
class LabelledEquilibria:
    """The distinct equilibria of one bimatrix game that a method reaches from its labels."""

    profiles: tuple[tuple[np.ndarray, np.ndarray], ...]
    """K pairs ``[m]``, ``[n]``, in the order of the first label that leads to each."""
    values: np.ndarray
    """``[2, K]``"""
    regret: np.ndarray
    """``[K]`` in payoff units"""
    labels: tuple[tuple[int, ...], ...]
    """For each equilibrium, the labels that lead to it."""
    path_length: np.ndarray
    """``[m + n]`` int: pivots made from each label."""
    exact: np.ndarray
    """``[K]`` bool: settled in rationals."""


@dataclass(frozen=True, eq=False)
class EquilibriumGraph:
    """The equilibria of one bimatrix game that paths of Lemke and Howson lead to, from the artificial equilibrium on.

    Every node has one path for each label, and every path joins two nodes of opposite index (L. S. Shapley 1974).
    """

    profiles: tuple[tuple[np.ndarray, np.ndarray], ...]
    """K pairs ``[m]``, ``[n]``: the distinct equilibria, in the order in which they were reached."""
    values: np.ndarray
    """``[2, K]``"""
    regret: np.ndarray
    """``[K]`` in payoff units"""
    nodes: np.ndarray
    """``[N]`` int: which equilibrium each node is; -1 for node 0, the artificial one. In a degenerate game several nodes, which
    are different equilibria of the game whose ties are broken, can be one equilibrium."""
    index: np.ndarray
    """``[N]`` int: -1 for the artificial node and for those that an even number of paths away from it lead to, +1 for the others."""
    edges: np.ndarray
    """``[E, 4]`` int: a node, the node at the other end of the path, the label dropped, the number of pivots."""
    complete: bool
    """Whether every path from every node was followed; otherwise ``max_pivots`` were used up."""

    @property
    def reached(self) -> int:
        """How many distinct equilibria were reached."""
        return len(self.profiles)


def require_same_actions(A: np.ndarray, B: np.ndarray) -> None:
    """Refuse matrices of different games."""
    if A.shape[-2:] != B.shape[-2:]:
        raise GameError(f"{COLUMN_PAYOFFS} has shape {B.shape} but the row player's {A.shape}: the last two axes, (m, n), must agree")


def bimatrix(A: Any, B: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return both matrices as float64 ``(..., m, n)`` of one number of actions; that they are finite is checked later."""
    A, B = payoff_matrices(A, ROW_PAYOFFS, finite=False), payoff_matrices(B, COLUMN_PAYOFFS, finite=False)
    require_same_actions(A, B)
    return A, B


def whole_label(label: Any, actions: int) -> np.ndarray:
    """Return ``label`` as an int64 array, each entry one of the ``actions`` labels of both players."""
    array = np.asarray(label)
    if array.dtype.kind not in "iu":
        raise GameError(f"the label is {label!r}, a whole number from 0 to {actions - 1} was expected")
    outside = (array < 0) | (array >= actions)
    if outside.any():
        raise GameError(f"the label is {array[outside].flat[0]}, a whole number from 0 to {actions - 1} was expected: one for each action")
    return array.astype(np.int64)


def one_label(label: Any, actions: int) -> int | None:
    """Return ``label`` as an int where it is one number, checked; None where it is an array."""
    if type(label) is not int:
        array = whole_label(label, actions)
        return None if array.ndim else int(array)
    return label if 0 <= label < actions else int(whole_label(label, actions))
