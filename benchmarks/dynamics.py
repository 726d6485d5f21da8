"""Dynamics of one stage game 3x3 beside what other libraries integrate and play; they run one start at a time."""

from __future__ import annotations

from typing import Any

import nashpy
import numpy as np
from quantecon.game_theory import FictitiousPlay, NormalFormGame, Player

from benchmarks.timing import compare
from gametheory_rl.equilibria import dynamics

STARTS = 50
ROUNDS = 2_000


def rows() -> list[dict[str, Any]]:
    """Return one row a dynamic."""
    A, B = np.random.default_rng(0).normal(size=(2, 3, 3))
    x, y = dynamics.random_starts([A, B], STARTS)
    times = np.linspace(0.0, 50.0, 101)
    game, learner = nashpy.Game(A, B), FictitiousPlay(NormalFormGame((Player(A), Player(B.T))))
    pure = np.eye(3)[np.arange(STARTS) % 3]
    return [
        compare(
            f"replicator, {STARTS} starts, time 50, with the error estimated",
            lambda: dynamics.replicator([A, B], 50.0, start=(x, y), rate=1.0, records=times),
            lambda: [game.asymmetric_replicator_dynamics(x0=a, y0=b, timepoints=times) for a, b in zip(x, y, strict=True)],
            repeats=3,
            peer_name="nashpy (scipy odeint)",
        ),
        compare(
            f"fictitious play, {STARTS} starts, {ROUNDS:,} rounds",
            lambda: dynamics.fictitious_play([A, B], ROUNDS, start=(pure, pure), records=ROUNDS),
            lambda: [learner.time_series(ROUNDS, init_actions=(k % 3, k % 3)) for k in range(STARTS)],
            repeats=3,
            peer_name="quantecon",
        ),
    ]
