"""Answers that are no equilibria, counted: ours, quantecon's and nashpy's Lemke-Howson on payoffs with ties, of any scale, far from zero.

Times are a game's. nashpy, for which some paths never end, is given a second a game, and fewer games.
"""

from __future__ import annotations

import signal
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import nashpy
import numpy as np

from benchmarks.bimatrix import Profiles, failures, peer_loop
from gametheory_rl.equilibria import lemke_howson

Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
SECONDS = 1.0
FEW = 30
"""Games for nashpy."""


def from_values(*values: float) -> Draw:
    return lambda rng, shape: rng.choice(values, shape)


def duplicated(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return payoffs in {0, 1, ..., 9} with rows and columns that occur twice."""
    _, m, n = shape
    return rng.integers(0, 10, shape)[:, rng.integers(0, m, m)][:, :, rng.integers(0, n, n)].astype(float)


def gaussian(scale: float = 1.0, offset: float = 0.0) -> Draw:
    return lambda rng, shape: rng.normal(size=shape) * scale + offset


KINDS: tuple[tuple[str, Draw, int, int], ...] = (
    ("in {0,1}", from_values(0.0, 1.0), 10, 10_000),
    ("in {0,1,2}", from_values(0.0, 1.0, 2.0), 16, 5_000),
    ("in {0,1,2}", from_values(0.0, 1.0, 2.0), 30, 2_000),
    ("in {-1,0,1}", from_values(-1.0, 0.0, 1.0), 20, 5_000),
    ("with duplicated rows and columns", duplicated, 8, 10_000),
    ("Gaussian", gaussian(), 5, 50_000),
    ("Gaussian", gaussian(), 20, 5_000),
    ("Gaussian times 1e-6", gaussian(1e-6), 5, 10_000),
    ("Gaussian times 1e-300", gaussian(1e-300), 5, 10_000),
    ("Gaussian times 1e300", gaussian(1e300), 5, 10_000),
    ("Gaussian plus 1e9", gaussian(1.0, 1e9), 5, 10_000),
)


def rows() -> list[dict[str, Any]]:
    """Return two rows a kind of game: beside quantecon, and beside nashpy."""
    rng = np.random.default_rng(0)
    return [row for kind in KINDS for row in _rows(rng, *kind)]


def _rows(rng: np.random.Generator, payoffs: str, draw: Draw, n: int, count: int) -> Iterator[dict[str, Any]]:
    A, B = (np.ascontiguousarray(draw(rng, (count, n, n))) for _ in range(2))
    columns_first = np.ascontiguousarray(B.transpose(0, 2, 1))
    peer_loop(A[:1], columns_first[:1])
    for some in (64, 2):  # two kernels
        lemke_howson(A[:some], B[:some])
    ours, our_time = _timed(lambda: lemke_howson(A, B).profile)
    wrong = failures(A, B, ours)
    theirs, their_time = _timed(lambda: peer_loop(A, columns_first))
    what = {"name": f"{n}x{n}, {payoffs}", "ours_s": our_time / count}
    yield what | {
        "peer": "quantecon, njit loop",
        "peer_s": their_time / count,
        "note": f"no equilibria: {wrong} ours, {failures(A, B, theirs)} quantecon's of {count:,}",
    }
    (profiles, stopped), slow_time = _timed(lambda: _nashpy(A[:FEW], B[:FEW]))
    bad = failures(A[:FEW], B[:FEW], profiles) - stopped
    yield what | {
        "peer": f"nashpy, at most {SECONDS:g} s a game",
        "peer_s": slow_time / FEW,
        "note": f"no equilibria: {failures(A[:FEW], B[:FEW], (ours[0][:FEW], ours[1][:FEW]))} ours, "
        f"{bad} nashpy's and {stopped} without end of {FEW}",
    }


def _timed(run: Callable[[], Any]) -> tuple[Any, float]:
    begin = time.perf_counter()
    return run(), time.perf_counter() - begin


def _nashpy(A: np.ndarray, B: np.ndarray) -> tuple[Profiles, int]:
    """Return a profile for each game, NaN where it was stopped or is malformed, and how many were stopped."""
    x, y, stopped = np.full(A.shape[:2], np.nan), np.full((len(B), B.shape[2]), np.nan), 0
    for k, (payoffs, others) in enumerate(zip(A, B, strict=True)):
        try:
            with _at_most(SECONDS), warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                found = nashpy.Game(payoffs, others).lemke_howson(initial_dropped_label=0)
            x[k], y[k] = found
        except TimeoutError:
            stopped += 1
        except (ValueError, IndexError):
            continue  # of the wrong shape, or none
    return (x, y), stopped


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
