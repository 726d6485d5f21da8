"""The engine of the zero-sum solvers: back up, certify, stop or improve.

A method is only its way to improve. The bound certifies whatever produced the values, so that no method needs a theory of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import Certificate, GameSolution, Profile, Status
from gametheory_rl._support._errors import GameError, SolverError
from gametheory_rl._support._progress import progress_bar
from gametheory_rl._support._threads import chunks, run_chunks
from gametheory_rl.stochastic._zero_sum import Backup, ZeroSum, back_up, largest, narrow, zero_sum_problem

EPS = float(np.finfo(np.float64).eps)
SMALLEST = float(np.finfo(np.float64).smallest_subnormal)
"""What rounding costs at least, however small the numbers."""
GAP_SHARE = 0.05
"""Stage games are solved again where their gaps are more than about this share of the certified error."""
CHUNK = 1 << 16
"""States per chunk of plain array work."""
TRACE_ENTRIES = 2_000_000
"""Values of every sweep are kept in the trace up to this many numbers."""


@dataclass(frozen=True, eq=False)
class Trial:
    """Values and their backup."""

    values: np.ndarray
    """``[S]`` the continuation values that were backed up"""
    backup: Backup
    residual: float
    """``max |T v - v|``"""


@dataclass(frozen=True, eq=False)
class Sweep(Trial):
    """A full backup, and what it certifies."""

    lower: np.ndarray
    """``[S]`` certified lower bound of the game's value"""
    upper: np.ndarray
    """``[S]`` certified upper bound"""
    error: float
    """Largest distance of the bounds' middle from the value"""
    rounding: float
    """The part of ``error`` that no further sweep can remove"""


def zero_start(problem: ZeroSum) -> np.ndarray:
    """Return the values ``(S,)`` from which value iteration starts by definition."""
    return np.zeros(problem.num_states)


Improve = Callable[[ZeroSum, Sweep], np.ndarray]
"""``improve(problem, sweep) -> values``: the next continuation values."""
Sweeps = list[tuple[float, float]]
"""Residual and certified error of every sweep."""
Kept = list[tuple[np.ndarray, ...]]
"""Values, lower and upper bounds of every sweep; empty where that would be too much."""


def certify(
    problem: ZeroSum,
    values: np.ndarray,
    back_up: Callable[[ZeroSum, np.ndarray], Backup] = back_up,
    narrow: Callable[[ZeroSum, np.ndarray, Backup], Backup] = narrow,
) -> Sweep:
    """Back ``values`` up and bound the value of the game.

    With ``a = min(Tv - v)`` and ``b = max(Tv - v)`` the value lies in ``Tv + discount / (1 - discount) [a, b]`` (MacQueen 1966,
    Porteus 1971), because every transition row sums to 1. Here ``Tv`` itself is known only to lie between the security levels of
    the stage strategies, every sum is rounded, and rows sum to 1 up to rounding only, which moves the value by as much as the
    continuation values that the rows weigh: all three widen the interval. So it holds for the rows as they are stored, and for the
    same rows divided by their sums. ``back_up`` and ``narrow`` are given where the rows are elsewhere.
    """
    backup = back_up(problem, values)
    sweep = _bounded(problem, values, backup)
    if backup.wide.size and not float(backup.gap[backup.wide].max()) <= GAP_SHARE * (1.0 - problem.discount) * sweep.error:
        sweep = _bounded(problem, values, narrow(problem, values, backup))
    return sweep


def _bounded(problem: ZeroSum, values: np.ndarray, backup: Backup) -> Sweep:
    """Return what a backup certifies, see ``certify``."""
    ranges = chunks(len(values), CHUNK)
    lower, upper = np.empty_like(values), np.empty_like(values)
    parts = run_chunks(partial(_changes, values, backup, lower, upper), ranges)
    least, most, residual = (f(part) for f, part in zip((min, max, max), zip(*parts, strict=True), strict=True))
    stretch = problem.discount / (1.0 - problem.discount)
    shift = max(abs(least), abs(most)) / (1.0 - problem.discount)
    excess = problem.discount * problem.excess * (largest(values) + shift)
    rounding = (stage_rounding(problem, values) + excess) / (1.0 - problem.discount * (1.0 + problem.excess))
    parts = run_chunks(partial(_widen, lower, upper, stretch * least - rounding, stretch * most + rounding), ranges)
    widest, size = map(max, zip(*parts, strict=True))
    last = 4.0 * EPS * size  # the middle of the bounds, and the bounds themselves, are rounded once more
    return Sweep(values, backup, residual, lower, upper, 0.5 * widest + last, rounding + last)


