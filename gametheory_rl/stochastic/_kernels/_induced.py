"""What each action pays against the others' mixed play, and how that changes with their play and with the continuation values."""

from __future__ import annotations

import numpy as np

from gametheory_rl._support._compile import kernel


@kernel
def induced_into(
    actions: np.ndarray,
    states: np.ndarray,
    payoffs: np.ndarray,
    offsets: np.ndarray,
    successors: np.ndarray,
    slots: np.ndarray,
    probabilities: np.ndarray,
    local: np.ndarray,
    sizes: np.ndarray,
    widths: np.ndarray,
    pair_starts: np.ndarray,
    flow_starts: np.ndarray,
    discount: np.ndarray,
    play: np.ndarray,
    values: np.ndarray,
    pays: np.ndarray,
    pairs: np.ndarray,
    flows: np.ndarray,
) -> None:
    """Fill ``pays`` (rows,), ``pairs`` and ``flows``, laid out as `ActionRows` says, from ``play`` (rows,) and ``values`` (n, S).

    ``actions`` (E, n) holds the rows of the actions of each legal joint action, ``payoffs`` (E, n) what it pays.
    """
    pays[:] = 0.0
    pairs[:] = 0.0
    flows[:] = 0.0
    count, players = actions.shape
    worth = np.empty(players)
    for e in range(count):
        s = states[e]
        first, last = offsets[e], offsets[e + 1]
        for i in range(players):
            later = 0.0
            for k in range(first, last):
                later += probabilities[k] * values[i, successors[k]]
            worth[i] = payoffs[e, i] + discount[i] * later
        for i in range(players):
            weight = 1.0
            for j in range(players):
                if j != i:
                    weight *= play[actions[e, j]]
            row = actions[e, i]
            pays[row] += weight * worth[i]
            if weight != 0.0:
                base = flow_starts[s] + local[row] * widths[s]
                for k in range(first, last):
                    flows[base + slots[k]] += weight * discount[i] * probabilities[k]
            for j in range(players):
                if j != i:
                    rest = 1.0
                    for other in range(players):
                        if other != i and other != j:
                            rest *= play[actions[e, other]]
                    pairs[pair_starts[s] + local[row] * sizes[s] + local[actions[e, j]]] += rest * worth[i]
