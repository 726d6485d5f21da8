"""Kill a sweep at random moments and see that nothing is lost: ``python -m tests.sweep_faults --times 100``.

A sweep runs as the command does, in a process with two workers; the parent, or one of the workers, is killed at a random moment, and the
same command goes on. When it ends, index and arrays are compared with those of a sweep that nobody disturbed; then it begins anew, until
there were as many kills as asked for.
"""

import argparse
import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import gametheory_rl as gt

DESIGN = {
    "name": "faults",
    "games": ["matching_pennies", "climbing"],
    "learners": ["independent_q", {"name": "hysteretic_q", "exploration": [0.1, 0.3]}],
    "steps": [2000, 60000],
    "records": 4,
    "seeds": 2,
}


def fingerprint(folder):
    """What a sweep has come to: the index but for times, and the digest of every file of arrays."""
    results = gt.load_results(folder)
    rows = [row._replace(seconds=0.0, finished="") for row in results.rows]
    arrays = {path.parent.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in Path(folder).glob("runs/*/run.npz")}
    whole = {path.parent.name for path in Path(folder).glob("runs/*/run.json")}
    assert whole == set(arrays) == {row.id for row in rows if row.state == "done"}
    leftovers = [path for path in Path(folder).glob("runs/*/*") if path.name not in ("run.npz", "run.json")]
    assert leftovers == []
    return results.total, rows, arrays


def begin(design, folder, *options):
    """Start the command in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(Path(gt.__file__).parent.parent), "GAMETHEORY_RL_PROGRESS": "0"}
    words = [sys.executable, "-m", "gametheory_rl", "sweep", str(design), "--out", str(folder), *options]
    return subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def children(pid):
    """Return the ids of the processes that ``pid`` has started."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in task.read_text().split()]
    return found


def kill(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def count(folder):
    return len(list(Path(folder).glob("runs/*/run.json")))


def disturbed(design, folder, kills, rng):
    """Run one sweep to its end, killed ``kills`` times at most; returns how often it was."""
    done = 0
    while True:
        process = begin(design, folder, "--workers", "2", "--retry-failed")
        alive, workers = True, []
        while alive and done < kills:
            goal, until = count(folder) + rng.randrange(4), time.monotonic() + 30
            while process.poll() is None and count(folder) < goal and time.monotonic() < until:
                time.sleep(0.005)
            time.sleep(rng.random() * 0.15)
            workers = children(process.pid)
            if process.poll() is not None:
                break
            done += 1
            if workers and rng.random() < 0.5:
                kill(rng.choice(workers))
            else:
                kill(process.pid)
                alive = False
        process.communicate()
        if process.returncode == 0:
            return done
        assert process.returncode in (-signal.SIGKILL, 3), process.returncode
        deadline = time.monotonic() + 60  # workers leave by themselves when their parent is gone
        while any(Path(f"/proc/{pid}/cmdline").exists() and b"_sweep._worker" in command(pid) for pid in workers):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def main(times, seed):
    """Kill ``times`` times; returns how many sweeps came through it."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        design = Path(place) / "faults.json"
        design.write_text(json.dumps(DESIGN))
        gt.sweep(design, out=Path(place) / "calm", workers=0)
        calm = fingerprint(Path(place) / "calm")
        killed = sweeps = 0
        while killed < times:
            folder = Path(place) / f"stormy-{sweeps}"
            killed += disturbed(design, folder, min(times - killed, 8), rng)
            assert fingerprint(folder) == calm, f"sweep {sweeps} differs"
            sweeps += 1
            print(f"{killed} kills, {sweeps} sweeps, all as if nothing had happened", flush=True)
    return sweeps


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    main(arguments.times, arguments.seed)
