"""Start-up: whole processes against importing numpy and numba alone; kernels cached, and at the first use ever, which compiles them."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from typing import Any


def rows() -> list[dict[str, Any]]:
    """Return the CPU seconds of commands beside those of the bare imports they stand on."""
    base = [sys.executable, "-c", "import numpy, numba"]
    commands = {
        "gametheory-rl --help": [sys.executable, "-m", "gametheory_rl", "--help"],
        "import gametheory_rl": [sys.executable, "-c", "import gametheory_rl"],
        "gametheory-rl solve soccer": [sys.executable, "-m", "gametheory_rl", "solve", "soccer"],
    }
    found = []
    for name, command in commands.items():
        _cpu_seconds(command)
        pairs = [(_cpu_seconds(command), _cpu_seconds(base)) for _ in range(5)]
        ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
        more = statistics.median(mine - bare for mine, bare in pairs)
        note = f"{more:.2f} CPU-s more than the imports" if more > 0.0 else ""
        found.append({"name": name, "peer": "import numpy, numba", "ours_s": ours, "peer_s": theirs, "ratio": theirs / ours, "note": note})
    with tempfile.TemporaryDirectory() as empty:
        first = _cpu_seconds(commands["gametheory-rl solve soccer"], GAMETHEORY_RL_CACHE=empty)
    return [*found, {"name": "gametheory-rl solve soccer, first use ever", "ours_s": first, "note": "compiles its kernels"}]


def _cpu_seconds(command: list[str], **settings: str) -> float:
    # Where Python may not keep its bytecode, every start would be a first one.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | settings
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
