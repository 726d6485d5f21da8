"""Neural learners: training steps per CPU-second beside JaxMARL and a loop of PettingZoo and torch, and how long a start takes.

The peers need environments of their own, named by their Python: GAMETHEORY_RL_TORCH_PYTHON (torch, pettingzoo, gymnasium) and
GAMETHEORY_RL_JAXMARL_PYTHON (jaxmarl). Without one, its row is ours alone.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

import gametheory_rl as gt
from benchmarks.start import _cpu_seconds

ONE_THREAD = {
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "OMP_NUM_THREADS": "1",
}
ROLLOUT = 16 * 128
ROUNDS = int(os.environ.get("GAMETHEORY_RL_BENCH_ROUNDS", "5"))


def rows() -> list[dict[str, Any]]:
    """Return training steps beside the peers', one thread each, in turn, and the start of a process."""
    found = [
        _beside("IPPO on 50 states, 5 x 5 actions, 16 environments", "tensors", "torch_ippo.py", "TORCH", "20", ("2", "16")),
        _beside("the same beside torch with 1 environment", "tensors", "torch_ippo.py", "TORCH", "20", ("10", "1")),
        _beside("IPPO on spread, 16 environments", "spread", "jaxmarl_ippo.py", "JAXMARL", "20", ("20",)),
    ]
    command = [sys.executable, "-c", "import gametheory_rl as gt; gt.learn(gt.load_game('matching_pennies'), 'ippo', steps=1, records=1)"]
    _cpu_seconds(command, **ONE_THREAD)
    start = median(_cpu_seconds(command, **ONE_THREAD) for _ in range(ROUNDS))
    return [*found, {"name": "learn matching_pennies ippo, a process with the cache", "ours_s": start, "note": "CPU-s, imports and all"}]


def _beside(name: str, world: str, peer: str, whose: str, rollouts: str, told: tuple[str, ...]) -> dict[str, Any]:
    """Run ours and the peer in turn, each in a process of its own; returns CPU-seconds a step."""
    python = f"GAMETHEORY_RL_{whose}_PYTHON"
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(_steps([sys.executable, "-m", "benchmarks.deep", world, rollouts]))
        if python in os.environ:
            theirs.append(_steps([os.environ[python], str(Path(__file__).parent / "peers" / peer), *told]))
    mine = median(ours)
    row = {"name": name, "ours_s": 1 / mine, "note": f"{mine:,.0f} steps a CPU-s"}
    if theirs:
        other = median(theirs)
        row |= {"peer": peer, "peer_s": 1 / other, "ratio": mine / other, "note": f"{mine:,.0f} against {other:,.0f} steps a CPU-s"}
    return row


def _steps(command: list[str]) -> float:
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | ONE_THREAD)
    return float(json.loads(done.stdout.splitlines()[-1])["steps_per_cpu_s"])


def _ours(world: str, rollouts: int) -> float:
    """Return the steps a CPU-second of whole runs, one record each, what they compile left out: the second run of two."""
    game: Any = world
    if world == "tensors":
        rng = np.random.default_rng(0)
        transition = rng.random((50, 5, 5, 50))
        game = gt.StochasticGame(rng.standard_normal((2, 50, 5, 5)), transition / transition.sum(-1, keepdims=True), 0.9)
    method = gt.deep.IPPO(evaluation=1)
    spent = math.nan
    for _ in range(2):
        begin = time.process_time()
        gt.learn(game, method, steps=rollouts * ROLLOUT, records=1)
        spent = time.process_time() - begin
    return rollouts * ROLLOUT / spent


if __name__ == "__main__":
    print(json.dumps({"steps_per_cpu_s": _ours(sys.argv[1], int(sys.argv[2]))}))
