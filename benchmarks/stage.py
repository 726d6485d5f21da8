"""Zero-sum stage games: ``minimax`` beside an expert's njit loop over quantecon's ``minmax``, one thread, one call."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from quantecon.optimize import minmax

from benchmarks.timing import compare
from gametheory_rl.equilibria import duality_gap, minimax

BATCHES = ((2, 100_000), (3, 100_000), (4, 100_000), (5, 100_000), (6, 100_000), (10, 100_000), (25, 5_000), (50, 1_000))
SINGLES = (2, 5, 25, 100)


@numba.njit
def peer_loop(games: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    count, m, n = games.shape
    values, x, y = np.empty(count), np.empty((count, m)), np.empty((count, n))
    for k in range(len(games)):
        values[k], x[k], y[k] = minmax(games[k])
    return values, x, y


def rows() -> list[dict[str, Any]]:
    """Return one row a size, with the worst duality gap of ours in spans."""
    rng = np.random.default_rng(0)
    return [_batch(rng, n, count) for n, count in BATCHES] + [_single(rng, n) for n in SINGLES]


def _batch(rng: np.random.Generator, n: int, count: int) -> dict[str, Any]:
    games = rng.random((count, n, n))
    row = compare(
        f"{count:,} games {n}x{n}",
        lambda: minimax(games),
        lambda: peer_loop(games),
        repeats=5,
        peer_name="njit loop over quantecon minmax",
    )
    span = games.max(axis=(1, 2)) - games.min(axis=(1, 2))
    return row | {"worst_gap": float((duality_gap(games, *minimax(games).profile) / span).max())}


def _single(rng: np.random.Generator, n: int) -> dict[str, Any]:
    game, repeats = rng.random((n, n)), max(1, 20_000 // n**2)
    row = compare(
        f"one game {n}x{n}",
        lambda: [minimax(game) for _ in range(repeats)],
        lambda: [minmax(game) for _ in range(repeats)],
        peer_name="quantecon minmax",
    )
    return row | {"ours_s": row["ours_s"] / repeats, "peer_s": row["peer_s"] / repeats}
