"""The vertices of {v >= 0, M v <= 1} in integers, and what is computed from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction

from gametheory_rl._support._errors import SolverError
from gametheory_rl.equilibria.exact._tableau import Tableau

Vertices = tuple[list[list[Fraction]], list[int]]
"""Points, and for each the set of its tight labels as the bits of an integer."""


def vertices(matrix: Sequence[Sequence[int]], variable: int, slack: int, limit: int) -> Vertices:
    """Return every vertex but 0 of {v >= 0, matrix v <= 1}, once.

    Parameters
    ----------
    matrix : rows of positive integers
    variable, slack : the labels of the first variable and of the first constraint; the others follow
    limit : how many bases may be visited; degenerate vertices have several

    Raises
    ------
    SolverError
        There are more bases than ``limit``.

    Notes
    -----
    Constraints perturbed to 1 + e, 1 + e^2, ... make the polytope simple and keep a basis of every vertex. Its edges connect all
    bases, and they are walked depth first. Constraints that are the same are searched as one.
    """
    columns = range(variable, variable + len(matrix[0]))
    same: dict[tuple[int, ...], list[int]] = {}
    for r, row in enumerate(matrix):
        same.setdefault(tuple(row), []).append(slack + r)
    tableau = Tableau(list(same), [labels[0] for labels in same.values()], columns)
    copies = {labels[0]: _bits(labels) for labels in same.values()} | {label: 1 << label for label in columns}
    found: dict[int, list[Fraction]] = {}
    for basic in walk(tableau, limit):
        tight = sum(bits for label, bits in copies.items() if not basic.get(label))
        point = [basic.get(label, Fraction(0)) for label in columns]
        if any(point):
            found[tight] = point
    return list(found.values()), list(found)


def fully_labelled(tight_x: Sequence[int], tight_y: Sequence[int], labels: int) -> list[tuple[int, int]]:
    """Return the pairs whose sets of tight labels together are all ``labels``."""
    everyone = (1 << len(tight_y)) - 1
    holders = [_bits(j for j, tight in enumerate(tight_y) if tight >> label & 1) for label in range(labels)]
    pairs: list[tuple[int, int]] = []
    for i, tight in enumerate(tight_x):
        fitting = everyone
        for label in range(labels):
            if not tight >> label & 1:
                fitting &= holders[label]
        pairs.extend((i, j) for j in _members(fitting))
    return pairs


def solve(rows: Sequence[Sequence[Fraction | int]], right: Sequence[Fraction | int]) -> list[Fraction] | None:
    """Return the only solution of a linear system with at least as many equations as unknowns, or None where there is not one."""
    system = [[Fraction(a) for a in (*row, b)] for row, b in zip(rows, right, strict=True)]
    unknowns = len(system[0]) - 1
    for k in range(unknowns):
        p = next((r for r in range(k, len(system)) if system[r][k]), None)
        if p is None:
            return None
        system[k], system[p] = system[p], system[k]
        system[k] = [a / system[k][k] for a in system[k]]
        for r, row in enumerate(system):
            if r != k and row[k]:
                system[r] = [a - row[k] * b for a, b in zip(row, system[k], strict=True)]
    if any(row[-1] for row in system[unknowns:]):
        return None
    return [row[-1] for row in system[:unknowns]]


def walk(tableau: Tableau, limit: int, along: Callable[[int], bool] | None = None) -> Iterator[dict[int, Fraction]]:
    """Yield what is basic at every basis that edges connect with this one; only edges ``along`` whose column is true are taken."""
    here = _bits(tableau.column_labels)
    seen, path, nexts = {here}, list[int](), [0]
    yield tableau.basic()
    while nexts:
        q = nexts[-1]
        if q == len(tableau.column_labels):
            nexts.pop()
            if path:
                back = path.pop()
                here ^= 1 << back ^ 1 << tableau.pivot(back)
            continue
        nexts[-1] += 1
        if along is not None and not along(q):
            continue
        entering = tableau.column_labels[q]
        leaving = tableau.row_labels[tableau.leaving(q)]
        beyond = here ^ 1 << entering ^ 1 << leaving
        if beyond in seen:
            continue
        if len(seen) == limit:
            raise SolverError(f"a polytope has more than {limit:,} bases, too many for rationals: a smaller game was expected")
        seen.add(beyond)
        here = beyond
        tableau.pivot(entering)
        path.append(leaving)
        nexts.append(0)
        yield tableau.basic()


def _bits(numbers: Iterable[int]) -> int:
    """Return the integer whose bits are set at ``numbers``."""
    found = 0
    for number in numbers:
        found |= 1 << number
    return found


def _members(bits: int) -> list[int]:
    """Return which bits are set, ascending."""
    found: list[int] = []
    while bits:
        low = bits & -bits
        found.append(low.bit_length() - 1)
        bits ^= low
    return found
