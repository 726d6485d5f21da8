"""Fair timing: ours and the peer's in turn, in one process, medians of each."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any


def compare(name: str, ours: Callable[[], Any], peer: Callable[[], Any], *, repeats: int = 7, peer_name: str) -> dict[str, Any]:
    """Run both once to warm up, then in turn; returns a row with the medians in seconds and their ratio."""
    for run in (ours, peer):
        run()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for spent, run in zip(times, (ours, peer), strict=True):
            begin = time.perf_counter()
            run()
            spent.append(time.perf_counter() - begin)
    mine, theirs = map(statistics.median, times)
    return {"name": name, "peer": peer_name, "ours_s": mine, "peer_s": theirs, "ratio": theirs / mine}
