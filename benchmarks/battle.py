"""The battle, 64 against 64: steps of random play per CPU-second, beside MAgent2's compiled engine.

The peer needs an environment of its own, named by its Python: GAMETHEORY_RL_MAGENT_PYTHON (magent2). ``python -m benchmarks.battle``
measures ours once.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import jax
from jax import Array

from benchmarks.deep import ROUNDS, steps_of
from gametheory_rl.deep.envs import Battle

BATTLES, EPISODES, STEPS = 16, 4, 400
"""How many go on at once, one after the other, and for how long."""


def rows() -> list[dict[str, Any]]:
    """Return CPU-seconds a step of all 128 agents, with what each of them sees after it."""
    peer, python = Path(__file__).parent / "peers" / "magent_battle.py", os.environ.get("GAMETHEORY_RL_MAGENT_PYTHON")
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(steps_of([sys.executable, "-m", "benchmarks.battle"]))
        if python:
            theirs.append(steps_of([python, str(peer), "5"]))
    mine = median(ours)
    row = {"name": "battle, 64 against 64, random play", "ours_s": 1 / mine, "note": f"{mine:,.0f} steps a CPU-s"}
    if theirs:
        other = median(theirs)
        row |= {
            "peer": "MAgent2's engine",
            "peer_s": 1 / other,
            "ratio": mine / other,
            "note": f"{mine:,.0f} against {other:,.0f} steps a CPU-s",
        }
    return [row]


def ours() -> float:
    """Return the steps a CPU-second of the second run of two, so that nothing is compiled in it."""
    world = Battle()

    def play(key: Array) -> Array:
        def move(carried: tuple[Any, Any], key: Array) -> tuple[tuple[Any, Any], None]:
            acted, chance = jax.random.split(key)
            return world.step(chance, carried[0], jax.random.randint(acted, (world.num_agents,), 0, world.action_sizes[0])), None

        keys = jax.random.split(key, STEPS + 1)
        # What is carried is computed in each step, read or not.
        return jax.lax.scan(move, world.reset(keys[0]), keys[1:])[0][1].observations.sum()

    run, spent = jax.jit(jax.vmap(play)), 0.0
    for number in range(2):
        begin = time.process_time()
        for episode in range(EPISODES):
            run(jax.random.split(jax.random.key(EPISODES * number + episode), BATTLES)).block_until_ready()
        spent = time.process_time() - begin
    return EPISODES * BATTLES * STEPS / spent


if __name__ == "__main__":
    print(json.dumps({"steps_per_cpu_s": ours()}))
