"""Bimatrix games by Lemke-Howson, beside quantecon: a batch beside an expert's njit loop over its kernel, and single calls.

Each row counts the answers that are no equilibria: a regret above 1e-9 of the player's span of payoffs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from quantecon.game_theory import NormalFormGame, Player
from quantecon.game_theory import lemke_howson as peer_single
from quantecon.game_theory.lemke_howson import _get_mixed_actions, _lemke_howson_capping

from benchmarks.timing import compare
from gametheory_rl.equilibria import lemke_howson

Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
Profiles = tuple[np.ndarray, np.ndarray]
CAPPING = 10
"""What quantecon's documentation suggests: every label is tried for so many pivots before one is followed to its end."""

MAX_PIVOTS = 5_000
"""The peer's limit in a batch; its own default, a million, is spent on every game where it cycles. No game here needs as many."""


def uniform(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.random(shape)


def three_values(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.integers(0, 3, shape).astype(float)


def tiny(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.random(shape) * 1e-9


def far_off(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.integers(0, 100, shape) + 1e9


BATCHES: tuple[tuple[str, Draw, int, int], ...] = (
    ("uniform", uniform, 3, 100_000),
    ("uniform", uniform, 5, 100_000),
    ("uniform", uniform, 10, 20_000),
    ("in {0,1,2}", three_values, 5, 100_000),
    ("in {0,1,2}", three_values, 16, 3_000),
    ("in {0,1,2}", three_values, 30, 1_000),
    ("uniform times 1e-9", tiny, 5, 10_000),
    ("integers plus 1e9", far_off, 5, 10_000),
)
SINGLES = (3, 5, 10, 50, 100, 200)
SMALL = 10
"""Up to so many actions the path of label 0 is followed."""


@numba.njit
def peer_loop(A: np.ndarray, columns_first: np.ndarray) -> Profiles:
    """Solve every game with quantecon's own kernel; it takes the column player's payoffs with her actions first."""
    count, m, n = A.shape
    x, y = np.empty((count, m)), np.empty((count, n))
    tableaux, bases = (np.empty((n, m + n + 1)), np.empty((m, m + n + 1))), (np.empty(n, np.int64), np.empty(m, np.int64))
    for k in range(count):
        _lemke_howson_capping((A[k], columns_first[k]), tableaux, bases, 0, MAX_PIVOTS, MAX_PIVOTS)
        x[k], y[k] = _get_mixed_actions(tableaux, bases)
    return x, y


def rows() -> list[dict[str, Any]]:
    """Return one row a batch and a size, the failures of both in the note."""
    rng = np.random.default_rng(0)
    return [_batch(rng, *batch) for batch in BATCHES] + [_single(rng, n) for n in SINGLES]


def _batch(rng: np.random.Generator, payoffs: str, draw: Draw, n: int, count: int) -> dict[str, Any]:
    A, B = draw(rng, (count, n, n)), draw(rng, (count, n, n))
    columns_first = np.ascontiguousarray(B.transpose(0, 2, 1))
    row = compare(
        f"{count:,} games {n}x{n}, {payoffs}",
        lambda: lemke_howson(A, B),
        lambda: peer_loop(A, columns_first),
        repeats=3,
        peer_name="njit loop over quantecon Lemke-Howson",
    )
    ours, theirs = (failures(A, B, found) for found in (lemke_howson(A, B).profile, peer_loop(A, columns_first)))
    return row | {"note": f"no equilibria: {ours} ours, {theirs} theirs"}


def _single(rng: np.random.Generator, n: int) -> dict[str, Any]:
    repeats = max(1, 2_000 // n**2)
    games = [(rng.random((n, n)), rng.random((n, n))) for _ in range(5)]
    prepared = [NormalFormGame((Player(A), Player(np.ascontiguousarray(B.T)))) for A, B in games]
    label, capping = (None, CAPPING) if n > SMALL else (0, None)
    row = compare(
        f"one game {n}x{n}, uniform",
        lambda: [lemke_howson(A, B, label) for A, B in games for _ in range(repeats)],
        lambda: [peer_single(game, capping=capping) for game in prepared for _ in range(repeats)],
        repeats=3,
        peer_name=f"quantecon Lemke-Howson, {'no capping' if capping is None else 'capping 10'}, game built before",
    )
    calls = repeats * len(games)
    note = "each picks the path that ends soonest" if label is None else "label 0"
    return row | {"ours_s": row["ours_s"] / calls, "peer_s": row["peer_s"] / calls, "note": note}


def failures(A: np.ndarray, B: np.ndarray, profiles: Profiles) -> int:
    """Count the profiles that are no equilibria; what is not even a pair of distributions counts too."""
    x, y = profiles
    fine = np.ones(len(A), bool)
    for payoffs, mine, theirs in ((A, x, y), (B.transpose(0, 2, 1), y, x)):
        low, high = payoffs.min((1, 2), keepdims=True) / 4, payoffs.max((1, 2), keepdims=True) / 4
        with np.errstate(invalid="ignore"):
            pays = ((payoffs / 4 - low) / np.where(high > low, high - low, 1.0) @ theirs[..., None])[..., 0]
            fine &= (np.abs(mine.sum(-1) - 1.0) < 1e-8) & (mine.min(-1) >= -1e-8)
            fine &= pays.max(-1) - (pays * mine).sum(-1) <= 1e-9
    return int((~fine).sum())
