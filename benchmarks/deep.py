"""Neural learners: training steps per CPU-second, beside JaxMARL, XuanCe and loops of PettingZoo and torch, and how long a start takes.

The peers need environments of their own, named by their Python: GAMETHEORY_RL_TORCH_PYTHON (torch, pettingzoo, gymnasium, mpe2),
GAMETHEORY_RL_JAXMARL_PYTHON (jaxmarl) and GAMETHEORY_RL_XUANCE_PYTHON (xuance, and pettingzoo 1.24, the last that has its worlds). Without
one, its row is ours alone, and says so.
``python -m benchmarks.deep METHOD WORLD STEPS [SETTINGS]`` measures one method once.
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
from gametheory_rl.learners._named import make_learner

ONE_THREAD = {
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "OMP_NUM_THREADS": "1",
}
ROLLOUT = 16 * 128
CROWD = {"environments": 16, "rollout": 25, "updates": 1, "batch_size": 256, "replay": 200_000, "warmup": 1000, "hidden": (64, 64)}
"""Mean-field Q as XuanCe sets it for spread."""
PEERS = {
    "torch_ippo.py": "PettingZoo and torch",
    "jaxmarl_ippo.py": "JaxMARL and flax",
    "torch_mfq.py": "mpe2 and torch",
    "xuance_mfq.py": "XuanCe",
}
"""Who each of the peers' scripts speaks for."""
ROUNDS = int(os.environ.get("GAMETHEORY_RL_BENCH_ROUNDS", "5"))


def rows() -> list[dict[str, Any]]:
    """Return training steps beside the peers', one thread each, in turn, and the start of a process."""
    ppo, crowd = ("ippo", "tensors"), ("deep_mean_field_q", "spread")
    found = [
        _beside("IPPO on 50 states, 5 x 5 actions, 16 environments", ppo, "torch_ippo.py", "TORCH", ("2", "16")),
        _beside("the same beside torch with 1 environment", ppo, "torch_ippo.py", "TORCH", ("10", "1")),
        _beside(
            "IPPO on spread, 16 environments, one network for all", ("ippo", "spread"), "jaxmarl_ippo.py", "JAXMARL", ("20",), shared=True
        ),
        _beside("mean-field Q on spread, 16 environments", crowd, "torch_mfq.py", "TORCH", ("16000", "16"), **CROWD),
        _beside("mean-field Q on spread, 16 environments, XuanCe's settings", crowd, "xuance_mfq.py", "XUANCE", ("16000", "16"), **CROWD),
    ]
    command = [sys.executable, "-c", "import gametheory_rl as gt; gt.learn(gt.load_game('matching_pennies'), 'ippo', steps=1, records=1)"]
    _cpu_seconds(command, **ONE_THREAD)
    start = median(_cpu_seconds(command, **ONE_THREAD) for _ in range(ROUNDS))
    return [*found, {"name": "learn matching_pennies ippo, a process with the cache", "ours_s": start, "note": "CPU-s, imports and all"}]


def _beside(name: str, trained: tuple[str, str], peer: str, whose: str, told: tuple[str, ...], **settings: Any) -> dict[str, Any]:
    """Train our method in its world and the peer in turn, each in a process of its own; returns CPU-seconds a step."""
    python = f"GAMETHEORY_RL_{whose}_PYTHON"
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(steps_of(command_of(*trained, 20 * ROLLOUT, **settings)))
        if python in os.environ:
            theirs.append(steps_of([os.environ[python], str(Path(__file__).parent / "peers" / peer), *told]))
    mine = median(ours)
    row = {"name": name, "ours_s": 1 / mine, "note": f"{mine:,.0f} steps a CPU-s; the peer is missing: {python} names no Python"}
    if theirs:
        other = median(theirs)
        note = f"{mine:,.0f} against {other:,.0f} steps a CPU-s, {ROUNDS} round{'s' * (ROUNDS > 1)}"
        row |= {"peer": PEERS[peer], "peer_s": 1 / other, "ratio": mine / other, "note": note}
    return row


def command_of(method: str, world: str, steps: int, **settings: Any) -> list[str]:
    """Return the command that measures a method once, in a process of its own."""
    return [sys.executable, "-m", "benchmarks.deep", method, world, str(steps), json.dumps(settings)]


def steps_of(command: list[str]) -> float:
    """Return the steps a CPU-second that a command prints last."""
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | ONE_THREAD)
    return float(json.loads(done.stdout.splitlines()[-1])["steps_per_cpu_s"])


def _ours(name: str, world: str, steps: int, settings: dict[str, Any]) -> float:
    """Return the steps a CPU-second of whole runs, one record each, what they compile left out: the second run of two."""
    game: Any = gt.load_game(world) if world in gt.list_games("all") else world
    if world == "tensors":
        rng = np.random.default_rng(0)
        transition = rng.random((50, 5, 5, 50))
        game = gt.StochasticGame(rng.standard_normal((2, 50, 5, 5)), transition / transition.sum(-1, keepdims=True), 0.9)
    settings = {key: tuple(value) if isinstance(value, list) else value for key, value in settings.items()}
    method = make_learner(name, {"evaluation": 1} | settings)
    each = method.environments * method.rollout
    steps = -(-steps // each) * each
    spent = math.nan
    for _ in range(2):
        begin = time.process_time()
        gt.learn(game, method, steps=steps, records=1)
        spent = time.process_time() - begin
    return steps / spent


if __name__ == "__main__":
    print(json.dumps({"steps_per_cpu_s": _ours(sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads("".join(sys.argv[4:]) or "{}"))}))