def _changes(values: np.ndarray, backup: Backup, low: np.ndarray, high: np.ndarray, first: int, last: int) -> tuple[float, float, float]:
    """Write bounds of ``Tv`` to the chunks of ``low`` and ``high``; returns the extremes of their distance from ``v``."""
    part = slice(first, last)
    np.subtract(backup.value[part], backup.gap[part], out=low[part])
    np.add(backup.value[part], backup.gap[part], out=high[part])
    below, above = low[part] - values[part], high[part] - values[part]
    return float(below.min()), float(above.max()), max(largest(below), largest(above))


def _widen(low: np.ndarray, high: np.ndarray, down: float, up: float, first: int, last: int) -> tuple[float, float]:
    """Add ``down`` and ``up`` to the chunks of the bounds, in place; returns their largest distance and magnitude."""
    low, high = low[first:last], high[first:last]
    low += down
    high += up
    return float((high - low).max()), max(largest(low), largest(high))


def stage_rounding(problem: ZeroSum, values: np.ndarray) -> float:
    """Bound the rounding error of one stage value: its entries' sums, the strategies' sums, and payoffs that do not quite cancel."""
    operations = problem.rows + problem.columns + 2 * problem.longest_row + 16
    return operations * (EPS * problem.size(values) + SMALLEST) + problem.imbalance


def solve_certified(
    game: StochasticGame,
    method: str,
    improve: Improve,
    start: Callable[[ZeroSum], np.ndarray],
    *,
    tol: float | None,
    max_iterations: int | None,
    throw: bool,
    progress: bool | None,
) -> GameSolution:
    """Iterate ``improve`` from ``start`` until the certified error is within ``tol``; the shared body of every zero-sum solver."""
    problem = zero_sum_problem(game, method)
    tol = checked_tolerance(game, tol)
    limit = checked_limit(max_iterations, problem.discount)
    certified, improved = partial(certify, problem), partial(improve, problem)
    best, sweeps, kept, status = iterated(method, certified, improved, start(problem), tol=tol, limit=limit, throw=throw, progress=progress)
    profile = (best.backup.row_policy, best.backup.column_policy)[: game.num_players]
    return solution_of(method, best, sweeps, kept, status, profile, partial(certificate_of, game, profile))


def iterated(
    method: str,
    certify: Callable[[np.ndarray], Sweep],
    improve: Callable[[Sweep], np.ndarray],
    start: np.ndarray,
    *,
    tol: float,
    limit: int,
    throw: bool,
    progress: bool | None,
) -> tuple[Sweep, Sweeps, Kept, Status]:
    """Return the best sweep from the values ``start (S,)`` on, residual and error of every one, what is kept of them, and the end."""
    sweeps: Sweeps = []
    kept: Kept = []
    best = sweep = certify(start)
    first = sweep.error
    try:
        with progress_bar(method, 1.0, show=progress) as advance:
            while True:
                sweeps.append((sweep.residual, sweep.error))
                _keep(kept, sweep, len(sweeps))
                best = sweep if sweep.error <= best.error else best
                advance(_fraction(first, best.error, tol), f"error at most {best.error:.2g}")
                status = _status(best, sweeps, tol, limit)
                if status is not None:
                    break
                sweep = certify(improve(sweep))
    except KeyboardInterrupt:
        # The bound of the best sweep is a proof whenever it is read; who asked for no exceptions gets it.
        if throw or not sweeps:
            raise
        status = Status.INTERRUPTED
    if throw and status is Status.MAX_ITERATIONS:
        raise SolverError(f"{method} {status.value} (error at most {best.error:.3g} after {limit} iterations, tol {tol:.3g})")
    return best, sweeps, kept, status


