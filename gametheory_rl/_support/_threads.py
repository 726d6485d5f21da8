"""Threads over fixed chunks: the chunks never depend on the number of threads, so neither do the numbers."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
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
    """Return ``work(first, last)`` of every range, in order; ``work`` is a kernel that releases the GIL."""
    count = min(num_threads(), len(ranges)) if len(ranges) > 1 else 1
    if count == 1:
        return [work(first, last) for first, last in ranges]
    return list(_pool(count).map(lambda span: work(*span), ranges))
