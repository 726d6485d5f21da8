"""Which equilibria the seeds ended in, and how often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gametheory_rl._results import Profile

APART = 0.1
"""Profiles are alike if the mean distance of their mixed actions, in total variation, is at most this."""


@dataclass(frozen=True, eq=False)
class Share:
    """Seeds that ended alike."""

    seeds: tuple[int, ...]
    """Their numbers"""
    share: float
    """Of all seeds"""
    equilibrium: bool
    """The exact gap of each is within the tolerance at its last record."""
    values: np.ndarray
    """``[n]`` mean over these seeds of the exact values from the start; empty where these are not known"""
    gap: float
    """Largest exact gap among them at the last record"""


def selection_shares(
    profiles: tuple[Profile, ...], gaps: np.ndarray, values: np.ndarray, visits: np.ndarray | None, tol: float
) -> tuple[Share, ...]:
    """Return the seeds in groups: by equilibrium, most frequent first, and last those that reached none.

    Parameters
    ----------
    profiles : tuple of profiles
        One a seed.
    gaps : (seeds,)
        Exact gaps of the profiles.
    values : (seeds, n)
        Their exact values from the start; n = 0: not known.
    visits : (seeds, S), optional
        How often each state was visited: profiles are compared where play goes.
    tol : float
        Payoff units.
    """
    reached = np.flatnonzero(gaps <= tol)
    groups: list[list[int]] = []
    for k in reached.tolist():
        home = next((g for g in groups if _alike(profiles, values, visits, g[0], k, tol)), None)
        groups.append([k]) if home is None else home.append(k)
    groups.sort(key=lambda group: (-len(group), group[0]))
    rest = np.flatnonzero(~(gaps <= tol)).tolist()
    count = len(profiles)
    made = [(group, True) for group in groups] + ([(rest, False)] if rest else [])
    return tuple(
        Share(tuple(group), len(group) / count, good, values[group].mean(axis=0), float(np.max(gaps[group]))) for group, good in made
    )


def _alike(profiles: tuple[Profile, ...], values: np.ndarray, visits: np.ndarray | None, one: int, other: int, tol: float) -> bool:
    if values.shape[1] and np.abs(values[one] - values[other]).max() > 2 * tol:
        return False
    first, second = profiles[one], profiles[other]
    pairs = list(zip(first, second, strict=True)) if isinstance(first, tuple) else [(first, second)]
    weights = None if visits is None else visits[[one, other]].sum(axis=0)
    for a, b in pairs:
        distance = np.abs(a - b).reshape(len(a), -1).sum(axis=1) / 2  # total variation, state by state
        known = weights is not None and len(weights) == len(distance) and weights.sum() > 0
        if np.average(distance, weights=weights if known else None) > APART:
            return False
    return True
