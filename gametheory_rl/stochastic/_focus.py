"""Where few states hold up all others: settle those by themselves first.

Newton's method overshoots where policies change, and on a large game that is soon the case in a handful of states only, whose residual
is orders of magnitude above that of all others. Sweeping the whole game for their sake is a waste. So they are solved alone, the others
kept as they are, before the next linear system of the whole: nonlinear elimination (Lanzkron, Rose & Wilkes, SIAM J. Sci. Comput. 17,
1996). It only chooses where the next sweep starts, so that nothing depends on how well it works.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gametheory_rl._support._threads import chunks, run_chunks
from gametheory_rl.stochastic._certified import CHUNK, Trial
from gametheory_rl.stochastic._kernels._part import restrict
from gametheory_rl.stochastic._zero_sum import ZeroSum, back_up, groups_of, largest

HIGH = 0.05
"""A state whose residual is above this share of the largest is in focus."""
FEW = 0.1
"""At most this share of the states may be in focus: more are cheaper with all others."""
STEPS = 3
"""Most steps that are spent on them between two sweeps of all."""

Improve = Callable[[ZeroSum, Trial], np.ndarray]
Policies = tuple[np.ndarray, np.ndarray]


def focused(problem: ZeroSum, sweep: Trial, policies: Policies, improve: Improve) -> tuple[np.ndarray, Policies]:
    """Return the values and policies of ``sweep`` with the states of the highest residuals settled by ``improve``, all others kept."""
    values = sweep.backup.value
    states = _high_states(sweep)
    if not 0 < states.size <= FEW * problem.num_states:
        return values, policies
    trial = _settled(problem_of(problem, states, values), values[states], HIGH * sweep.residual, improve)
    values, rows, columns = (_copied(array) for array in (values, *policies))
    values[states], rows[states], columns[states] = trial.backup.value, trial.backup.row_policy, trial.backup.column_policy
    return values, (rows, columns)


def problem_of(problem: ZeroSum, states: np.ndarray, values: np.ndarray) -> ZeroSum:
    """Return the game of ``states (k,)`` alone, where reaching any other is worth ``values (S,)`` there, for ever."""
    joint = problem.payoff.shape[1]
    room = int((problem.offsets[(states + 1) * joint] - problem.offsets[states * joint]).sum())
    part = np.empty((len(states), joint)), np.empty(len(states) * joint + 1, np.uint64), np.empty(room, np.uint32), np.empty(room)
    places = np.empty(problem.num_states, np.int64)
    count = restrict(states, *problem.transitions, problem.discount, values, places, part)
    for array in part:  # read-only as the whole game is: to a compiler that is another type
        array.setflags(write=False)
    row_counts, column_counts, *lists = problem.menu
    menu = (row_counts[states], column_counts[states], *(every if len(every) == 1 else every[states] for every in lists))
    return replace(
        problem,
        payoff=part[0],
        offsets=part[1],
        successors=part[2][:count],
        probabilities=part[3][:count],
        menu=menu,
        groups=groups_of(*menu[:2]),
        largest_payoff=largest(part[0]),
    )


def _high_states(sweep: Trial) -> np.ndarray:
    """Return the numbers of the states whose residual is high."""
    limit, after, before = HIGH * sweep.residual, sweep.backup.value, sweep.values

    def high(first: int, last: int) -> np.ndarray:
        return first + np.flatnonzero(np.abs(after[first:last] - before[first:last]) > limit)

    return np.concatenate(run_chunks(high, chunks(len(after), CHUNK)))


def _settled(problem: ZeroSum, values: np.ndarray, enough: float, improve: Improve) -> Trial:
    """Return the best of a few steps from ``values``; the residual ``enough`` ends them early."""
    best = trial = _tried(problem, values)
    for _ in range(STEPS):
        if best.residual <= enough:
            break
        trial = _tried(problem, improve(problem, trial))
        best = trial if trial.residual < best.residual else best
    return best


def _tried(problem: ZeroSum, values: np.ndarray) -> Trial:
    backup = back_up(problem, values)
    return Trial(values, backup, largest(backup.value - values))


def _copied(array: np.ndarray) -> np.ndarray:
    """Return a copy, made by all threads."""
    copy = np.empty_like(array)
    run_chunks(lambda first, last: np.copyto(copy[first:last], array[first:last]), chunks(len(array), CHUNK))
    return copy
