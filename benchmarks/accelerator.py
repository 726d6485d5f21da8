"""Neural learners where JAX finds an accelerator, beside the processor of the same machine: a thousand seeds, 4,096 environments at once.

Wall-clock steps a second of whole runs, what they compile left out; the processor may use all of its cores. Without an accelerator the
rows are the processor's alone, and say so. ``python -m benchmarks.accelerator SEEDS ENVIRONMENTS ROLLOUT`` measures one case once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any

import gametheory_rl as gt

WORLD = "spread"
CASES = {
    "IPPO on spread, 1,000 seeds at once": ((1000, 16, 128), (16, 16, 128)),
    "IPPO on spread, 4,096 environments at once": ((1, 4096, 32), (1, 4096, 32)),
}
"""Seeds, environments and steps of a rollout, on the accelerator and on the processor, where a thousand seeds would only take longer."""
ROLLOUTS = 4


def rows() -> list[dict[str, Any]]:
    """Return wall seconds a training step, of all seeds and environments, on the accelerator beside the processor's."""
    there = _measured((1, 1, 4), "")["backend"] != "cpu"
    return [_row(name, *sizes, there) for name, sizes in CASES.items()]


def _row(name: str, many: tuple[int, int, int], few: tuple[int, int, int], there: bool) -> dict[str, Any]:
    slow = _measured(few, "cpu")["steps_per_s"]
    if not there:
        return {"name": name, "ours_s": 1 / slow, "note": f"{slow:,.0f} steps a second on the processor; JAX finds no accelerator here"}
    found = _measured(many, "")
    fast = found["steps_per_s"]
    note = f"{fast:,.0f} steps a second on {found['backend']} against {slow:,.0f} on the processor with {few[0]} seeds"
    return {"name": name, "peer": "the processor", "ours_s": 1 / fast, "peer_s": 1 / slow, "ratio": fast / slow, "note": note}


def _measured(sizes: tuple[int, int, int], platform: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.accelerator", *map(str, sizes)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | ({"JAX_PLATFORMS": platform} if platform else {})
    )
    return json.loads(done.stdout.splitlines()[-1])


def _ours(seeds: int, environments: int, rollout: int) -> dict[str, Any]:
    import jax

    from gametheory_rl import deep

    method = deep.IPPO(environments=environments, rollout=rollout, evaluation=1)
    steps = ROLLOUTS * environments * rollout
    spent = 0.0
    for _ in range(2):
        begin = time.perf_counter()
        gt.learn(deep.load_world(WORLD), method, steps=steps, seeds=seeds, records=1)
        spent = time.perf_counter() - begin
    return {"steps_per_s": seeds * steps / spent, "backend": jax.default_backend()}


if __name__ == "__main__":
    print(json.dumps(_ours(*map(int, sys.argv[1:]))))
