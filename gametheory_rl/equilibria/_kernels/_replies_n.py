"""What players of an n-player game earn, action by action, while the others mix; and small linear systems.

A game is payoffs (n, cells), C order, offsets (n + 1,) and strides (n,) int64: player i's actions are offsets[i] up to
offsets[i + 1] of every vector over all actions, and its next action lies strides[i] cells on. Payoffs are taken relative to one
action of the player, refs[i]: what two actions have in common is gone before anything is added up, so that differences far below
the rounding of a payoff keep their digits.
"""

import numpy as np

from gametheory_rl._support._compile import inline_kernel


@inline_kernel
def replies(payoffs, offsets, strides, refs, x, u, D):
    """Fill u (N,), what each action earns beyond refs[i], and D (N, N), the same while player j plays b: D[a, b], zero for j = i."""
    players, cells = payoffs.shape
    for a in range(len(x)):
        for b in range(len(x)):
            D[a, b] = 0.0
    if players == 1:
        for a in range(cells):
            u[a] = payoffs[0, a] - payoffs[0, refs[0]]
        return
    place = np.empty(players, np.int64)
    chance, gain, after = np.empty(players), np.empty(players), np.empty(players + 1)
    after[players] = 1.0
    for i in range(players):
        place[i] = offsets[i]
    for cell in range(cells):
        for i in range(players - 1, -1, -1):
            chance[i] = x[place[i]]
            after[i] = after[i + 1] * chance[i]
            gain[i] = payoffs[i, cell] - payoffs[i, cell + (refs[i] - place[i]) * strides[i]]
        before = 1.0
        for i in range(players - 1):
            if before == 0.0:
                break
            a, middle = place[i], before
            for j in range(i + 1, players):
                weight = middle * after[j + 1]
                D[a, place[j]] += weight * gain[i]
                D[place[j], a] += weight * gain[j]
                middle *= chance[j]
            before *= chance[i]
        for i in range(players - 1, -1, -1):  # the next cell: the last player's action first
            place[i] += 1
            if place[i] < offsets[i + 1]:
                break
            place[i] = offsets[i]
    for i in range(players):
        other = 1 if i == 0 else 0
        for a in range(offsets[i], offsets[i + 1]):
            u[a] = 0.0
            for b in range(offsets[other], offsets[other + 1]):
                u[a] += D[a, b] * x[b]


@inline_kernel
def references(offsets, x, refs):
    """Fill refs with each player's most likely action; x may be probabilities or their logarithms."""
    for i in range(len(refs)):
        refs[i] = offsets[i]
        for a in range(offsets[i], offsets[i + 1]):
            if x[a] > x[refs[i]]:
                refs[i] = a


@inline_kernel
def regret(offsets, units, x, u):
    """Return the largest gain of a deviation, player i's times units[i]."""
    worst = 0.0
    for i in range(len(units)):
        best, earned = -np.inf, 0.0
        for a in range(offsets[i], offsets[i + 1]):
            best = max(best, u[a])
            earned += x[a] * u[a]
        worst = max(worst, (best - earned) * units[i])
    return worst


@inline_kernel
def eliminate(M, size):
    """Solve M[:size, :size] y = M[:size, size] in place, y in the last column; return the least pivot of rows of largest entry 1."""
    for r in range(size):
        largest = 0.0
        for k in range(size):
            largest = max(largest, abs(M[r, k]))
        if not 0.0 < largest < np.inf:
            return 0.0
        for k in range(size + 1):
            M[r, k] /= largest
    least = np.inf
    for k in range(size):
        best = k
        for r in range(k + 1, size):
            if abs(M[r, k]) > abs(M[best, k]):
                best = r
        least = min(least, abs(M[best, k]))
        if least == 0.0:
            return 0.0
        for c in range(k, size + 1):
            held = M[k, c]
            M[k, c] = M[best, c]
            M[best, c] = held
        for r in range(k + 1, size):
            factor = M[r, k] / M[k, k]
            if factor != 0.0:
                for c in range(k + 1, size + 1):
                    M[r, c] -= factor * M[k, c]
    for r in range(size - 1, -1, -1):
        for c in range(r + 1, size):
            M[r, size] -= M[r, c] * M[c, size]
        M[r, size] /= M[r, r]
    return least
