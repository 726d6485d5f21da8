"""Paths through many bimatrix games of one size: eight games in lockstep, a kernel for each size."""

from importlib import import_module

import numpy as np

from gametheory_rl._support._compile import COMPILED
from gametheory_rl.equilibria._kernels._complementary import FIRST_CAP

LOCKSTEP_FROM = 64 if COMPILED else 1 << 62
"""Fewer games than this are not worth a kernel of their own; uncompiled, vectors of eight are slower than plain code."""
SMALLEST, LARGEST = 2, 6
"""Numbers of actions for which there are generated kernels."""
LONGEST = 200
"""Pivots after which a lane is given up: longer paths lose digits that only the other kernel wins back."""


def has_lockstep(count, m, n):
    """Whether ``count`` games m x n are worth, and have, a kernel in lockstep."""
    return count >= LOCKSTEP_FROM and min(m, n) >= SMALLEST and max(m, n) <= LARGEST


def lemke_howson_lockstep(A, B, of_a, of_b, labels, ties, x, y, values, regret, length):
    """Follow a path in every game, see ``lemke_howson_each``; those that need that kernel get the regret inf.

    Negative labels ask for whichever path ends soonest: label 0 is tried, and written where it ends within the first cap.
    """
    m, n = A.shape[1:]
    free = bool(labels.size) and labels[0] < 0
    dropped, longest = (np.zeros_like(labels), float(FIRST_CAP)) if free else (labels, float(LONGEST))
    solve = import_module(f"{__package__}._paths_{min(m, n)}x{max(m, n)}").solve
    a, b, x, y = A.reshape(-1), B.reshape(-1), x.reshape(-1), y.reshape(-1)
    if m <= n:
        solve(a, b, of_a, of_b, n, 1, dropped, 0, longest, ties, x, y, values[0], values[1], regret, length)
    else:
        solve(b, a, of_b, of_a, 1, n, dropped, n, longest, ties, y, x, values[1], values[0], regret, length)
    if free:
        labels[np.isfinite(regret)] = 0
