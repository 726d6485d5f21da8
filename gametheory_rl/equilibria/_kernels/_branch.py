"""The branch of quantal response equilibria, followed by arc length in log-probabilities.

A point is y = (log-probabilities of all actions, t): log x_a - log x_r - (prior_a - prior_r) = t stakes_i (u_a - u_r) for every
action a of player i, r its most likely one, and probabilities that add up to 1. Steps are measured relative to 1 + |y|, so that
one step can double t, and a probability of e^-1000 counts no more than others (T. L. Turocy 2005, section 3; E. L. Allgower &
K. Georg, "Introduction to numerical continuation methods", 2003, chapters 6 and 10).
"""

import math

import numpy as np

from gametheory_rl._support._compile import inline_kernel, kernel
from gametheory_rl.equilibria._kernels._indifference import polish
from gametheory_rl.equilibria._kernels._replies_n import eliminate, references, regret, replies

REACHED, GOOD, FOUND, STEPS, STALLED = 0, 1, 2, 3, 4
"""How a path ends: at the last precision asked for; at a regret small enough; at an equilibrium of the support in sight; after
too many steps; where no step is short enough."""
SHORTEST = 1e-9
CORRECTIONS = 10
ROUNDING = 4e-15
"""A condition violated by no more than this times 1 + t is met: payoffs are not known better."""
SINGULAR_ROUNDING = 1e-10
"""The same where Newton's method no longer gets closer, as on the way to a singular equilibrium."""


@kernel
def follow(payoffs, offsets, strides, stakes, units, prior, last, enough, care, guess, points, regrets, found):
    """Follow the branch from t = 0; fill points (K, N + 1) and regrets (K,), return how many, and how the path ended.

    payoffs, offsets, strides: the game, each player's payoffs in [0, 1]; stakes, units (n,): the players' shares of t, and
    what their regrets are multiplied with; prior (N,): log-probabilities at t = 0; last: the t to end at; a regret of at most
    ``enough`` ends the path too. care (5,): largest contraction, distance and angle of a step, its longest length, what is close enough.
    guess: how many Newton steps to spend after each step on an equilibrium of the support in sight, left in found (N,); 0: none.
    """
    players, total = len(stakes), len(prior)
    x, u, D = np.empty(total), np.empty(total), np.empty((total, total))
    work, refs = np.empty((total + 1, total + 2)), np.empty(players, np.int64)
    y, trial, scale, tangent = np.empty(total + 1), np.empty(total + 1), np.empty(total + 1), np.empty(total + 1)
    inside, tried = np.empty(total, np.bool_), np.empty((2, total), np.bool_)
    _start(prior, y, tangent, tried)
    length, factor = 0.1, 1.0
    for count in range(len(points)):
        _measure(offsets, y, x, scale, refs)
        replies(payoffs, offsets, strides, refs, x, u, D)
        for b in range(total + 1):
            points[count, b] = y[b]
        regrets[count] = regret(offsets, units, x, u)
        if regrets[count] <= enough or y[total] >= last:
            return count + 1, GOOD if regrets[count] <= enough else REACHED
        if guess and _in_sight(payoffs, offsets, strides, units, guess, y, inside, tried, count % 2, x, found):
            return count + 1, FOUND
        _conditions(offsets, stakes, prior, refs, y, x, u, D, scale, work)
        turn = _turned(work, scale, tangent)
        if turn < 0.0:
            return count + 1, STALLED
        factor = max(factor, turn / care[2]) if count else 1.0
        longest = care[3] if y[total] < 1e4 else max(care[3], 3.0)
        length = min(longest, length / min(max(factor, 0.4), 3.0))
        while True:
            landing = _predict(y, tangent, scale, length, last, trial)
            factor = _correct(payoffs, offsets, strides, stakes, prior, refs, scale, tangent, landing, care, trial, x, u, D, work)
            if factor < np.inf:
                break
            length *= 0.4
            if length < SHORTEST:
                return count + 1, STALLED
        for b in range(total + 1):
            tangent[b] *= scale[b]
            y[b] = trial[b]
    return len(points), STEPS


@inline_kernel
def _start(prior, y, tangent, tried):
    """Fill the first point, its direction, and the sets of actions that were tried: none."""
    total = len(prior)
    for a in range(total):
        y[a] = prior[a]
        tangent[a] = 0.0
        tried[0, a] = tried[1, a] = False
    y[total] = 0.0
    tangent[total] = 1.0


@inline_kernel
def _measure(offsets, y, x, scale, refs):
    """Fill the probabilities, the unit of each coordinate, and the most likely actions."""
    total = len(x)
    for a in range(total):
        x[a] = math.exp(y[a])
        scale[a] = 1.0 + abs(y[a])
    scale[total] = 1.0 + y[total]
    references(offsets, y, refs)


