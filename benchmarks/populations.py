"""Mean-field Q on the Ising model, 20 x 20: beside NumPy loops over sweeps, agent by agent and half a board at a time."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import numpy as np

import gametheory_rl as gt
from gametheory_rl._support._streams_kernels import stream_keys
from gametheory_rl.learners import MeanFieldQ, _population_loop
from gametheory_rl.learners._mean_field_q_kernels import MeanFieldTables

SIZE, TEMPERATURE = 20, 0.8
OURS, AGENT_BY_AGENT, BY_HALVES = 5000, 10, 200
"""Sweeps of one stretch."""


def rows() -> list[dict[str, Any]]:
    """Return a sweep of ours against both peers, by the processor's time."""
    game, learner = gt.families.ising(SIZE), MeanFieldQ(temperature=TEMPERATURE)
    crowd = _population_loop.crowd_of(game, learner.levels)
    own = learner.init(game)
    assert isinstance(own, MeanFieldTables)
    seed = _population_loop.fresh_seed(own, game, crowd, stream_keys(0, 1)[0])
    rng = np.random.default_rng(0)
    spins, tables = rng.choice([-1, 1], (SIZE, SIZE)), (np.zeros((5, 2)), np.zeros((5, 2), np.int64))
    _population_loop.play(seed, crowd, 0, OURS)
    times: tuple[list[float], ...] = ([], [], [])
    for r in range(1, 8):
        marks = [time.process_time()]
        _population_loop.play(seed, crowd, r * OURS, (r + 1) * OURS)
        marks.append(time.process_time())
        agent_by_agent(spins, *tables, rng, AGENT_BY_AGENT)
        marks.append(time.process_time())
        by_halves(spins, *tables, rng, BY_HALVES)
        marks.append(time.process_time())
        for spent, begin, end, sweeps in zip(times, marks, marks[1:], (OURS, AGENT_BY_AGENT, BY_HALVES), strict=False):
            spent.append((end - begin) / sweeps)
    mine, slow, fast = map(median, times)
    name, note = "mean-field Q, Ising 20 x 20, one sweep", f"{SIZE * SIZE / mine / 1e6:.0f} million updates/s"
    return [
        {"name": name, "peer": peer, "ours_s": mine, "peer_s": theirs, "ratio": theirs / mine, "note": note}
        for peer, theirs in (("NumPy, agent by agent", slow), ("NumPy, half a board at a time", fast))
    ]


def agent_by_agent(spins: np.ndarray, q: np.ndarray, counts: np.ndarray, rng: np.random.Generator, sweeps: int) -> None:
    """Run the rule as its loop is written down: one agent after the other, each sees the actions of now."""
    size = len(spins)
    for _ in range(sweeps):
        draws = rng.random(spins.shape)
        for i in range(size):
            for j in range(size):
                around = spins[i - 1, j] + spins[(i + 1) % size, j] + spins[i, j - 1] + spins[i, (j + 1) % size]
                met = (around + 4) // 2
                weights = np.exp((q[met] - q[met].max()) / TEMPERATURE)
                action = int(draws[i, j] >= weights[0] / weights.sum())
                reward = 0.5 * (2 * action - 1) * around
                q[met, action] += (1.0 + counts[met, action]) ** -0.75 * (reward - q[met, action])
                counts[met, action] += 1
                spins[i, j] = 2 * action - 1


def by_halves(spins: np.ndarray, q: np.ndarray, counts: np.ndarray, rng: np.random.Generator, sweeps: int) -> None:
    """Let all agents of one colour of a chessboard act at once: they are no neighbours; an entry learns the mean of its rewards."""
    colour = np.add.outer(np.arange(len(spins)), np.arange(len(spins))) % 2
    for sweep in range(2 * sweeps):
        mine = colour == sweep % 2
        around = np.sum([np.roll(spins, step, axis) for axis in (0, 1) for step in (1, -1)], axis=0)[mine]
        met = (around + 4) // 2
        chance = 1 / (1 + np.exp((q[met, 0] - q[met, 1]) / TEMPERATURE))
        action = (rng.random(len(met)) < chance).astype(np.int64)
        entry = 2 * met + action
        users = np.bincount(entry, minlength=10).reshape(5, 2)
        rewards = np.bincount(entry, 0.5 * (2 * action - 1) * around, minlength=10).reshape(5, 2)
        step = (1.0 + counts) ** -0.75
        q += np.where(users > 0, step * (rewards / np.maximum(users, 1) - q), 0.0)
        counts += users
        spins[mine] = 2 * action - 1
