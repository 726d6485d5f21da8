"""Fair timing: ours and the peer's in turn, in one process, medians of each."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from gametheory_rl import StochasticGame
from gametheory_rl._support._streams_kernels import stream_keys
from gametheory_rl.learners import _loop

Play = Callable[[int], None]
"""Takes so many steps."""


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


def beside(name: str, ours: Play, peer: Play, *, steps: tuple[int, int], rounds: int, peer_name: str) -> dict[str, Any]:
    """Time stretches of both in turn, ``steps`` long, by the processor's time; returns a step of each."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for spent, play, count in zip(times, (ours, peer), steps, strict=True):
            spent.append(_stretch(play, count))
    mine, other = map(statistics.median, times)
    return {"name": name, "peer": peer_name, "ours_s": mine, "peer_s": other, "ratio": other / mine}


def alone(name: str, ours: Play, *, steps: int, rounds: int) -> dict[str, Any]:
    """Time stretches of ``steps``; returns a step."""
    return {"name": name, "ours_s": statistics.median(_stretch(ours, steps) for _ in range(rounds))}


def _stretch(play: Play, steps: int) -> float:
    begin = time.process_time()
    play(steps)
    return (time.process_time() - begin) / steps


def learning(game: StochasticGame, learner: Any, steps: int) -> Play:
    """Return ``play(steps)`` of the compiled loop, a stretch of ``steps`` under way."""
    world, seed = _loop.world_of(game, None), _loop.fresh_seed(learner.init(game.spec), stream_keys(0, 1)[0])
    compiled, done = _loop.player_of(learner, world, seed.tables), 0

    def play(steps: int) -> None:
        nonlocal done
        compiled(seed, done, done + steps)
        done += steps

    play(steps)
    return play
