"""Reaching a target when the other side's play is fixed: one player's decision process, solved and then proved.

Both solvers end on a certificate that does not rest on how the values were found. From above, by Knaster and Tarski: numbers that one step
of the process does not raise are at least the least fixed point, which is the probability. From below: where the process ends with
certainty whatever is done, numbers that one step does not lower are at most the probability.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl.stochastic._moves import EPS

DENSE = 300
"""Up to so many states, linear equations are solved by dense elimination."""
KRYLOV, KRYLOV_STEPS = 1e-14, 400
"""Beyond, relative residual and steps of an iteration, before sparse elimination."""
ROUNDS = 500
"""Most policy improvements; the certificate stays true if they are met."""
SLACKS = 24
"""How often the slack of a certificate is doubled."""


@dataclass(frozen=True, eq=False)
class Process:
    """Rows of legal actions in states that are no target, sorted by state."""

    owner: np.ndarray
    """``[R]`` the state of each row"""
    rows: Any
    """CSR ``[R, S]`` successors"""
    target: np.ndarray
    """``[S]`` bool"""
    rounding: float
    """Relative error of a row's expectation"""

    @classmethod
    def of(cls, rows: Any, legal: np.ndarray, target: np.ndarray, rounding: float) -> Process:
        """Return the process of all actions' rows ``[S * k, S]`` where ``legal`` ``(S, k)``."""
        kept = np.flatnonzero((legal & ~target[:, np.newaxis]).ravel())
        rows = rows[kept]
        return cls(kept // legal.shape[1], rows, target, rounding + 2 * EPS * int(np.diff(rows.indptr).max(initial=0)))

    def leaves(self, inside: np.ndarray) -> np.ndarray:
        """Return which rows ``(R,)`` have a successor outside ``inside`` ``(S,)``."""
        return self.any(~inside[self.rows.indices])

    def any(self, entries: np.ndarray) -> np.ndarray:
        """Return which rows have an entry that is marked."""
        return np.bincount(self.entry_rows[entries], minlength=len(self.owner)) > 0

    @property
    def entry_rows(self) -> np.ndarray:
        """The row of each entry."""
        return np.repeat(np.arange(len(self.owner)), np.diff(self.rows.indptr))


@dataclass(frozen=True, eq=False)
class Ending:
    """Nodes from which every policy ends: ``value = gain + moves @ value`` has one solution for each."""

    owner: np.ndarray
    """``[R]`` the node of each row, ascending"""
    gain: np.ndarray
    """``[R]`` probability of the target at once"""
    moves: Any
    """CSR ``[R, nodes]``"""
    rounding: float

    @property
    def nodes(self) -> int:
        """Number of nodes; each has a row."""
        return self.moves.shape[1]

    def best(self, gain: np.ndarray, sign: float, policy: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return the largest (``sign`` 1) or smallest (-1) solution over policies, by policy iteration, and the rows chosen."""
        starts = np.searchsorted(self.owner, np.arange(self.nodes))
        policy = starts.copy() if policy is None else policy
        values = np.zeros(self.nodes)
        for _ in range(ROUNDS):
            values = self._of_policy(gain, policy, values)
            worth = sign * (gain + self.moves @ values)
            best = np.maximum.reduceat(worth, starts)
            margin = 4.0 * EPS * np.abs(best)
            better = best > worth[policy] + margin
            if not better.any():
                break
            first = np.flatnonzero(worth >= best[self.owner])
            first = first[np.unique(self.owner[first], return_index=True)[1]]
            policy = np.where(better, first, policy)
        return values, policy

    def _of_policy(self, gain: np.ndarray, policy: np.ndarray, guess: np.ndarray) -> np.ndarray:
        """Solve one policy's equations: BiCGStab where elimination would fill in, elimination where that fails; NaN where both do."""
        from scipy.sparse import eye_array
        from scipy.sparse.linalg import bicgstab, splu

        matrix = eye_array(self.nodes, format="csr") - self.moves[policy]
        try:
            if self.nodes <= DENSE:
                return np.linalg.solve(matrix.toarray(), gain[policy])
            with np.errstate(all="ignore"):
                values, failed = bicgstab(matrix, gain[policy], guess, rtol=KRYLOV, atol=0.0, maxiter=KRYLOV_STEPS)
            return splu(matrix.tocsc()).solve(gain[policy]) if failed else values
        except (np.linalg.LinAlgError, RuntimeError):  # it ends too rarely for float64
            return np.full(self.nodes, np.nan)

    def proved(self, sign: float) -> np.ndarray:
        """Return a bound of the best value from above (``sign`` 1) or of the smallest from below (-1), or the trivial one.

        The values are moved by a slack times the largest expected number of steps to the end, which pays the slack at each step.
        """
        values, policy = self.best(self.gain, sign)
        steps, _ = self.best(np.ones(len(self.owner)), 1.0, policy)
        slack = 2.0 * self.rounding
        if np.isfinite(values).all() and np.isfinite(steps).all() and steps.min(initial=1.0) >= 0.0:
            for _ in range(SLACKS):
                moved = values + sign * slack * steps
                error = self.rounding * (self.gain + self.moves @ np.abs(moved)) + EPS * np.abs(moved)[self.owner]
                # In units of sign: the step with its error does not go beyond.
                if (sign * (self.gain + self.moves @ moved - moved[self.owner]) + error <= 0.0).all():
                    return np.clip(moved, 0.0, 1.0)
                slack *= 2.0
        return np.full(self.nodes, 1.0 if sign > 0.0 else 0.0)


def most(process: Process) -> np.ndarray:
    """Return a proved upper bound ``(S,)`` of the largest probability to reach the target.

    States that can keep each other company for ever (maximal end components) are merged: within them one step proves nothing, while all
    have the value of the best way out. What has no way to the target is 0.
    """
    result = process.target.astype(float)
    open_ = _ancestors(process) & ~process.target
    stays, component = _end_components(process, open_)
    leaving = np.flatnonzero(open_[process.owner] & ~stays)
    if not leaving.size:
        return result
    numbers, node = np.unique(component[open_], return_inverse=True)
    of_state = np.full(len(open_), -1)
    of_state[open_] = node
    ending = _ending(process, leaving, of_state, len(numbers))
    result[open_] = ending.proved(1.0)[node]
    return result


def least(process: Process) -> np.ndarray:
    """Return a proved lower bound ``(S,)`` of the smallest probability to reach the target.

    0 where it can be avoided for ever; elsewhere no end component is left, so that every policy ends.
    """
    result = process.target.astype(float)
    avoiding = _avoiding(process)
    open_ = ~avoiding & ~process.target
    rows = np.flatnonzero(open_[process.owner])
    if rows.size:
        of_state = np.full(len(open_), -1)
        of_state[open_] = np.arange(int(open_.sum()))
        result[open_] = _ending(process, rows, of_state, int(open_.sum())).proved(-1.0)
    return result


def _ending(process: Process, rows: np.ndarray, of_state: np.ndarray, nodes: int) -> Ending:
    """Return the process of ``rows`` between nodes; states without one are worth 0, or are targets."""
    from scipy.sparse import csr_array

    owner = of_state[process.owner[rows]]
    rows = rows[np.argsort(owner, kind="stable")]
    states = np.flatnonzero(of_state >= 0)
    merge = csr_array((np.ones(len(states)), (states, of_state[states])), shape=(len(of_state), nodes))
    chosen = process.rows[rows]
    return Ending(np.sort(owner, kind="stable"), chosen @ process.target.astype(float), (chosen @ merge).tocsr(), process.rounding)


def _ancestors(process: Process) -> np.ndarray:
    """Return which states ``(S,)`` some path leads from to the target."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order

    size = len(process.target)
    goals = np.flatnonzero(process.target)
    back = np.concatenate([process.rows.indices, np.full(len(goals), size)])
    ahead = np.concatenate([process.owner[process.entry_rows], goals])
    graph = csr_array((np.ones(len(back)), (back, ahead)), shape=(size + 1, size + 1))
    found = np.zeros(size + 1, dtype=bool)
    found[breadth_first_order(graph, size, return_predecessors=False)] = True
    return found[:size]


def _end_components(process: Process, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows stay within a maximal end component of ``inside``, and a number ``(S,)`` for each component or single state."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    size = len(inside)
    stays = inside[process.owner] & ~process.leaves(inside)
    entry_rows, columns = process.entry_rows, process.rows.indices
    from_state = process.owner[entry_rows]
    while True:
        kept = stays[entry_rows]
        graph = csr_array((np.ones(int(kept.sum())), (from_state[kept], columns[kept])), shape=(size, size))
        _, label = connected_components(graph, connection="strong")
        still = stays & ~process.any(label[from_state] != label[columns])
        if (still == stays).all():
            return stays, label
        stays = still


def _avoiding(process: Process) -> np.ndarray:
    """Return which states ``(S,)`` can avoid the target for ever: the largest set that some action of each member stays in."""
    inside = ~process.target
    while True:
        stays = ~process.leaves(inside)
        can = np.zeros(len(inside), dtype=bool)
        can[process.owner[stays]] = True
        if (can == inside).all():
            return inside
        inside = can & inside
