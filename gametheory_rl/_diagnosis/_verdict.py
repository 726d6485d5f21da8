"""What became of one seed: converged only where the exact gap says so at every late record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from gametheory_rl._diagnosis._cycles import Cycle
from gametheory_rl._diagnosis._statistics import Slope, log_slope

LATE, FEWEST = 4.0, 5
"""The late records are those in the last factor 4 of the steps, and 5 at least."""
STILL = 0.1
"""A policy that stayed so near its last self, in Euclidean distance, has settled."""
FALLING = -0.05
"""A gap falls if the whole interval of its rate lies below this."""
FLAT = 0.05
"""A gap stands still if its late level, first half against second, changes by no more than this share."""
SHRINKING = 0.5
"""A cycle fades if its late amplitude is at most this share of its early one."""


class Verdict(Enum):
    """What became of a run; the value is the sentence that the user reads, with its numbers filled in."""

    CONVERGED = "converged to within {tol:.3g}: the exact gap of {who} is at most {gap:.3g} at each of the last {late} records, {rest}."
    CLOSE = "close to equilibrium but not settled: the exact gap of {who} is at most {gap:.3g} at the last {late} records, {rest}."
    TEAM = "settled on the team's best plan to within {team:.3g}; that is no equilibrium: some player gains {gap:.3g} by leaving it."
    AVERAGES = "the average policy converges (gap at most {average:.3g}), the policy itself does not (gap {gap:.3g}){rest}."
    CYCLES = "cycles {period}: no convergence (gap {gap:.3g})."
    FALLING = "still falling: the gap is {gap:.3g} and falls as steps^{rate:.2g} (95 %: {low:.2g} to {high:.2g}); not converged."
    WANDERS = (
        "never settles: the policy keeps changing, in no order that could be told{rest}, and the gap ({gap:.3g}) shows no lasting fall."
    )
    DRIFTS = "not settled: the gap went from {before:.3g} to {after:.3g} over the last {late} records, too short a way to call a trend."
    STALLED = "the gap has stopped falling at {gap:.3g}{rest}; no guarantee."
    UNKNOWN = "too little was recorded to tell: {rest}."
    DIVIDED = "the seeds disagree: {rest}."


@dataclass(frozen=True, eq=False)
class SeedDiagnosis:
    """What became of one seed."""

    verdict: Verdict
    gap: float
    """Largest exact gap at the late records, in payoff units"""
    average_gap: float
    """The same of the average policy; NaN where it is not known"""
    team_gap: float
    """The same of the joint policy, for the team; NaN where there is no team"""
    rate: Slope
    """Slope of log gap against log step over the last decade or two, with its 95 % interval"""
    cycle: Cycle | None
    settled: bool | None
    """The policy stood still over the last factor 4 of the steps; None: it was not watched."""
    value_range: float
    """How far the policy's exact start values still moved at the late records; NaN where they are not known"""
    levels: tuple[float, float] = (np.nan, np.nan)
    """Median gap at the first and at the second half of the late records"""
    recent: int = 0
    """Records in the last factor 4 of the steps"""
    returns: int = 0
    """How often the greedy profile came back, by way of two others or more, in the last three decades of the steps"""


def late_records(steps: np.ndarray) -> int:
    """Return how many records are late."""
    return min(len(steps), max(FEWEST, int((steps > steps[-1] / LATE).sum()))) if len(steps) else 0


def rate_of(steps: np.ndarray, gaps: np.ndarray, floor: float) -> Slope:
    """Return the slope over the last decade, or two where the last has fewer than 8 records; what is below ``floor`` is rounding."""
    near = steps >= steps[-1] / 10
    near = near if near.sum() >= 8 else steps >= steps[-1] / 100
    use = near & (gaps > floor)
    return log_slope(steps[use], gaps[use]) if use.sum() >= max(4, near.sum() / 2) else Slope(np.nan, np.nan, np.nan)