@inline_kernel
def _conditions(offsets, stakes, prior, refs, y, x, u, D, scale, work):
    """Write the Jacobian, its columns times scale, and minus the violations last; return the largest of these."""
    total, worst = len(x), 0.0
    t = y[total]
    for i in range(len(refs)):
        r = refs[i]
        for a in range(offsets[i], offsets[i + 1]):
            row = work[a]
            if a == r:
                row[total + 1] = 1.0
                for b in range(total + 1):
                    row[b] = 0.0
                for b in range(offsets[i], offsets[i + 1]):
                    row[b] = x[b] * scale[b]
                    row[total + 1] -= x[b]
            else:
                for b in range(total):
                    row[b] = -t * stakes[i] * D[a, b] * x[b] * scale[b]
                row[a] += scale[a]
                row[r] -= scale[r]
                row[total] = -stakes[i] * u[a] * scale[total]
                row[total + 1] = t * stakes[i] * u[a] + (prior[a] - prior[r]) - (y[a] - y[r])
            worst = max(worst, abs(row[total + 1]))
    return worst


@inline_kernel
def _turned(work, scale, tangent):
    """Replace the tangent by the one here, in scaled coordinates, largest entry 1; return the angle between them, -1 where none is.

    It keeps the direction of the old one (given unscaled): through turning points and across bifurcations.
    """
    size = len(tangent)
    old = work[size - 1]
    for b in range(size):
        tangent[b] /= scale[b]
        old[b] = tangent[b]
    for r in range(size):
        work[r, size] = 1.0 if r == size - 1 else 0.0
    if eliminate(work, size) == 0.0:
        return -1.0
    longest, new_length, old_length, product = 0.0, 0.0, 0.0, 0.0
    for b in range(size):
        new = work[b, size]
        longest = max(longest, abs(new))
        new_length += new * new
        old_length += tangent[b] * tangent[b]
        product += new * tangent[b]
    if not 0.0 < longest < np.inf:
        return -1.0
    for b in range(size):
        tangent[b] = work[b, size] / (longest if product >= 0.0 else -longest)
    cosine = abs(product) / math.sqrt(new_length * old_length)
    return math.acos(min(1.0, cosine))


@inline_kernel
def _predict(y, tangent, scale, length, last, trial):
    """Step along the tangent, no further than t = last; return whether that was reached."""
    size = len(y)
    end = y[size - 1] + length * tangent[size - 1] * scale[size - 1]
    landing = end >= last
    if landing:
        length *= (last - y[size - 1]) / (end - y[size - 1])
    for b in range(size):
        trial[b] = y[b] + length * tangent[b] * scale[b]
    if landing:
        trial[size - 1] = last
    return landing


@inline_kernel
def _correct(payoffs, offsets, strides, stakes, prior, refs, scale, tangent, landing, care, trial, x, u, D, work):
    """Return to the branch by Newton's method, at right angles to the tangent, or at this t where landing.

    Returns by how much the step was too long for the care wanted (below 1: too short), infinite where it failed.
    """
    total = len(x)
    first, previous, contraction = 0.0, np.inf, 0.0
    for iteration in range(CORRECTIONS):
        if not 0.0 <= trial[total] < np.inf:
            return np.inf
        for a in range(total):
            if not trial[a] < 3.0:
                return np.inf
            x[a] = math.exp(trial[a])
        replies(payoffs, offsets, strides, refs, x, u, D)
        error = _conditions(offsets, stakes, prior, refs, trial, x, u, D, scale, work)
        for b in range(total):
            work[total, b] = 0.0 if landing else tangent[b]
        work[total, total] = 1.0 if landing else tangent[total]
        work[total, total + 1] = 0.0
        if eliminate(work, total + 1) == 0.0:
            return np.inf
        size = 0.0
        for b in range(total + 1):
            trial[b] += work[b, total + 1] * scale[b]
            size = max(size, abs(work[b, total + 1]))
        if iteration == 0:
            first = size
        elif iteration == 1:
            contraction = size / first if first > care[4] else 0.0
        violated = error / (1.0 + trial[total])
        if size <= care[4] or (size < 0.1 and violated <= ROUNDING):
            return max(math.sqrt(contraction / care[0]), math.sqrt(first / care[1])) if contraction <= 0.5 else np.inf
        if contraction > 0.5 or size > 0.9 * previous:  # an all but singular system does not get closer
            return math.sqrt(first / care[1]) if size < 0.01 and violated <= SINGULAR_ROUNDING else np.inf
        if not size < 1.5:
            return np.inf
        previous = size
    return np.inf


@inline_kernel
def _in_sight(payoffs, offsets, strides, units, guess, y, inside, tried, deep, x, found):
    """Whether there is an equilibrium on the actions that are not all but gone; each set of these is tried once in a row."""
    total, same = len(x), True
    for a in range(total):
        inside[a] = y[a] >= (-9.0 if deep else -3.0)
        same = same and inside[a] == tried[deep, a]
        tried[deep, a] = inside[a]
        found[a] = x[a]
    return not same and polish(payoffs, offsets, strides, units, guess, inside, found) <= 1.0
