"""Tasks on a Dask cluster: one that is running, by its scheduler's address, or one on this machine.

Dask itself begins the tasks of lost workers again. Where the scheduler is lost, its tasks are handed out anew as soon as one answers
at the same address.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import uuid
from collections.abc import Mapping
from concurrent.futures import Future
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gametheory_rl._support._cluster import LOCAL, REACH, close_client, in_words, local_cluster, require_package, require_reachable
from gametheory_rl._support._errors import GameError
from gametheory_rl._sweep._executors import BrokenExecutorError
from gametheory_rl._sweep._perform import perform
from gametheory_rl._sweep._task import Outcome, Task, failed

FIRST_WORKER = 30.0
"""Seconds in which it has to have a worker."""
PATIENCE = 60.0
"""Seconds that a lost scheduler has to come back."""
LINE = 4
LOOK = 1.0
"""Seconds between two looks at how many workers there are."""


class DaskExecutor:
    """Performs tasks on the workers of a Dask scheduler, or of a ``LocalCluster``."""

    def __init__(self, address: str, workers: int, games: Mapping[str, bytes], folder: Path) -> None:
        if find_spec("distributed") is None:
            raise GameError("Dask is not installed: pip install 'gametheory-rl[sweep]'")
        self._address, self._games = address, games
        self._folder = str(folder.absolute()) if address == LOCAL else None  # other machines do not see it
        self._cluster: Any = local_cluster(workers) if address == LOCAL else None
        self._guard, self._closing = threading.RLock(), threading.Event()
        self._open: dict[Future[Outcome], tuple[Task, Any]] = {}
        self._client: Any = None
        self._slots, self._counted = LINE, -LOOK
        try:
            self._connect(FIRST_WORKER)
        except BaseException:
            self.close()
            raise
        self.name = f"Dask at {self._client.scheduler.address}"

    @property
    def slots(self) -> int:
        """How many tasks to keep handed out: for every thread of a worker a few in line."""
        if time.monotonic() > self._counted + LOOK:
            self._counted = time.monotonic()
            with contextlib.suppress(Exception):  # in the middle of a reconnection nothing is known
                self._slots = max(1, sum(worker["nthreads"] for worker in self._client.scheduler_info()["workers"].values())) * LINE // 2
        return self._slots

    def submit(self, task: Task) -> Future[Outcome]:
        """Send ``task`` to the cluster."""
        future: Future[Outcome] = Future()
        with self._guard:
            self._send(task, future)
        return future

    def _send(self, task: Task, future: Future[Outcome]) -> None:
        game = self._held.get(task.game_file) if task.game_file is not None else None
        remote = self._client.submit(perform, task, self._folder, game, key=f"gametheory_rl_run-{uuid.uuid4().hex}", pure=False)
        self._open[future] = (task, remote)
        remote.add_done_callback(lambda ended: self._ended(ended, task, future))

    def _ended(self, remote: Any, task: Task, future: Future[Outcome]) -> None:
        """Pass on what came of a task; called in a thread of Dask's."""
        with self._guard:
            if self._closing.is_set() or self._open.get(future, (None, None))[1] is not remote:
                return
        if remote.status in ("cancelled", "lost"):
            self._scheduler_lost()
            return
        try:
            outcome = remote.result(timeout=PATIENCE)
        except Exception as error:
            if type(error).__name__ in ("CancelledError", "FutureCancelledError", "CommClosedError", "TimeoutError"):
                self._scheduler_lost()
                return
            outcome = failed(_reason(error))
        with self._guard:
            if self._open.pop(future, None) is not None:
                future.set_result(outcome)

    def _scheduler_lost(self) -> None:
        """Wait for the scheduler, then hand out again what was open; fails all that is open if it does not come back."""
        with self._guard:
            if self._closing.is_set() or not self._stale():
                return
            try:
                self._connect(PATIENCE, again=True)
                for future, (task, _) in list(self._open.items()):
                    self._send(task, future)
            except GameError as error:
                for future in list(self._open):
                    self._open.pop(future)
                    future.set_exception(
                        BrokenExecutorError(f"the scheduler was lost ({error}); what is done is kept, start again to go on")
                    )

    def _stale(self) -> bool:
        """Whether a future of the present client was dropped: of an earlier one, all have been sent again already."""
        return any(remote.status in ("cancelled", "lost") for _, remote in self._open.values())

    def _connect(self, patience: float, *, again: bool = False) -> None:
        """Open a client, send it the games, and wait until there is a worker."""
        import distributed

        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said once, as a sentence
        address = self._address if self._cluster is None else self._cluster.scheduler_address
        if self._client is not None:
            close_client(self._client)
        deadline = time.monotonic() + patience
        while True:
            try:
                require_reachable(address)
                self._client = distributed.Client(address, timeout=REACH, set_as_default=False, direct_to_workers=self._cluster is not None)
                break
            except Exception as error:
                if not again or time.monotonic() > deadline or self._closing.is_set():
                    raise GameError(f"no Dask scheduler answers at {address!r}: {in_words(error)}") from None
                time.sleep(0.2)
        try:
            self._client.wait_for_workers(1, timeout=max(1.0, deadline - time.monotonic()))
        except Exception:
            raise GameError(f"the Dask scheduler at {address!r} has no workers; start some with: dask worker {address}") from None
        require_package(self._client, address)
        self._held = {digest: self._client.scatter(data, broadcast=True, hash=False) for digest, data in self._games.items()}

    def close(self) -> None:
        """Drop what is not done, and leave the cluster, or end it if it is ours."""
        self._closing.set()
        if self._client is not None:
            with contextlib.suppress(Exception):
                self._client.cancel([remote for _, remote in self._open.values()], force=True)
            close_client(self._client)
        if self._cluster is not None:
            with contextlib.suppress(Exception):
                self._cluster.close(timeout=5)


def _reason(error: Exception) -> str:
    if type(error).__name__ == "KilledWorker":
        return "its worker died again and again"
    return f"unexpected {type(error).__name__}: {error}"
