"""Threads over fixed chunks: the chunks never depend on the number of threads, so neither do the numbers."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import TypeVar

T = TypeVar("T")


def num_threads() -> int:
    """Return how many threads kernels may use: ``GAMETHEORY_RL_THREADS``, else the processors of this process."""
    wish = os.environ.get("GAMETHEORY_RL_THREADS", "")
    if wish.isdigit() and int(wish) > 0:
        return int(wish)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _pool(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="gametheory_rl")


def chunks(total: int, size: int) -> list[tuple[int, int]]:
    """Return ``[first, last)`` ranges of at most ``size`` that cover ``range(total)``."""
    return [(first, min(first + size, total)) for first in range(0, total, size)]


def run_chunks(work: Callable[[int, int], T], ranges: Sequence[tuple[int, int]]) -> list[T]:
    """Return ``work(first, last)`` of every range, in order; ``work`` is a kernel that releases the GIL.

    Every thread, the caller's too, takes the next range when it is done with one: a task for each range would cost more than many
    a range does, and ranges dealt out beforehand would wait for the slowest thread.
    """
    count = min(num_threads(), len(ranges)) if len(ranges) > 1 else 1
    if count == 1:
        return [work(first, last) for first, last in ranges]
    left, found = deque(range(len(ranges))), {}

    def take() -> None:
        while left:
            try:
                k = left.popleft()
            except IndexError:  # another thread was quicker
                return
            found[k] = work(*ranges[k])

    helpers = [_pool(count).submit(take) for _ in range(count - 1)]
    try:
        take()
    finally:
        left.clear()  # after an error or Ctrl-C nobody starts another range, and nobody is left behind writing
        wait(helpers)
    for helper in helpers:
        helper.result()
    return [found[k] for k in range(len(ranges))]
