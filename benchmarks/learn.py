"""Learning loops on soccer: compiled against readable, and Minimax-Q against an njit loop with quantecon's solver inside."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from quantecon.optimize import minmax

import gametheory_rl as gt
from benchmarks.timing import compare

STEPS = 1_000_000


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
    """Return Minimax-Q alone and with eight seeds against the peer."""
    game = gt.load_game("soccer")
    successors = game.successors
    arrays = (game.payoff[0], successors.offsets, successors.states, successors.probabilities, np.flatnonzero(game.start), 0.9)

    def learn(seeds: int) -> Any:
        return gt.learn(game, "minimax_q", steps=STEPS, seeds=seeds, records=[STEPS])

    def peer(seeds: int) -> Any:
        return [peer_minimax_q(*arrays, STEPS, seed) for seed in range(seeds)]

    def row(seeds: int) -> dict[str, Any]:
        name = f"Minimax-Q, soccer, {STEPS:,} steps, {seeds} seed{'s' * (seeds > 1)}"
        return compare(name, lambda: learn(seeds), lambda: peer(seeds), repeats=3, peer_name="njit loop with quantecon minmax")

    return [row(seeds) for seeds in (1, 8)]
