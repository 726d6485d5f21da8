"""Does a policy go round? Judged from samples of it: by how often it winds around its middle, and by recurrence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

AMPLITUDE = 0.2
"""Of policies, as a root mean square distance from their middle: what moves less is not called a cycle."""
TURNS, SCORE = 3.0, 3.4
"""A path winds if it turns so often, and so many standard deviations further than one whose turns are random."""
POOLED_SEEDS, POOLED_TURNS, POOLED_SCORE = 3, 1.75, 4.0
"""Or if so many seeds together do, in one sense of rotation; then each that turns so often in that sense."""
NEAR, FAR = 0.3, 0.9
"""A path recurs if its distance at the period is so much smaller than between unrelated samples, after one that was not."""
MOST_PROFILES = 64


class Cycle(NamedTuple):
    """A cycle of the policy."""

    turns: float
    """How often it went round while it was looked at."""
    steps: float
    """Environment steps of one time round, at the end."""
    amplitude: float
    """Root mean square distance from the middle."""
    places: np.ndarray
    """Positions of the samples in which it was found."""


def find_cycles(steps: np.ndarray, paths: np.ndarray) -> list[Cycle | None]:
    """Return the cycle in which each seed's policy is at the end, None where there is none.

    Parameters
    ----------
    steps : (samples,) int
        Ascending.
    paths : (seeds, samples, k) float
        The policies, or projections of them.

    Notes
    -----
    With step sizes that fall, each time round takes longer than the one before, so there is no period to be found. What is counted is
    how often the path winds around its middle, in the plane of its two principal components: forth and back, as by noise, cancel. Two
    policies that take turns wind around nothing: these are found by recurrence at even distances. Fine windows come first, since a
    coarse one shows a fast cycle as a slow one.
    """
    paths = np.asarray(paths, np.float64)
    found: list[Cycle | None] = [None] * len(paths)
    for places in _windows(steps):
        times, seen = steps[places], paths[:, places]
        alone = [_winding(times, path, _frame(path)) for path in seen]
        together = _frame(seen.reshape(-1, seen.shape[2])) if len(seen) >= POOLED_SEEDS else None
        shared = _agreeing([_winding(times, path, together) for path in seen]) if together is not None else [None] * len(seen)
        for k, (one, other) in enumerate(zip(alone, shared, strict=True)):
            sure = one is not None and one.lasting and abs(one.turns) >= TURNS and one.score >= SCORE
            chosen = one if sure else other if other is not None and other.lasting else None
            if found[k] is None and chosen is not None:
                found[k] = Cycle(abs(chosen.turns), chosen.steps, chosen.amplitude, places)
    for places in _even_windows(steps):
        stride = int(steps[places][1] - steps[places][0])
        for k, path in enumerate(paths[:, places]):
            period = period_of(path) if found[k] is None else 0
            if period:
                found[k] = Cycle(len(places) / period, float(period * stride), amplitude_of(path), places)
    return found


def _windows(steps: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the positions of samples to look at together: bursts of even strides, then the last octaves, then decades."""
    yield from _even_windows(steps)
    last = int(steps[-1]) if len(steps) else 0
    for part in (4, 64, 1000):
        late = np.flatnonzero(steps > last / part)
        if len(late) >= 16:
            # Evenly in the logarithm: a burst among the samples would drown the rest.
            wanted = np.geomspace(steps[late[0]], last, 400)
            yield np.unique(np.searchsorted(steps, wanted).clip(0, len(steps) - 1))


def _even_windows(steps: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the positions of samples at even distances: the last burst at each stride, and most of the run."""
    last = int(steps[-1]) if len(steps) else 0
    end, octave = 1, 1
    while 4 * end <= last:
        end *= 4
    while 2 * octave <= last:
        octave *= 2
    spacing = max(1, octave // 64)
    bursts = [(end, 4**k, 64) for k in range(26) if 128 * 4**k <= end]
    for final, stride, count in [*bursts, (last - last % spacing, spacing, int(0.75 * last / spacing))]:
        wanted = final - stride * np.arange(count)[::-1]
        places = np.searchsorted(steps, wanted).clip(0, max(len(steps) - 1, 0))
        if count >= 16 and (steps[places] == wanted).all():
            yield places


def amplitude_of(path: np.ndarray) -> float:
    """Return the root mean square distance of the samples from their mean."""
    return float(np.sqrt(((path - path.mean(axis=0)) ** 2).sum(axis=1).mean())) if len(path) else 0.0


# ---- winding -----------------------------------------------------------------------------------------------------------


class _Winding(NamedTuple):
    turns: float
    """Positive: in the one sense; negative: in the other."""
    score: float
    """How many standard deviations these are from none, not negative."""
    steps: float
    amplitude: float
    lasting: bool
    """The last time round ended not long ago."""


def _frame(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle of the points, each stay counted once, and the two axes along which they spread most, ``(2, k)``."""
    moves = points[_moved(points)]
    middle = moves.mean(axis=0)
    _, axes = np.linalg.eigh((moves - middle).T @ (moves - middle))
    return middle, axes.T[::-1][:2]


def _moved(path: np.ndarray) -> np.ndarray:
    return np.append(True, (np.abs(np.diff(path, axis=0)) > 1e-9).any(axis=1))


def _winding(steps: np.ndarray, path: np.ndarray, frame: tuple[np.ndarray, np.ndarray]) -> _Winding | None:
    """Return how a path winds around the middle of the frame; None if it hardly moves."""
    moved = _moved(path)
    times, points = steps[moved].astype(np.float64), path[moved]
    if len(points) < 6 or amplitude_of(points) < AMPLITUDE or len(frame[1]) < 2:
        return None
    plane = (points - frame[0]) @ frame[1].T
    # Near the middle an angle means nothing, and between opposite points its sign does not.
    outside = np.hypot(*plane.T) > 0.1 * np.sqrt((plane**2).sum(axis=1).mean())
    times, plane = times[outside], plane[outside]
    before, after = plane[:-1], plane[1:]
    angles = np.arctan2(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0], (before * after).sum(axis=1))
    angles[np.abs(angles) > 0.97 * np.pi] = 0.0
    travelled = np.append(0.0, np.cumsum(angles)) / (2 * np.pi)
    turns = float(travelled[-1])
    if abs(turns) < 1:
        return None
    return _Winding(turns, _score(angles), *_pace(times, travelled * np.sign(turns), steps[-1], amplitude_of(points)))


