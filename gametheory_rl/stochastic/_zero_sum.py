"""A zero-sum game as the plain arrays that kernels take; a decision process is the case of one column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._threads import chunks, run_chunks
from gametheory_rl.equilibria._kernels._batch import LOCKSTEP_FROM
from gametheory_rl.equilibria._zero_sum import Answers, linear_programs, simplex_again, simplex_quickly
from gametheory_rl.stochastic._kernels import _backup

CHUNK_ENTRIES = 1 << 16
"""Stage payoffs per chunk of a sweep: about a millisecond of work, whatever the number of threads."""
CHUNK_ROWS = 1 << 18
"""Transition rows per chunk of a pass over the game."""
HUGE = float(np.finfo(np.float64).max) / 8
"""Values beyond this leave no room for their sums and differences."""
NARROWEST = 1e-320
"""Gaps below are rounding, however small the payoffs."""
WIDE = 1e-9
"""A stage gap above this share of the payoffs' size is worth a second method."""


@dataclass(frozen=True, eq=False)
class ZeroSum:
    """The row player's view of a zero-sum game; read-only."""

    payoff: np.ndarray
    """``[S, m * n]``"""
    offsets: np.ndarray
    """``[S * m * n + 1]`` uint64"""
    successors: np.ndarray
    """``[entries]`` uint32"""
    probabilities: np.ndarray
    """``[entries]``"""
    discount: float
    rows: int
    columns: int
    menu: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
    """Legal row and column counts ``[S]``, and their lists ``[S or 1, m]`` and ``[S or 1, n]``."""
    groups: tuple[tuple[np.ndarray, int, int], ...]
    """States ``(k,)`` int64 with the same numbers of legal rows and columns, and those numbers."""
    together: frozenset[tuple[int, int]]
    """Sizes of stage games that are so many that they are solved eight at a time."""
    largest_payoff: float
    longest_row: int
    """Most successors of a joint action."""
    imbalance: float
    """Largest absolute sum of the two players' payoffs: 0, or rounding."""
    excess: float
    """How far the sum of a transition row is from 1: 0, or rounding."""

    @property
    def num_states(self) -> int:
        """Number of states, S."""
        return self.payoff.shape[0]

    def size(self, values: np.ndarray) -> float:
        """Return a bound of the stage payoffs' magnitude, given continuation ``values``."""
        return self.largest_payoff + self.discount * largest(values)

    def widest(self, values: np.ndarray) -> float:
        """Return the gap above which a stage game is worth a second method, given continuation ``values``."""
        return WIDE * self.size(values) + NARROWEST

    @property
    def transitions(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Payoffs and successor lists, the leading arguments of the kernels."""
        return self.payoff, self.offsets, self.successors, self.probabilities


def largest(numbers: np.ndarray) -> float:
    """Return the largest magnitude, without a copy of the array."""
    return max(float(numbers.max()), -float(numbers.min()))


def general_method(game: StochasticGame) -> str:
    """Return what to use where no special method applies, as a sentence's end."""
    return "homotopy" if (game.discount < 1.0).all() else "homotopy with discounts below 1, or finite_horizon"


def zero_sum_problem(game: StochasticGame, method: str) -> ZeroSum:
    """Return ``game`` as arrays, or say in a sentence why ``method`` does not apply to it."""
    if game.num_players > 2 or not (game.zero_sum or game.num_players == 1):
        kind = f"{game.num_players}-player" if game.num_players > 2 else "general-sum"
        raise GameError(
            f"{method} solves zero-sum games of two players and decision processes of one, this game is {kind}; use {general_method(game)}"
        )
    if game.discount[0] >= 1.0:
        raise GameError(
            f"{method} needs a discount below 1, got {game.discount[0]:g}; finite_horizon takes any discount, average_payoff and "
            "reachability need none"
        )
    imbalance = max(run_chunks(partial(_imbalance, game.payoff), chunks(game.num_states, CHUNK_ROWS // game.num_joint_actions + 1)))
    return problem_of_rows(game.payoff[0], game.successors, game.legal, float(game.discount[0]), imbalance)


def problem_of_rows(
    payoff: np.ndarray,
    rows_of: tuple[np.ndarray, np.ndarray, np.ndarray],
    legal: tuple[np.ndarray, ...],
    discount: float,
    imbalance: float,
) -> ZeroSum:
    """Return some states' rows as arrays, or say in a sentence why their values do not fit; read-only where what is given is.

    ``payoff (S, m)`` or ``(S, m, n)`` is the row player's, ``rows_of`` are offsets (int64), next states (int32) and probabilities.
    """
    offsets, successors, probabilities = rows_of
    shapes = run_chunks(partial(_row_shape, offsets, probabilities), chunks(len(offsets) - 1, CHUNK_ROWS))
    excess, longest_row = map(max, zip(*shapes, strict=True))
    largest_payoff, slack = largest(payoff), 1.0 - discount * (1.0 + excess)
    if not (slack > 0.0 and largest_payoff <= HUGE * slack):
        raise GameError(
            f"payoffs up to {largest_payoff:.3g} with discount {discount!r} have values too large for float64; "
            "rescale the payoffs or lower the discount"
        )
    num_states, rows, columns = (*payoff.shape, 1)[:3]
    masks = (*legal, np.ones((num_states, 1), dtype=bool))[:2]
    (row_counts, row_lists), (column_counts, column_lists) = (_menu(mask) for mask in masks)
    groups = groups_of(row_counts, column_counts)
    return ZeroSum(
        payoff=payoff.reshape(num_states, rows * columns),
        offsets=offsets.view(np.uint64),
        successors=successors.view(np.uint32),
        probabilities=probabilities,
        discount=discount,
        rows=rows,
        columns=columns,
        menu=(row_counts, column_counts, row_lists, column_lists),
        groups=groups,
        together=frozenset((m, n) for states, m, n in groups if len(states) >= LOCKSTEP_FROM),
        largest_payoff=largest_payoff,
        longest_row=longest_row,
        imbalance=imbalance,
        excess=excess,
    )


def _row_shape(offsets: np.ndarray, probabilities: np.ndarray, first: int, last: int) -> tuple[float, int]:
    """Return how far the sum of one of these rows is from 1 at most, and how many successors one has."""
    offsets = offsets[first : last + 1]
    return float(_backup.row_excess(offsets.view(np.uint64), probabilities)), int(np.diff(offsets).max(initial=0))


def _imbalance(payoff: np.ndarray, first: int, last: int) -> float:
    """Return the largest absolute sum of the two players' payoffs in these states; 0 for one player."""
    return largest(payoff[0, first:last] + payoff[1, first:last]) if len(payoff) == 2 else 0.0


def _menu(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the counts ``(S,)`` of legal actions and their lists, one shared list where everything is legal."""
    counts = mask.sum(axis=1).astype(np.int64)
    if mask.all():
        return counts, np.arange(mask.shape[1], dtype=np.int64)[np.newaxis]
    return counts, np.argsort(~mask, axis=1, kind="stable").astype(np.int64)


def groups_of(row_counts: np.ndarray, column_counts: np.ndarray) -> tuple[tuple[np.ndarray, int, int], ...]:
    """Sort the states by the size of their stage games, so that games of one size are solved together."""
    base = int(column_counts.max()) + 1
    size_of = row_counts * base + column_counts
    sizes = np.flatnonzero(np.bincount(size_of))
    return tuple((np.flatnonzero(size_of == size), *divmod(int(size), base)) for size in sizes)


@dataclass(frozen=True, eq=False)
class Backup:
    """One application of Shapley's operator."""

    value: np.ndarray
    """``[S]`` stage values"""
    gap: np.ndarray
    """``[S]`` how far they can be off, given the stage games as they were rounded"""
    row_policy: np.ndarray
    """``[S, m]``"""
    column_policy: np.ndarray
    """``[S, n]``"""
    wide: np.ndarray
    """``[k]`` states whose gap ``narrow`` can narrow"""


def back_up(problem: ZeroSum, values: np.ndarray) -> Backup:
    """Solve every stage game given continuation ``values (S,)``; the numbers do not depend on the number of threads."""
    size = problem.num_states
    out = Backup(np.empty(size), np.empty(size), np.empty((size, problem.rows)), np.empty((size, problem.columns)), np.empty(0, np.int64))
    wide, widest = [out.wide], problem.widest(values)
    for states, rows, columns in problem.groups:
        work = partial(_back_up_group, problem, values, widest, out, states, rows, columns)
        wide += run_chunks(work, chunks(len(states), max(1, CHUNK_ENTRIES // (rows * columns))))
    return replace(out, wide=np.concatenate(wide))


def _back_up_group(
    problem: ZeroSum, values: np.ndarray, widest: float, out: Backup, states: np.ndarray, rows: int, columns: int, first: int, last: int
) -> np.ndarray:
    """Solve the stage games of ``states[first:last]``, all of size rows x columns, and write the answers to ``out``."""
    states = states[first:last]
    games, together = _stage_games(problem, values, states, rows, columns), (rows, columns) in problem.together
    if rows == problem.rows and columns == problem.columns and len(problem.groups) == 1:  # the states in order, every action legal
        part = slice(first, last)
        fine = np.ones(len(states), np.bool_)
        answers = Answers(out.row_policy[part], out.column_policy[part], out.value[part], out.gap[part], fine)
        spoiled = simplex_quickly(games, answers, together=together)
    else:
        answers = Answers.empty(games)
        spoiled = simplex_quickly(games, answers, together=together)
        _write(problem, states, answers, out)
    wide = np.flatnonzero(~(answers.gap <= widest))
    return states[np.union1d(spoiled, wide) if spoiled.size or wide.size else spoiled]


def narrow(problem: ZeroSum, values: np.ndarray, backup: Backup) -> Backup:
    """Solve the stage games of ``backup.wide`` again, in place, as exactly as any method here can."""
    for states, rows, columns in problem.groups:
        states = np.intersect1d(states, backup.wide, assume_unique=True)
        if states.size:
            games = _stage_games(problem, values, states, rows, columns)
            answers = Answers.empty(games)
            simplex_again(games, np.arange(len(states)), answers)
            wide = np.flatnonzero(~(answers.gap <= problem.widest(values)))
            if wide.size:
                answers.improve(wide, linear_programs(games[wide]))
            _write(problem, states, answers, backup)
    return replace(backup, wide=backup.wide[:0])


def _stage_games(problem: ZeroSum, values: np.ndarray, states: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return the stage games ``(k, rows, columns)`` of states that have so many legal actions."""
    _, _, row_lists, column_lists = problem.menu
    games = np.empty((len(states), rows, columns))
    _backup.assemble(states, *problem.transitions, problem.discount, values, problem.columns, row_lists, column_lists, games)
    return games


def _write(problem: ZeroSum, states: np.ndarray, answers: Answers, out: Backup) -> None:
    """Write the answers to the stage games of ``states`` in their places."""
    _, _, row_lists, column_lists = problem.menu
    out.value[states], out.gap[states] = answers.value, answers.gap
    _backup.spread(states, answers.x, row_lists, out.row_policy)
    _backup.spread(states, answers.y, column_lists, out.column_policy)
