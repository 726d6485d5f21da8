"""The equilibria of a bimatrix game that an enumeration found, and the convex sets that they span."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gametheory_rl._support._errors import SolverError
from gametheory_rl.equilibria._components import Component, components


@dataclass(frozen=True, eq=False)
class EquilibriumSet:
    """Extreme equilibria of one bimatrix game; without ties these are all equilibria.

    In a degenerate game equilibria form convex sets. The extreme ones are their corners, and `components` says which corners
    span a set together: every equilibrium lies in one of those sets, and all their points are equilibria.
    """

    x: np.ndarray
    """``[p, m]`` the row player's mixed actions that occur, each once; fewer actions first, then more weight on earlier ones."""
    y: np.ndarray
    """``[q, n]`` the column player's, in the same order."""
    pairs: np.ndarray
    """``[K, 2]`` int: equilibrium k is ``x[pairs[k, 0]], y[pairs[k, 1]]``, in lexicographic order."""
    values: np.ndarray
    """``[2, K]`` what each equilibrium pays to each player."""
    regret: np.ndarray
    """``[K]`` the most that one player gains by a deviation, in payoff units."""
    complete: bool
    """Whether every extreme equilibrium is here, and so every equilibrium where the game is not degenerate."""
    degenerate: bool
    """Whether some mixed action, of either player, has more best replies than actions in its support (von Stengel 2002)."""
    method: str
    """``supports``, ``vertices``, or ``nashpy`` with the name of its function."""
    exact: bool = False
    """Whether rationals decided about ties; without it, floats were provably enough."""
    failure: str | None = None
    """What went wrong with another engine, as a sentence: profiles that are no equilibria, equilibria that it missed."""

    @cached_property
    def profiles(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """The K equilibria as pairs of mixed actions, ``[m]`` and ``[n]``."""
        return tuple((self.x[i], self.y[j]) for i, j in self.pairs.tolist())

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """The connected components of the set of all equilibria, each a union of maximal convex sets.

        Raises
        ------
        SolverError
            The set is not complete, or has more than 100,000 maximal convex subsets.
        """
        if not self.complete:
            raise SolverError("equilibria are missing here, and with them the convex sets that they span: use engine=None")
        return components(self.pairs.tolist())

    def __len__(self) -> int:
        """Return the number of extreme equilibria."""
        return len(self.pairs)

    def __repr__(self) -> str:
        """Return one line: how many, whether that is all, how they were found."""
        what = "extreme equilibria of a degenerate game" if self.degenerate else "equilibria"
        return f"EquilibriumSet({len(self)} {what}, {'all' if self.complete else 'not all'} found by {self.method})"