def require_game(game: object, verb: str) -> None:
    """Refuse what is no game."""
    if not isinstance(game, StochasticGame):
        raise GameError(f"{verb} takes a StochasticGame, got {type(game).__name__}; load_game turns a name or a file into one")


def require_discounted(game: StochasticGame, method: str) -> None:
    """Refuse a discount of 1."""
    if (game.discount >= 1.0).any():
        raise GameError(f"{method} needs discounts below 1, they are {game.discount.tolist()}; finite_horizon takes any discount")


def checked_tolerance(game: StochasticGame, tol: float | None) -> float:
    """Return ``tol``, or its default: 1e-8 times the payoff span (1e-8 where that is 0)."""
    if tol is None:
        return 1e-8 * (game.payoff_span or 1.0)
    if isinstance(tol, bool) or not (isinstance(tol, int | float | np.floating) and 0.0 < tol < math.inf):
        raise GameError(f"tol is {tol!r}, a positive number in payoff units was expected")
    return float(tol)


def checked_limit(max_iterations: int | None, discount: float) -> int:
    """Return the sweep limit: as asked, else more than value iteration needs for the last bit."""
    if max_iterations is None:
        return 1000 + int(60.0 / (1.0 - discount))
    if isinstance(max_iterations, bool) or not isinstance(max_iterations, int | np.integer) or max_iterations < 1:
        raise GameError(f"max_iterations is {max_iterations!r}, an integer of at least 1 was expected")
    return int(max_iterations)


def _keep(kept: Kept, sweep: Sweep, count: int) -> None:
    """Keep a sweep's values while the whole trace is small; drop all of them once it is not."""
    if count * sweep.values.size <= TRACE_ENTRIES:
        kept.append((sweep.backup.value, sweep.lower, sweep.upper))
    else:
        kept.clear()


def _fraction(first: float, now: float, tol: float) -> float:
    """Return how much of the way from the first error to ``tol`` lies behind, on a logarithmic scale."""
    if now <= tol or first <= tol:
        return 1.0
    return math.log(first / now) / math.log(first / tol) if now < first else 0.0


def _status(best: Sweep, sweeps: Sweeps, tol: float, limit: int) -> Status | None:
    if best.error <= tol:
        return Status.SOLVED
    # Past this point the rounding term, which no sweep removes, is most of the error.
    stalled = len(sweeps) > 20 and min(e for _, e in sweeps[-20:]) > 0.99 * min(e for _, e in sweeps[:-20])
    if best.error <= 1.5 * best.rounding or (stalled and best.error <= 64.0 * best.rounding):
        return Status.ROUNDING
    return Status.MAX_ITERATIONS if len(sweeps) >= limit else None


def solution_of(
    method: str, best: Sweep, sweeps: Sweeps, kept: Kept, status: Status, profile: tuple[np.ndarray, ...], judge: Callable[[], Certificate]
) -> GameSolution:
    """Return what an iteration ended with; as many players as ``profile`` has."""
    middle = best.lower + 0.5 * (best.upper - best.lower)
    values = np.stack([middle, -middle])[: len(profile)]
    return GameSolution(values, profile, best.error, _trace(sweeps, kept), status, method, len(sweeps), judge)


def certificate_of(game: StochasticGame, profile: Profile) -> Certificate:
    """Return the judge's certificate of ``profile``; loads the judge when called, and not before."""
    from gametheory_rl._verify import verify

    return verify(game, profile)


def _trace(sweeps: Sweeps, kept: Kept) -> dict[str, np.ndarray]:
    residual, bound = (np.array(column) for column in zip(*sweeps, strict=True))
    ratio = np.full(len(residual), np.nan)
    np.divide(residual[1:], residual[:-1], out=ratio[1:], where=residual[:-1] > 0)
    trace = {"residual": residual, "bound": bound, "contraction": ratio}
    if len(kept) == len(sweeps):
        trace |= dict(zip(("values", "lower", "upper"), map(np.array, zip(*kept, strict=True)), strict=True))
    return trace
