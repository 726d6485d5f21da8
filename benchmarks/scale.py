"""How the solver grows: time against states, memory, and what a second thread gains; each run in a process of its own."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from typing import Any

SIZES = (10_000, 100_000, 1_000_000)
CHILD = """
import json, resource, sys, time
import gametheory_rl as gt
game = gt.families.ring(states=int(sys.argv[1]), actions=3, branching=4, discount=0.9)
gt.solve(gt.families.ring(states=100_000, actions=3, branching=4, discount=0.9), tol=1e-6)  # loads what several threads use too
begin = time.perf_counter()
solution = gt.solve(game, tol=1e-6)
print(json.dumps({"seconds": time.perf_counter() - begin, "gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2,
                  "bound": solution.error_bound, "iterations": solution.iterations}))
"""


def rows() -> list[dict[str, Any]]:
    """Return the times by size on one thread, and the gain of two; notes carry slope and memory."""
    single = {size: _measure(size, 1) for size in SIZES}
    double = _measure(SIZES[-1], 2)
    slope = math.log(single[SIZES[-1]]["seconds"] / single[SIZES[0]]["seconds"]) / math.log(SIZES[-1] / SIZES[0])
    found = [_row(f"{size:,} states (3x3, 4 local successors), 1e-6, one thread", single[size]) for size in SIZES]
    found[-1]["note"] += f"; slope of log time against log states {slope:.2f}"
    gain = single[SIZES[-1]]["seconds"] / double["seconds"]
    return [
        *found,
        _row(f"{SIZES[-1]:,} states, two threads", double) | {"peer": "one thread", "peer_s": single[SIZES[-1]]["seconds"], "ratio": gain},
    ]


def _row(name: str, measured: dict[str, Any]) -> dict[str, Any]:
    note = f"{measured['iterations']} iterations, error at most {measured['bound']:.1e}, peak memory {measured['gib']:.2f} GiB"
    return {"name": name, "ours_s": measured["seconds"], "note": note}


def _measure(states: int, threads: int) -> dict[str, Any]:
    environment = {**os.environ, "GAMETHEORY_RL_THREADS": str(threads)}
    done = subprocess.run([sys.executable, "-c", CHILD, str(states)], check=True, capture_output=True, text=True, env=environment)
    return json.loads(done.stdout)
