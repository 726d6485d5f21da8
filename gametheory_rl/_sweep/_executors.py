"""Who performs the tasks: one small protocol, and the plainest of those that keep it."""

from __future__ import annotations

import os
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

from gametheory_rl._support._errors import GameError
from gametheory_rl._sweep._perform import perform
from gametheory_rl._sweep._task import Outcome, Task


class Executor(Protocol):
    """Takes tasks and returns futures of their outcomes; what it is makes no difference to any number."""

    name: str
    """In words, for the user."""

    @property
    def slots(self) -> int:
        """How many tasks it performs at once."""
        ...

    def submit(self, task: Task) -> Future[Outcome]:
        """Begin ``task``; the future raises ``GameError`` only where the executor itself broke down."""
        ...

    def close(self) -> None:
        """Stop at once; tasks that are not done are dropped."""
        ...


class BrokenExecutorError(GameError):
    """The executor broke down; the runs that are done are kept."""


class InProcess:
    """Performs tasks one after another, here."""

    name = "this process"
    slots = 1

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)

    def submit(self, task: Task) -> Future[Outcome]:
        """Perform ``task`` and return its outcome in a future that is done."""
        future: Future[Outcome] = Future()
        future.set_result(perform(task, self._folder))
        return future

    def close(self) -> None:
        """Do nothing: there is nothing to stop."""


def num_processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
