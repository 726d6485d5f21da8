"""Whether a state is met again and again whatever is played, and whether a game falls apart."""

from __future__ import annotations

import numpy as np

from gametheory_rl.stochastic._moves import Moves


def recurrent_state(moves: Moves) -> int | None:
    """Return a state that every play reaches from everywhere with certainty, or None where there is none.

    A state is avoidable where some set without it has a joint action in each member that stays in the set. A recurrent state lies in
    every such set, and where all states of a batch can be avoided together none of them is one: few batches have to be tried.
    """
    candidates, size = np.arange(moves.num_states), 1
    while candidates.size:
        avoiding = _avoiding(moves, candidates[:size])
        if avoiding.any():
            candidates, size = candidates[avoiding[candidates]], 2 * size
        elif min(size, candidates.size) == 1:
            return int(candidates[0])
        else:
            size = min(size, candidates.size) // 2
    return None


def _avoiding(moves: Moves, states: np.ndarray) -> np.ndarray:
    """Return the largest set ``(S,)`` without ``states`` in which some joint action of each member stays."""
    columns, owner = moves.matrix.indices, _owners(moves)
    joint = np.diff(moves.matrix.indptr).reshape(moves.num_states, -1) > 0
    inside = np.ones(moves.num_states, dtype=bool)
    inside[states] = False
    while True:
        leaves = np.bincount(owner[~inside[columns]], minlength=joint.size).reshape(joint.shape) > 0
        staying = inside & (joint & ~leaves).any(axis=1)
        if (staying == inside).all():
            return inside
        inside = staying


def separate_states(moves: Moves) -> tuple[int, int] | None:
    """Return two states that lead to no common state, whatever is played, or None."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    size = moves.num_states
    ahead = _owners(moves) // (moves.sizes[0] * moves.sizes[1])
    graph = csr_array((np.ones(len(ahead)), (ahead, moves.matrix.indices)), shape=(size, size))
    count, label = connected_components(graph, connection="strong")
    final = np.ones(count, dtype=bool)
    final[label[ahead[label[ahead] != label[moves.matrix.indices]]]] = False
    ends = np.flatnonzero(final)
    if len(ends) < 2:
        return None
    return int(np.flatnonzero(label == ends[0])[0]), int(np.flatnonzero(label == ends[1])[0])


def _owners(moves: Moves) -> np.ndarray:
    """Return the row of each entry."""
    return np.repeat(np.arange(moves.matrix.shape[0]), np.diff(moves.matrix.indptr))
