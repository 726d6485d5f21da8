"""What a worker holds of a game: the rows of some states, and what can be asked of them.

A block is sent values and sends back values. It may be lost at any moment; another one that was told the same is as good.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl._support._threads import at_most_threads
from gametheory_rl.stochastic._certified import Trial
from gametheory_rl.stochastic._chain import Chain, chain_of, value_of_chain
from gametheory_rl.stochastic._partitioned_game import PartitionedGame, Rows, rows_of
from gametheory_rl.stochastic._safeguard import Guard
from gametheory_rl.stochastic._start import uniform_policies
from gametheory_rl.stochastic._zero_sum import Backup, ZeroSum, back_up, narrow, problem_of_rows

MOST = 0.9
"""Where more states than this share are read, all values are sent: picking would take longer than sending them."""


@dataclass(frozen=True)
class Summary:
    """What the sweep of all blocks has to know of one."""

    reads: np.ndarray | None
    """``[r]`` the states whose values it needs, its own among them; None: all, or nearly all"""
    largest_payoff: float
    longest_row: int
    imbalance: float
    excess: float
    lowest: float
    """Smallest payoff of a legal joint action"""
    highest: float
    flat: int
    """Number of its states in which all payoffs are the same"""
    inside: float
    """Share of the probability with which its states lead to each other"""


class Block:
    """The states ``first`` to ``last`` of a game; a Dask actor, so that its methods run one at a time, where the rows are."""

    problem: ZeroSum
    backup: Backup
    chain: Chain | None
    alone: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None

    def load(self, source: Rows | bytes, first: int, last: int, num_states: int, discount: float, threads: int) -> Summary:
        """Take the rows, or build them as a pickled ``PartitionedGame`` says; ``threads`` is how many the worker has."""
        self.threads = threads
        with at_most_threads(threads):
            rows = _built(source, first, last) if isinstance(source, bytes) else source
            offsets, states, probabilities = rows.successors
            wanted = np.zeros(num_states, np.bool_)
            wanted[states] = wanted[first:last] = True
            inside = float(probabilities[(states >= first) & (states < last)].sum() / probabilities.sum())
            reads = None
            if wanted.mean() <= MOST:
                reads = np.flatnonzero(wanted)
                states = (np.cumsum(wanted, dtype=np.int64) - 1).astype(np.int32)[states]
            here = first if reads is None else int(np.searchsorted(reads, first))
            self.own, self.reach = slice(here, here + last - first), num_states if reads is None else len(reads)
            arrays = [np.ascontiguousarray(array) for array in (rows.payoff, offsets, states, probabilities)]
            for array in arrays:  # to a compiler, what may be written is another type
                array.setflags(write=False)
            payoff, *lists = arrays
            self.problem = problem_of_rows(payoff, (lists[0], lists[1], lists[2]), rows.legal, discount, rows.imbalance)
            self.guard, self.chain = Guard(_no_step, focus=False), None
            return self._summary(reads, rows, inside)

    def _summary(self, reads: np.ndarray | None, rows: Rows, inside: float) -> Summary:
        problem, legal = self.problem, rows.legal
        joint = legal[0] if len(legal) == 1 else legal[0][:, :, np.newaxis] & legal[1][:, np.newaxis]
        low = np.where(joint, rows.payoff, np.inf).reshape(len(joint), -1).min(axis=1)
        high = np.where(joint, rows.payoff, -np.inf).reshape(len(joint), -1).max(axis=1)
        extremes = float(low.min()), float(high.max())
        return Summary(
            reads,
            problem.largest_payoff,
            problem.longest_row,
            problem.imbalance,
            problem.excess,
            *extremes,
            int((low == high).sum()),
            inside,
        )

    def back_up(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Solve the stage games given the values ``(r,)`` it reads: their values ``(k,)``, gaps ``(k,)``, and which can be narrowed."""
        self.values, self.chain = np.array(values), None
        with at_most_threads(self.threads):
            self.backup = back_up(self.problem, self.values)
        self.policies = (self.backup.row_policy, self.backup.column_policy)
        return self._answers()

    def narrow(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Solve the stage games of the widest gaps again, as exactly as can be."""
        with at_most_threads(self.threads):
            self.backup = narrow(self.problem, self.values, self.backup)
        return self._answers()

    def _answers(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        backup = self.backup
        return backup.value.copy(), backup.gap.copy(), backup.wide

    def settle(self, residual: float, mark: float) -> None:
        """Choose the policies to keep to: those of the last backup, damped where a state overshot, see ``_safeguard``."""
        self.policies, self.chain = self.guard.damped(Trial(self.values[self.own], self.backup, residual), mark), None

    def settle_uniformly(self) -> None:
        """Keep to uniform play."""
        self.policies, self.chain = uniform_policies(self.problem), None

    def follow(self, values: np.ndarray, paid: bool) -> np.ndarray:
        """Return the discounted expected value ``(k,)`` of the next state under the policies, and the payoffs with it if ``paid``.

        Without payoffs this is a step of BiCGStab, for whose few digits float32 will do: half as much travels.
        """
        with at_most_threads(self.threads):
            found = self._chain().followed(np.array(values, np.float64), paid=paid)
        return found if paid else found.astype(np.float32)

    def settle_inside(self, values: np.ndarray, tolerance: float) -> np.ndarray:
        """Return the values ``(k,)`` of the policies if all other states are worth ``values (r,)`` for ever."""
        with at_most_threads(self.threads):
            chain, outside = self._chain(), np.array(values)
            outside[self.own] = 0.0
            if self.alone is None:
                self.alone = _cut(chain, self.own)
            alone = Chain((*self.alone, chain.followed(outside, paid=True)), chain.discount)
            return value_of_chain(alone, np.array(values[self.own]), tolerance)

    def _chain(self) -> Chain:
        if self.chain is None:
            self.chain, self.alone = chain_of(self.problem, *self.policies, reach=self.reach), None
        return self.chain

    def play(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the policies ``(k, m)`` and ``(k, n)`` of the last backup."""
        return self.backup.row_policy, self.backup.column_policy


def _cut(chain: Chain, own: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return starts, ends, columns and entries of what stays inside; where a list leads out its entry is 0, its column any."""
    starts, ends, columns, entries, _ = chain.arrays
    lengths = (ends - starts).astype(np.int64)
    after = np.cumsum(lengths)
    used = np.arange(after[-1]) + np.repeat(starts.astype(np.int64) - (after - lengths), lengths)
    columns, entries = columns[used], entries[used]
    inner = (columns >= own.start) & (columns < own.stop)
    columns = np.where(inner, columns - np.uint32(own.start), np.uint32(0))
    return (after - lengths).astype(np.uint64), after.astype(np.uint64), columns, np.where(inner, entries, 0.0)


def _built(packed: bytes, first: int, last: int) -> Rows:
    # Unpacked here, not on the way: what a worker lacks is then said as a sentence.
    try:
        game: PartitionedGame = pickle.loads(packed)
    except Exception as error:
        raise GameError(f"a worker cannot load the function that builds rows: {type(error).__name__}: {error}") from None
    return rows_of(game, first, last)


def _no_step(problem: ZeroSum, values: np.ndarray, row_policy: np.ndarray, column_policy: np.ndarray) -> np.ndarray:
    """Take no step: those are taken where the values of all blocks meet."""
    del problem, row_policy, column_policy
    return values
