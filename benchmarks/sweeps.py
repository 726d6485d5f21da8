"""Sweeps: 200 runs of a minute's work in all, by a pool of processes and by Dask, beside a bare loop in as many processes."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from typing import Any

from gametheory_rl._support._threads import ONE_THREAD

RUNS, STEPS, RECORDS, PROCESSES, ROUNDS = 200, 2_500_000, 10, 2, 3
LOOP = f"""
import sys
import gametheory_rl as gt
game = gt.load_game("matching_pennies")
exact = gt.solve(game)
for seed in range(int(sys.argv[1]), int(sys.argv[2])):
    gt.learn(game, "independent_q", steps={STEPS}, seed=seed, records={RECORDS}, exact=exact, progress=False)
"""
SWEEP = f"""
import sys
import gametheory_rl as gt
if __name__ == "__main__":
    design = {{"games": "matching_pennies", "learners": "independent_q", "steps": {STEPS}, "records": {RECORDS}, "seeds": {RUNS}}}
    gt.sweep(design, out=sys.argv[1], workers={PROCESSES}, dask=sys.argv[2] or None, progress=False)
"""


def rows() -> list[dict[str, Any]]:
    """Return the CPU seconds of all processes together, start included; the loop keeps nothing of its runs."""
    timed = {"loop": _loop, "pool": lambda: _sweep(""), "dask": lambda: _sweep("local")}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in timed}
    _loop()
    for _ in range(ROUNDS):
        for name, run in timed.items():
            found[name].append(_seconds(run))
    cpu, wall = ({name: statistics.median(pair[i] for pair in pairs) for name, pairs in found.items()} for i in range(2))
    return [_row("pool", "loop", f"bare loops in {PROCESSES} processes", cpu, wall), _row("dask", "pool", "process pool", cpu, wall)]


def _row(mine: str, peer: str, peer_name: str, cpu: dict[str, float], wall: dict[str, float]) -> dict[str, Any]:
    what = "process pool" if mine == "pool" else "Dask LocalCluster"
    note = f"CPU-s {100 * (cpu[mine] / cpu[peer] - 1):+.1f} %; wall {wall[mine]:.3g} s beside {wall[peer]:.3g} s"
    named = {"name": f"sweep of {RUNS} runs, {PROCESSES} workers, {what}", "peer": peer_name, "note": note}
    return {**named, "ours_s": cpu[mine], "peer_s": cpu[peer], "ratio": cpu[peer] / cpu[mine]}


def _loop() -> None:
    ends = [RUNS * k // PROCESSES for k in range(PROCESSES + 1)]
    begun = [_begun(LOOP, str(first), str(last)) for first, last in pairwise(ends)]
    assert all(process.wait() == 0 for process in begun)


def _sweep(dask: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "sweep_once.py")  # Dask's workers look for the script of their parent
        with open(script, "w") as stream:
            stream.write(SWEEP)
        assert subprocess.run([sys.executable, script, os.path.join(folder, "out"), dask], env=_environment(), check=False).returncode == 0


def _begun(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], env=_environment())


def _environment() -> dict[str, str]:
    return {**os.environ, **ONE_THREAD, "GAMETHEORY_RL_PROGRESS": "0"}


def _seconds(run: Any) -> tuple[float, float]:
    """Return the processor's seconds and the clock's."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.perf_counter() - began
