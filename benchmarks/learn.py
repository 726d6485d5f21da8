"""Learning loops on soccer: Minimax-Q beside an njit loop with quantecon's solver inside, compiled beside readable, flat memory."""

from __future__ import annotations

import os
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numba import njit
from quantecon.optimize import minmax

import gametheory_rl as gt
from benchmarks.timing import compare
from gametheory_rl._registry import resolve
from gametheory_rl._support._streams_kernels import stream_keys
from gametheory_rl.learners import IndependentQ, _loop

STEPS = 1_000_000
MEMORY_STEPS = int(os.environ.get("GAMETHEORY_RL_BENCH_STEPS", 100_000_000))
"""How long the run is whose memory is watched."""


@njit
def peer_minimax_q(payoff, offsets, states, probabilities, kickoffs, discount, steps, seed):
    """Minimax-Q as in Littman 1994, written as an expert would: one table, quantecon's ``minmax`` at every step."""
    np.random.seed(seed)
    num_states, rows, columns = payoff.shape
    table, values = np.ones((num_states, rows, columns)), np.ones(num_states)
    mine, other = np.full((num_states, rows), 1.0 / rows), np.full((num_states, columns), 1.0 / columns)
    rate, decay = 1.0, 10.0 ** (np.log10(0.01) / steps)
    state = kickoffs[0]
    for _ in range(steps):
        a = _draw(mine[state]) if np.random.random() > 0.2 else np.random.randint(rows)
        b = _draw(other[state]) if np.random.random() > 0.2 else np.random.randint(columns)
        row = (state * rows + a) * columns + b
        u, total, k = np.random.random(), 0.0, offsets[row]
        while k < offsets[row + 1] - 1 and total + probabilities[k] <= u:
            total += probabilities[k]
            k += 1
        following = states[k]
        target = payoff[state, a, b] + discount * values[following]
        table[state, a, b] += rate * (target - table[state, a, b])
        values[state], mine[state], other[state] = minmax(table[state])
        rate *= decay
        state = following
    return values


@njit
def _draw(weights):
    u, total = np.random.random(), 0.0
    for i in range(len(weights)):
        total += weights[i]
        if u < total:
            return i
    return len(weights) - 1


def rows() -> list[dict[str, Any]]:
    """Return Minimax-Q alone and with eight seeds against the peer, independent Q against the readable loop, and memory."""
    game = gt.load_game("soccer")
    return [*(_beside_peer(game, seeds) for seeds in (1, 8)), _beside_readable(game), *(_memory(game, name) for name in LEARNERS)]


LEARNERS = ("independent_q", "minimax_q")


def _beside_peer(game: gt.StochasticGame, seeds: int) -> dict[str, Any]:
    successors = game.successors
    arrays = (game.payoff[0], successors.offsets, successors.states, successors.probabilities, np.flatnonzero(game.start), 0.9)

    def learn() -> Any:
        return gt.learn(game, "minimax_q", steps=STEPS, seeds=seeds, records=[STEPS], progress=False)

    def peer() -> Any:
        return [peer_minimax_q(*arrays, STEPS, seed) for seed in range(seeds)]

    name = f"Minimax-Q, soccer, {STEPS:,} steps, {seeds} seed{'s' * (seeds > 1)}"
    return compare(name, learn, peer, repeats=3, peer_name="njit loop with quantecon minmax")


def _beside_readable(game: gt.StochasticGame, rounds: int = 12) -> dict[str, Any]:
    """Time stretches of both loops in turn, by the processor's time: a step's, in seconds."""
    learner = IndependentQ()
    world = _loop.world_of(game, None)
    ours, theirs = (_loop.fresh_seed(learner.init(game.spec), stream_keys(0, 1)[0]) for _ in range(2))
    compiled = _loop.player_of(learner, world, ours.tables)
    compiled(ours, 0, STEPS)
    _loop.play_readably(learner, theirs, world, 0, 3000)
    times: tuple[list[float], list[float]] = ([], [])
    for r in range(1, rounds + 1):
        begin = time.process_time()
        compiled(ours, r * STEPS, (r + 1) * STEPS)
        middle = time.process_time()
        _loop.play_readably(learner, theirs, world, 3000 * r, 3000 * (r + 1))
        times[0].append((middle - begin) / STEPS)
        times[1].append((time.process_time() - middle) / 3000)
    mine, readable = map(median, times)
    name = "independent Q, soccer, one step of one seed"
    return {"name": name, "peer": "the readable loop", "ours_s": mine, "peer_s": readable, "ratio": readable / mine}


def _memory(game: gt.StochasticGame, name: str) -> dict[str, Any]:
    """Return what a long run adds to the process's memory between its first hundredth and its end."""
    learner = resolve("learner", name)()
    world = _loop.world_of(game, None)
    seed = _loop.fresh_seed(learner.init(game.spec), stream_keys(0, 1)[0])
    play = _loop.player_of(learner, world, seed.tables)
    begin, sizes, step = time.perf_counter(), [], MEMORY_STEPS // 100
    for part in range(100):
        play(seed, part * step, (part + 1) * step)
        sizes.append(resident_bytes())
    note = f"memory grew by {(max(sizes) - sizes[0]) / 2**20:.2f} MiB of {sizes[0] / 2**20:.0f}"
    return {"name": f"{name}, soccer, {100 * step:,} steps", "ours_s": time.perf_counter() - begin, "note": note}


def resident_bytes() -> int:
    """Return how much memory the process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
