"""The convex sets that the extreme equilibria of a bimatrix game span.

Equilibria can be exchanged within a maximal Nash subset: a set conv(U) x conv(V) where each x of U with each y of V is an
equilibrium. With extreme x and y as the nodes of a bipartite graph and extreme equilibria as its edges, these sets are the maximal
complete subgraphs, and their unions over connected parts of the graph are the topological components of the set of equilibria
(H. Winkels 1979; M. J. M. Jansen 1981; D. Avis, G. Rosenberg, R. Savani & B. von Stengel 2010, section 5).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gametheory_rl._support._errors import SolverError

MOST = 100_000
"""Maximal subsets of one component that are listed at most: their number can be exponential."""


@dataclass(frozen=True)
class NashSubset:
    """A maximal Nash subset: every mixture of its x with every mixture of its y is an equilibrium."""

    x: tuple[int, ...]
    """Numbers of the extreme x, ascending."""
    y: tuple[int, ...]
    """Numbers of the extreme y, ascending."""


@dataclass(frozen=True)
class Component:
    """A connected component of the set of equilibria: the union of its maximal Nash subsets, which overlap."""

    subsets: tuple[NashSubset, ...]
    """In lexicographic order."""

    @property
    def x(self) -> tuple[int, ...]:
        """Numbers of all extreme x, ascending."""
        return tuple(sorted({i for subset in self.subsets for i in subset.x}))

    @property
    def y(self) -> tuple[int, ...]:
        """Numbers of all extreme y, ascending."""
        return tuple(sorted({j for subset in self.subsets for j in subset.y}))

    @property
    def convex(self) -> bool:
        """Whether the component is one convex set."""
        return len(self.subsets) == 1


def components(pairs: Iterable[tuple[int, int]]) -> tuple[Component, ...]:
    """Return the components of the graph whose edges are ``pairs`` (x, y), by their first x."""
    partners: dict[int, set[int]] = {}
    owners: dict[int, set[int]] = {}
    for i, j in pairs:
        partners.setdefault(i, set()).add(j)
        owners.setdefault(j, set()).add(i)
    left, found = set(partners), list[Component]()
    for start in sorted(partners):
        if start not in left:
            continue
        part, border = set[int](), {start}
        while border:
            part |= border
            border = {i for here in border for j in partners[here] for i in owners[j]} - part
        left -= part
        found.append(Component(_maximal({i: frozenset(partners[i]) for i in part})))
    return tuple(found)


def _maximal(partners: dict[int, frozenset[int]]) -> tuple[NashSubset, ...]:
    """Return the maximal complete subgraphs: sets of y that are the common partners of some x, with all x that have them."""
    shared: set[frozenset[int]] = set()
    for mine in partners.values():
        shared |= {mine} | {both for other in shared if (both := mine & other)}
        if len(shared) > MOST:
            raise SolverError(f"a component has more than {MOST:,} maximal Nash subsets: its pairs of extreme strategies are all there is")
    subsets = [NashSubset(tuple(sorted(i for i, mine in partners.items() if ys <= mine)), tuple(sorted(ys))) for ys in shared]
    return tuple(sorted(subsets, key=lambda subset: (subset.x, subset.y)))
