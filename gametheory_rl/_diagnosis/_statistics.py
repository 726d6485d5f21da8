"""Robust statistics of runs over seeds: slopes of Theil and Sen, interquartile means, intervals by bootstrap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gametheory_rl._results import Run
from gametheory_rl._support._errors import GameError

RESAMPLES = 2000
LEVEL = 0.95
BLOCK = 2**22
"""Numbers resampled at once, which bounds the memory."""


class Slope(NamedTuple):
    """A slope with its interval; NaN where there are too few points."""

    slope: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Band:
    """A column of a trace over its seeds, record by record."""

    steps: np.ndarray
    """``[records]``"""
    median: np.ndarray
    """``[records]``"""
    iqm: np.ndarray
    """``[records]`` interquartile mean: the mean of the middle half of the seeds"""
    low: np.ndarray
    """``[records]`` lower end of its 95 % interval by bootstrap over seeds; NaN with fewer than 3 seeds"""
    high: np.ndarray
    """``[records]`` upper end"""


def bands(run: Run, column: str = "nash_gap") -> Band:
    """Return a column's median and interquartile mean over seeds, with 95 % intervals.

    Parameters
    ----------
    run : Run
    column : str
        A column of its trace.

    Returns
    -------
    Band
        Entries that are not finite in some seed are NaN.

    Raises
    ------
    GameError
        No such column.

    Notes
    -----
    Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice", NeurIPS 2021: the interquartile mean drops a
    quarter of the seeds, rounded down, at either end; its interval is the percentile bootstrap of 2000 resamples of whole seeds,
    drawn from a fixed stream. With fewer than 4 seeds it is the mean, and with few seeds the interval is too short.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> run = gt.learn(gt.load_game("prisoners_dilemma"), "independent_q", steps=2000, seeds=5, records=4)
    >>> gt.bands(run).iqm.shape
    (4,)
    """
    if not isinstance(run, Run):
        raise GameError(f"run is {type(run).__name__}, a Run was expected (learn and load_run return one)")
    if column not in run.trace:
        known = ", ".join(sorted(set(run.trace) - {"step"})) or "none"
        raise GameError(f"the run has no column {column!r} in its trace; it has: {known}")
    numbers = np.asarray(run.trace[column], np.float64)
    if numbers.ndim != 2 or not len(numbers):
        raise GameError(f"column {column!r} has shape {numbers.shape}, (seeds, records) was expected")
    low, high = iqm_interval(numbers)
    steps = np.asarray(run.trace["step"])[0]
    return Band(steps, np.median(numbers, axis=0), iqm(numbers), low, high)


def iqm(numbers: np.ndarray) -> np.ndarray:
    """Return the interquartile mean over the first axis."""
    cut = len(numbers) // 4
    return np.sort(numbers, axis=0)[cut : len(numbers) - cut].mean(axis=0)


def iqm_interval(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends ``(records,)`` of the 95 % bootstrap interval of the interquartile mean of ``(seeds, records)``."""
    seeds, records = numbers.shape
    if seeds < 3:
        return np.full(records, np.nan), np.full(records, np.nan)
    drawn = np.random.default_rng(0).integers(seeds, size=(seeds, RESAMPLES))
    width = max(1, BLOCK // drawn.size)
    means = [iqm(numbers[:, k : k + width][drawn]) for k in range(0, records, width)]
    found = np.concatenate(means, axis=1) if means else np.zeros((RESAMPLES, 0))
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return low, high


def log_slope(steps: np.ndarray, numbers: np.ndarray) -> Slope:
    """Return the slope of log ``numbers`` against log ``steps``, both ``(records,)``: -0.5 where they fall as ``steps ** -0.5``.

    The median of the slopes between all pairs of points (Theil 1950), and the 95 % interval of Sen, JASA 63, 1968, section 2, whose
    confidence takes the records for independent: they are not, so it is made wider by their first autocorrelation.
    """
    use = (numbers > 0) & np.isfinite(numbers) & (steps > 0)
    x, y = np.log(steps[use]), np.log(numbers[use])
    if len(x) < 4 or np.ptp(x) < np.log(1.5):
        return Slope(np.nan, np.nan, np.nan)
    first, second = np.triu_indices(len(x), 1)
    apart = x[second] - x[first] > 0
    slopes = np.sort((y[second] - y[first])[apart] / (x[second] - x[first])[apart])
    middle = float(np.median(slopes))
    effective = _effective(y - middle * x)
    # Kendall's S has the standard deviation sqrt(n (n - 1) (2 n + 5) / 18); n shrinks to the effective number of points.
    share = 1.96 * np.sqrt((2 * effective + 5) / (18 * effective * (effective - 1))) * 2
    ends = np.quantile(slopes, np.clip([(1 - share) / 2, (1 + share) / 2], 0, 1))
    return Slope(middle, float(ends[0]), float(ends[1]))


def _effective(residuals: np.ndarray) -> float:
    """Return how many independent points are worth as much as these, by the first autocorrelation."""
    centred = residuals - residuals.mean()
    power = float(centred @ centred)
    rho = float(centred[1:] @ centred[:-1]) / power if power > 0 else 0.0
    rho = min(max(rho, 0.0), 0.9)
    return max(3.0, len(residuals) * (1 - rho) / (1 + rho))


def pooled(slopes: list[Slope]) -> Slope:
    """Return the median of the seeds' slopes with its 95 % interval by bootstrap over seeds; with fewer than 5 seeds, theirs joined."""
    known = np.array([slope for slope in slopes if np.isfinite(slope.slope)])
    if not len(known):
        return Slope(np.nan, np.nan, np.nan)
    middle = float(np.median(known[:, 0]))
    if len(known) < 5:
        return Slope(middle, float(known[:, 1].min()), float(known[:, 2].max()))
    drawn = np.random.default_rng(0).integers(len(known), size=(len(known), RESAMPLES))
    low, high = np.quantile(np.median(known[:, 0][drawn], axis=0), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Slope(middle, float(low), float(high))