def _score(angles: np.ndarray) -> float:
    """Return how improbably far the angles go together, as a number of standard deviations if their signs were random.

    Counted one by one, and by halves of a turn: flickering between neighbours on the way never amounts to one.
    """
    halves, reference, total = [], 0.0, 0.0
    for angle in angles.tolist():
        total += angle
        if abs(total - reference) > 0.8 * np.pi:
            halves.append(total - reference)
            reference = total
    scores = [abs(np.sum(each)) / np.sqrt(np.sum(np.square(each))) for each in (angles, halves) if np.any(each)]
    return float(max(scores, default=0.0))


def _pace(times: np.ndarray, travelled: np.ndarray, end: float, amplitude: float) -> tuple[float, float, bool]:
    """Return the steps of one time round at the end, the amplitude, and whether the path still goes round."""
    whole = int(travelled[-1] + 1e-9)
    passed = times[[int(np.argmax(travelled >= k - 1e-9)) for k in range(whole + 1)]]
    lasted = np.diff(passed)
    steps = float(np.median(lasted[-2:]))
    growth = max(1.0, float(np.median(lasted[1:] / np.maximum(lasted[:-1], 1.0)))) if len(lasted) > 1 else 2.0
    return steps, amplitude, bool(end - passed[-1] <= 3 * growth * steps)


def _agreeing(found: list[_Winding | None]) -> list[_Winding | None]:
    """Return those that wind the way on which all seeds together agree, beyond chance."""
    scores = np.array([0.0 if one is None else np.sign(one.turns) * one.score for one in found])
    together = scores.sum() / np.sqrt(max(np.count_nonzero(scores), 1))
    if np.count_nonzero(scores) < POOLED_SEEDS or abs(together) < POOLED_SCORE:
        return [None] * len(found)
    sense = np.sign(together)
    return [one if one is not None and one.turns * sense >= POOLED_TURNS else None for one in found]


# ---- recurrence --------------------------------------------------------------------------------------------------------


def distances(path: np.ndarray) -> np.ndarray:
    """Return the mean square distance between samples ``(samples, k)`` at each lag from 0 to half of them, over that of unrelated ones."""
    lags = range(1, len(path) // 2 + 1)
    power = 2 * float(path.var(axis=0).sum())
    return np.array([0.0, *(((path[lag:] - path[:-lag]) ** 2).sum(axis=1).mean() for lag in lags)]) / power


def period_of(path: np.ndarray) -> int:
    """Return after how many samples a path, ``(samples, k)`` at even distances, repeats itself; 0: it does not.

    The distance at a lag is about 1 where nothing is remembered. At the period and at twice it is small, after having been large,
    and is large half a period later: slowness alone never comes back.
    """
    if len(path) < 12 or amplitude_of(path) < AMPLITUDE:
        return 0
    apart = distances(path)
    for lag in range(2, len(path) // 5 + 1):
        far = min(apart[1:lag].max(), apart[lag + 1 : 2 * lag].max())
        if max(apart[lag], apart[2 * lag]) < NEAR and far > FAR and apart[lag] == apart[1 : lag + 1].min():
            return lag
    return 0


# ---- which profiles it passes through ----------------------------------------------------------------------------------


def route(symbols: np.ndarray) -> tuple[tuple[int, ...], ...]:
    """Return the profiles of the loop that ``symbols`` ``(samples, m)`` int follow most, in their order; empty if there is none.

    From each profile the walk goes on to where the path goes more often than it comes back from.
    """
    moved = _moved(symbols) if len(symbols) else np.zeros(0, bool)
    names, path = np.unique(symbols[moved], axis=0, return_inverse=True)
    path = path.ravel()
    if not 2 <= len(names) <= MOST_PROFILES:
        return ()
    counts = np.zeros((len(names), len(names)))
    np.add.at(counts, (path[:-1], path[1:]), 1.0)
    flow = counts - counts.T if len(names) > 2 else counts
    place = int(np.bincount(path).argmax())
    walked: list[int] = []
    while place not in walked:
        walked.append(place)
        if flow[place].max() <= 0:
            return ()
        place = int(flow[place].argmax())
    return tuple(tuple(int(number) for number in names[k]) for k in walked[walked.index(place) :])


def returns(symbols: np.ndarray) -> int:
    """Return how often a path of profiles ``(samples, m)`` int came back to one by way of two others or more: to and fro is none."""
    trail: list[tuple[int, ...]] = []
    count = 0
    for profile in map(tuple, symbols[_moved(symbols)].tolist() if len(symbols) else ()):
        if profile in trail:
            place = trail.index(profile)
            count += len(trail) - place >= 3
            del trail[place + 1 :]
        elif len(trail) < MOST_PROFILES:
            trail.append(profile)
    return int(count)