def levels_of(gaps: np.ndarray) -> tuple[float, float]:
    """Return the median gap at the first and at the second half of the late records."""
    half = len(gaps) // 2
    return (float(np.median(gaps[:half])), float(np.median(gaps[-half:]))) if half else (np.nan, np.nan)


def settled(steps: np.ndarray, path: np.ndarray) -> bool:
    """Whether the policy stood still over the last factor 4 of the steps."""
    late = path[steps > steps[-1] / LATE]
    return bool(np.sqrt(((late - late[-1]) ** 2).sum(axis=1)).max() <= STILL)


def fading(steps: np.ndarray, path: np.ndarray) -> bool:
    """Whether the policy moves much less than it did: by the octave before last against three octaves earlier."""
    last = steps[-1]
    ends = path[steps > last / 4], path[(steps > last / 64) & (steps <= last / 16)]
    late, early = (np.sqrt(part.var(axis=0).sum()) if len(part) > 7 else np.nan for part in ends)
    return bool(late <= SHRINKING * early)


def judge_seed(
    trace: Mapping[str, np.ndarray],
    column: str,
    tol: float,
    values: np.ndarray,
    path: np.ndarray | None,
    times: np.ndarray,
    cycle: Cycle | None,
    returns: int = 0,
) -> SeedDiagnosis:
    """Return what became of a seed.

    Parameters
    ----------
    trace : mapping of (records,) columns
    column : str
        The exact gap that decides.
    tol : float
        In payoff units.
    values : (records, n)
        Exact values of the policy from the start; no columns: not known.
    path : (samples, k), optional
        The policy between records, at ``times``.
    times : (samples,)
    cycle : Cycle, optional
        That of the policy.
    returns : int
        How often its greedy profile came back.
    """
    steps, late = np.asarray(trace["step"], np.float64), late_records(np.asarray(trace["step"]))
    gaps = trace[column]

    def largest(name: str) -> float:
        return float(trace[name][-late:].max()) if name in trace and late else np.nan

    gap, average, team = largest(column), largest(f"average_{column}"), largest("team_gap")
    rate = rate_of(steps, gaps, 1e-4 * tol) if late >= FEWEST else Slope(np.nan, np.nan, np.nan)
    still = settled(times, path) if path is not None and len(path) else None
    moved = float(np.ptp(values[-late:], axis=0).max()) if values.shape[-1] and late else np.nan
    near = gaps[steps > steps[-1] / LATE] if late else gaps
    found = SeedDiagnosis(Verdict.UNKNOWN, gap, average, team, rate, cycle, still, moved, levels_of(gaps[-late:]), len(near), returns)
    # Five records may reach far back: a gap that was large there alone says nothing of the end.
    stale = gap > tol and len(near) < FEWEST and bool(near.max(initial=0.0) <= tol)
    if late < FEWEST or not np.isfinite(gap) or stale:
        return found
    fades = path is not None and len(path) > 0 and fading(times, path)
    return replace(found, verdict=_verdict(found, tol, fades=fades))


def _verdict(found: SeedDiagnosis, tol: float, *, fades: bool) -> Verdict:
    falls = found.rate.high < FALLING
    if found.gap <= tol:
        steady = found.value_range <= 2 * tol or (not np.isfinite(found.value_range) and found.settled is not False)
        return Verdict.CONVERGED if found.cycle is None and steady and found.settled is not None else Verdict.CLOSE
    if found.team_gap <= tol and found.cycle is None and found.settled is not False:
        return Verdict.TEAM
    if found.average_gap <= tol:
        return Verdict.AVERAGES
    if found.cycle is not None and not (falls and fades):
        return Verdict.CYCLES
    if falls:
        return Verdict.FALLING
    if found.settled is False:
        return Verdict.WANDERS
    before, after = found.levels
    return Verdict.STALLED if abs(after - before) <= FLAT * max(before, after) else Verdict.DRIFTS
