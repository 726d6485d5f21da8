"""Games of three players with known equilibria, and all equilibria of 2x2x2 games by elimination: an oracle that shares no code."""

from itertools import product

import numpy as np


def from_cells(cells):
    """Payoffs (3, 2, 2, 2) from triples listed with player 1's action varying fastest, then player 2's."""
    payoffs = np.zeros((3, 2, 2, 2))
    for k, triple in enumerate(cells):
        payoffs[:, k % 2, k // 2 % 2, k // 4] = triple
    return payoffs


MCKELVEY_MCLENNAN = from_cells([(9, 8, 12), (0, 0, 0), (0, 0, 0), (9, 8, 2), (0, 0, 0), (3, 4, 6), (3, 4, 6), (0, 0, 0)])
NAU = from_cells([(3, 0, 2), (0, 1, 0), (0, 2, 0), (1, 0, 0), (1, 0, 0), (0, 3, 0), (0, 1, 0), (2, 0, 3)])
NAU_ROOT = 601**0.5
NAU_FIRST_ACTIONS = (53 - NAU_ROOT) / 46, (NAU_ROOT - 13) / 24, (NAU_ROOT - 23) / 4


def jordan():
    """Three-player matching pennies: 1 wants to match 2, 2 wants to match 3, 3 wants not to match 1; all play (1/2, 1/2)."""
    payoffs = np.zeros((3, 2, 2, 2))
    for a, b, c in product(range(2), repeat=3):
        payoffs[:, a, b, c] = 1 - 2 * (a != b), 1 - 2 * (b != c), 1 - 2 * (c == a)
    return payoffs


def all_equilibria(payoffs, tol=1e-9):
    """Probabilities of the first actions in all equilibria of a generic 2x2x2 game, by elimination support by support."""
    found = []
    for fixed in product((0.0, 1.0, None), repeat=3):
        for point in _candidates(payoffs, fixed):
            profile = [np.array([p, 1 - p]) for p in point]
            inside = all(-tol <= p <= 1 + tol for p in point)
            if inside and _gain(payoffs, profile) <= tol and not any(np.allclose(point, other, atol=1e-7) for other in found):
                found.append(point)
    return np.array(found)


def _advantage(payoffs, i):
    """Coefficients [j, k] of powers of the others' first-action probabilities in what i's first action earns beyond the second."""
    difference = np.take(payoffs[i], 0, axis=i) - np.take(payoffs[i], 1, axis=i)
    c = difference[1, 1]
    return np.array([[c, difference[1, 0] - c], [difference[0, 1] - c, difference.sum() - 2 * difference[0, 1] - 2 * difference[1, 0]]])


def _candidates(payoffs, fixed):
    free = [i for i in range(3) if fixed[i] is None]
    if not free:
        return [fixed]
    if len(free) == 1:
        return []  # one alone mixes only in degenerate games
    if len(free) == 2:
        return _two_mix(payoffs, fixed, free)
    # Whatever factors two conditions share, one of the three ways to eliminate sees past them.
    found = []
    for order in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        turned = np.transpose(payoffs[list(order)], (0, *(i + 1 for i in order)))
        found += [tuple(point[order.index(i)] for i in range(3)) for point in _all_mix(turned)]
    return found


def _all_mix(payoffs):
    """Eliminate the first two players' probabilities from the third one's condition, a quadratic in its own."""
    f, g, h = (_advantage(payoffs, i) for i in range(3))  # f(y, z), g(x, z), h(x, y)
    (ny, dy), (nx, dx) = ((-p[0], p[1]) for p in (f, g))
    P = np.polynomial.polynomial
    total = h[0, 0] * P.polymul(dx, dy) + h[1, 0] * P.polymul(nx, dy) + h[0, 1] * P.polymul(dx, ny) + h[1, 1] * P.polymul(nx, ny)
    roots = [z.real for z in P.polyroots(total) if abs(z.imag) < 1e-9]
    with np.errstate(divide="ignore", invalid="ignore"):
        return [(P.polyval(z, nx) / P.polyval(z, dx), P.polyval(z, ny) / P.polyval(z, dy), z) for z in roots]


def _two_mix(payoffs, fixed, free):
    """Each of the two who mix is made indifferent by the other's probability, given the third's pure action."""
    point = list(fixed)
    for i, j in (free, free[::-1]):
        others = [k for k in range(3) if k != i]
        line = _advantage(payoffs, i)
        third = next(k for k in others if k != j)
        line = line if others[0] == j else line.T  # [power of j, power of the third]
        constant, slope = line[0] @ [1, fixed[third]], line[1] @ [1, fixed[third]]
        if slope == 0:
            return []
        point[j] = -constant / slope
    return [tuple(point)]


def _gain(payoffs, profile):
    worst = 0.0
    for i in range(3):
        a, b = (k for k in range(3) if k != i)
        earned = np.einsum("iab,a,b->i", np.moveaxis(payoffs[i], i, 0), profile[a], profile[b])
        worst = max(worst, earned.max() - earned @ profile[i])
    return worst
