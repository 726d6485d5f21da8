"""Two paths to an equilibrium, each walked to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gametheory_rl.stochastic._action_rows import ActionRows
from gametheory_rl.stochastic._continuation import advance, first_point
from gametheory_rl.stochastic._path_end import nearest, press, settle
from gametheory_rl.stochastic._quantal import Quantal
from gametheory_rl.stochastic._tracing import Tracing, smoothed

STEP = 0.1
"""First step along a path, in arc length."""
NEAR = 1e-2
"""Parameter of the tracing path, or gain on the quantal path, below which its end is tried."""
ENOUGH = 1e-6
"""Barrier parameter at which an end that cannot be settled is good: the barrier then costs 1e-12 of the payoff span."""
SAME = 0.05
"""An end belongs to the quantal path if no probability changes by more."""
LATE, BESIDE = 1e-6, 1e-3
"""Gain on the quantal path below which its end is sought beside it, among equilibria that are not isolated, and how far away at most."""
FAR = 1e9
"""Precision beyond which the quantal path is given up."""
NONE_PLAYED = 1e-13
"""Probabilities of the barrier's own solution below this are 0."""


@dataclass(frozen=True, eq=False)
class Visit:
    """A point of a path."""

    parameter: float
    play: np.ndarray
    """``[R]``"""
    values: np.ndarray
    """``[G]`` in units of each player's span"""
    gain: float
    """Largest one-step gain in the true game, in payoff units, if these values continued"""
    done: float
    """Share of the way behind, for the progress bar"""


def end_of_tracing(
    rows: ActionRows, prior: tuple[np.ndarray, ...], barrier: float, limit: int, keep: Callable[[Visit], None]
) -> np.ndarray:
    """Follow the logarithmic tracing path from ``prior``.

    Returns the probabilities ``(R,)`` at its end, or where it was lost. The parameter kept is ``t = 1 - q^2``.
    """
    curve = Tracing(rows, rows.induced(rows.rows_of(prior), np.zeros(rows.num_groups)), barrier)
    point = first_point(curve, curve.start(), -1.0, STEP)
    longest = max(5.0, 0.3 * float(np.sqrt(len(point.x))))
    next_press = NEAR
    for _ in range(limit):
        keep(_visit_tracing(curve, point.x))
        q = float(point.x[-1])
        ahead = q / -point.tangent[-1] if point.tangent[-1] < 0.0 else np.inf
        if ahead <= point.step:
            end = settle(curve, point.x + ahead * point.tangent, 0.0)
            if end is not None and np.linalg.norm((end - point.x) / curve.units) <= 3.0 * ahead:
                return _play_of(curve, end)
        if q <= next_press:
            next_press = 0.3 * q
            end = press(curve, point.x)
            if end[-1] <= ENOUGH:
                return _play_of(curve, end)
        # Never past q = 0, where the equations mirror themselves.
        following = advance(curve, point, min(longest, 0.7 * ahead))
        if following is None:
            break
        point = following
    return _play_of(curve, press(curve, point.x))


def end_of_quantal(rows: ActionRows, limit: int, keep: Callable[[Visit], None]) -> np.ndarray:
    """Follow the principal branch of quantal responses; return the probabilities ``(R,)`` at its end, or at its least gain.

    The parameter kept is the precision, in units of 1 / payoff span. Where equilibria are not isolated the barrier's solution may be
    another one than the path's limit, which is then approached until rounding ends the path: its last points are worse than some before.
    """
    curve, barrier = Quantal(rows), Tracing(rows, None, 1.0)
    point = first_point(curve, curve.start(), 1.0, STEP)
    wanted, first, least, closest = 0.1, None, np.inf, curve.split(point.x)[0]
    for _ in range(limit):
        play, values, precision = curve.split(point.x)
        pays = rows.induced(play, values).pays
        best = np.maximum.reduceat(pays, rows.first_row)
        gain = float((best - rows.sums(play * pays)).max())
        first = gain if first is None else first
        if gain < least:
            least, closest = gain, play
        keep(Visit(precision, play, values, _gain(rows, play, pays), _logarithmic(first, gain)))
        if gain <= wanted:
            wanted = 0.5 * gain
            end = _end_from(barrier, play, best, pays, gain)
            if end is not None:
                return end
        following = advance(curve, point, max(5.0, 0.3 * float(np.linalg.norm(point.x / curve.units)))) if precision < FAR else None
        if following is None or least <= 0.0:
            break
        point = following
    return closest


def _end_from(barrier: Tracing, play: np.ndarray, best: np.ndarray, pays: np.ndarray, gain: float) -> np.ndarray | None:
    """Return the equilibrium beside a quantal response, or None where Newton's method leads away."""
    count = len(play)
    x = np.concatenate([play - (best[barrier.rows.group] - pays), best, [0.0]])
    end = settle(barrier, x, 0.0)
    if end is None or np.abs(smoothed(end[:count], 0.0).play - play).max() > SAME:
        inner = settle(barrier, x, float(np.sqrt(0.2 * max(gain, 0.0))))
        end = None if inner is None else press(barrier, inner)
    found = _near(barrier, end, play, SAME)
    if found is not None:
        return found
    end = nearest(barrier, x) if gain <= LATE else None
    return _near(barrier, end, play, BESIDE)


def _near(barrier: Tracing, end: np.ndarray | None, play: np.ndarray, far: float) -> np.ndarray | None:
    """Return the probabilities at an end, None where there is none or one differs by more than ``far`` from ``play``."""
    if end is None or end[-1] > ENOUGH:
        return None
    found = _play_of(barrier, end)
    return found if np.abs(found - play).max() <= far else None


def _visit_tracing(curve: Tracing, x: np.ndarray) -> Visit:
    _, values, q = curve.split(x)
    _, (smooth, induced, _) = curve.residual(x)
    play = smooth.play / curve.rows.sums(smooth.play)[curve.rows.group]
    return Visit(1.0 - q * q, play, values, _gain(curve.rows, play, induced.pays), 1.0 - q)


def _gain(rows: ActionRows, play: np.ndarray, pays: np.ndarray) -> float:
    best = np.maximum.reduceat(pays, rows.first_row)
    return float(((best - rows.sums(play * pays)) * rows.span[rows.group_player]).max())


def _logarithmic(first: float, now: float) -> float:
    """Return how much of the way to 1e-3 of the first gain lies behind, on a logarithmic scale."""
    return float(np.clip(np.log(first / now) / np.log(1e3), 0.0, 1.0)) if now > 0.0 < first else 1.0


def _play_of(curve: Tracing, x: np.ndarray) -> np.ndarray:
    z, _, q = curve.split(x)
    play = smoothed(z, curve.weights(q)[1]).play
    return np.where(play < NONE_PLAYED, 0.0, play)
