"""Threads over fixed chunks: the chunks never depend on the number of threads, so neither do the numbers."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

T = TypeVar("T")
ONE_THREAD = dict.fromkeys(
    (
        "GAMETHEORY_RL_THREADS",
        "NUMBA_NUM_THREADS",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "BLIS_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "NPROC",  # XLA's threads: its own flags leave it one for each processor
    ),
    "1",
) | {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
"""Environment of a worker: one processor each, or workers would take one another's. Read when libraries load."""


_share = threading.local()


@contextmanager
def at_most_threads(count: int) -> Iterator[None]:
    """Let kernels that this thread calls use at most ``count`` threads: several workers share a machine."""
    before = getattr(_share, "count", None)
    _share.count = max(1, count)
    try:
        yield
    finally:
        _share.count = before


def num_threads() -> int:
    """Return how many threads kernels may use: ``GAMETHEORY_RL_THREADS``, else the processors of this process."""
    share = getattr(_share, "count", None)
    return _allowed() if share is None else min(share, _allowed())


def _allowed() -> int:
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
