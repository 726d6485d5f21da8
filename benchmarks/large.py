"""Zero-sum games of 10,000 by 10,000 and more, to a gap of 1e-3 of the range: time and memory, each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

ACTIONS = 10_000
KINDS = (
    ("uniform", "float64"),
    ("Gaussian", "float64"),
    ("low rank", "float64"),
    ("{0,1}", "float32"),
    ("tournament of skill and chance", "float32"),
    ("Blotto, 38 soldiers on 4 fields", "float32"),
)
CHILD = """
import itertools, json, sys, time
import numpy as np
from gametheory_rl.equilibria.dynamics import approximate_minimax

def blotto(soldiers, fields):
    cuts = np.array(list(itertools.combinations(range(soldiers + fields - 1), fields - 1)))
    walls = np.hstack([np.full((len(cuts), 1), -1), cuts, np.full((len(cuts), 1), soldiers + fields - 1)])
    forces = np.diff(walls, axis=1).astype(np.int8) - np.int8(1)
    won = np.zeros((len(forces), len(forces)), np.float32)
    for force in forces.T:
        won += np.sign(force[:, None] - force[None])
    return won

def game(kind, n, dtype):
    rng = np.random.default_rng(0)
    if kind == "uniform":
        return rng.random((n, n), dtype)
    if kind == "Gaussian":
        return rng.standard_normal((n, n), dtype)
    if kind == "low rank":
        return rng.standard_normal((n, 10), dtype) @ rng.standard_normal((10, n), dtype)
    if kind == "{0,1}":
        return rng.integers(0, 2, (n, n), np.int8).astype(dtype)
    if kind.startswith("tournament"):
        skill, chance = rng.standard_normal(n, dtype), rng.standard_normal((n, n), dtype)
        return np.tanh(skill[:, None] - skill) + dtype(0.2) * (chance - chance.T)
    return blotto(38, 4)

def highest():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))

kind, n, dtype = sys.argv[1], int(sys.argv[2]), np.dtype(sys.argv[3]).type
A = game(kind, n, dtype)
approximate_minimax(A[:300, :300])
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")  # the peak of memory starts anew
before, begin, cpu = highest(), time.perf_counter(), time.process_time()
found = approximate_minimax(A)
seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
numbers = {"seconds": seconds, "cpu": cpu, "iterations": found.iterations, "gap": found.gap / float(np.ptp(A)), "actions": len(A)}
print(json.dumps(numbers | {"matrix_gib": A.nbytes / 2**30, "more_gib": (highest() - before) / 2**30}))
"""


def rows() -> list[dict[str, Any]]:
    """Return one row a kind of game."""
    return [_row(kind, dtype) for kind, dtype in KINDS]


def _row(kind: str, dtype: str) -> dict[str, Any]:
    command = [sys.executable, "-c", CHILD, kind, str(ACTIONS), dtype]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    note = f"{found['iterations']} iterations, gap {found['gap']:.1e} of the range, {found['cpu']:.3g} CPU s, "
    note += f"{found['more_gib']:.2g} GiB beside the matrix of {found['matrix_gib']:.2g} GiB"
    return {"name": f"{kind}, {found['actions']:,} actions each, {dtype}", "ours_s": found["seconds"], "note": note}
