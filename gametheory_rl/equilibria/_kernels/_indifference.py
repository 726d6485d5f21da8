"""Newton's method for the profile of a given support that leaves every player indifferent among the actions it plays."""

import numpy as np

from gametheory_rl._support._compile import inline_kernel, kernel
from gametheory_rl.equilibria._kernels._replies_n import eliminate, references, regret, replies

SINGULAR = 1e-9
"""A pivot this small makes the step a damped one: equilibria may form a continuum."""
LONGEST = 10.0
"""A step that moves a probability further leads nowhere."""
NEGATIVE = 1e-11
"""A probability below minus this is none; its action leaves the support."""


@kernel
def polish(payoffs, offsets, strides, units, patience, inside, x):
    """Move x (N,), positive on the actions ``inside`` (N,) bool, to where these are equally good; both change in place.

    Takes up to ``patience`` steps for each of up to four supports, each without the actions that came out negative. Returns the
    regret in spans times units (n,), infinite where nothing was found.
    """
    players, total = len(units), len(x)
    work, normal = np.empty((total, total + 1)), np.empty((total, total + 1))
    u, D = np.empty(total), np.empty((total, total))
    refs, names = np.empty(players, np.int64), np.empty(total, np.int64)
    for _ in range(4):
        if not _restricted(offsets, inside, x):
            return np.inf
        references(offsets, x, refs)
        if not _newton(payoffs, offsets, strides, refs, inside, names, x, u, D, work, normal, patience):
            return np.inf
        least = 0.0
        for a in range(total):
            least = min(least, x[a])
            if x[a] < -NEGATIVE:
                inside[a] = False
        if least >= -NEGATIVE:
            if not _restricted(offsets, inside, x):
                return np.inf
            references(offsets, x, refs)
            replies(payoffs, offsets, strides, refs, x, u, D)
            return regret(offsets, units, x, u)
    return np.inf


@inline_kernel
def _restricted(offsets, inside, x):
    """Make x a profile on the actions inside; return whether something is left of every strategy."""
    for i in range(len(offsets) - 1):
        total = 0.0
        for a in range(offsets[i], offsets[i + 1]):
            x[a] = max(x[a], 0.0) if inside[a] else 0.0
            total += x[a]
        if not 0.0 < total < np.inf:
            return False
        for a in range(offsets[i], offsets[i + 1]):
            x[a] /= total
    return True


@inline_kernel
def _newton(payoffs, offsets, strides, refs, inside, names, x, u, D, work, normal, patience):
    """Return whether the indifference conditions were met as far as rounding allows; x may have become negative."""
    size, last = _listed(inside, names), np.inf
    for iteration in range(patience):
        replies(payoffs, offsets, strides, refs, x, u, D)
        error = _conditions(offsets, refs, names, size, x, u, D, work)
        if error <= 2e-16 or (error < 1e-13 and error > 0.25 * last):
            return True
        if not error < np.inf or (patience < 20 and iteration > 3 and error > 0.5 * last):
            return False
        last = error
        _squares(work, normal, size, error * error + 1e-15)
        if eliminate(work, size) < SINGULAR:
            if eliminate(normal, size) == 0.0:
                return False
            for k in range(size):
                work[k, size] = normal[k, size]
        for k in range(size):
            if not abs(work[k, size]) < LONGEST:
                return False
            x[names[k]] += work[k, size]
    return last < 1e-10


@inline_kernel
def _listed(inside, names):
    """Write the numbers of the actions inside to names; return how many."""
    size = 0
    for a in range(len(inside)):
        if inside[a]:
            names[size] = a
            size += 1
    return size


@inline_kernel
def _conditions(offsets, refs, names, size, x, u, D, work):
    """Write the linearised conditions, right-hand side last; return the largest violation."""
    worst, i = 0.0, 0
    for k in range(size):
        a, row = names[k], work[k]
        while a >= offsets[i + 1]:
            i += 1
        adds_up = a == refs[i]
        row[size] = 1.0 if adds_up else -u[a]
        for c in range(size):
            own = offsets[i] <= names[c] < offsets[i + 1]
            row[c] = (1.0 if own else 0.0) if adds_up else D[a, names[c]]
            if adds_up and own:
                row[size] -= x[names[c]]
        worst = max(worst, abs(row[size]))
    return worst


@inline_kernel
def _squares(work, normal, size, damping):
    """Write the normal equations of work, damped (K. Levenberg 1944): their step exists, and is short, where work is singular."""
    for r in range(size):
        for c in range(r, size + 1):
            total = damping if r == c else 0.0
            for k in range(size):
                total += work[k, r] * work[k, c]
            normal[r, c] = total
            if c < size:
                normal[c, r] = total
