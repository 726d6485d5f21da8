"""Tasks on a Dask cluster: one that is running, by its scheduler's address, or one on this machine.

Short tasks go in batches. Dask itself begins those of lost workers again; of a batch that fails as a whole each task is sent by itself.
Where the scheduler is lost, its tasks are handed out anew as soon as one answers at the same address.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gametheory_rl._support._cluster import LOCAL, REACH, close_client, in_words, local_cluster, require_package, require_reachable
from gametheory_rl._support._errors import GameError
from gametheory_rl._sweep._executors import BrokenExecutorError
from gametheory_rl._sweep._perform import perform_batch
from gametheory_rl._sweep._task import Outcome, Task, failed

FIRST_WORKER = 30.0
"""Seconds in which it has to have a worker."""
PATIENCE = 60.0
"""Seconds that a lost scheduler has to come back."""
ON_THE_WAY = 2
"""Batches handed out for each thread of a worker: the next one is there when one ends."""
LOOK = 1.0
"""Seconds between two looks at how many workers there are."""
BATCH = 1.0
"""Seconds of the processor that a batch of short tasks should take: to send one and to fetch what came of it takes some 20 ms."""
MOST_TASKS = 64
"""Of one batch."""

Batch = list[tuple[Task, "Future[Outcome]"]]


class _Line:
    """Tasks that wait to be sent, and how many of them make a batch."""

    def __init__(self) -> None:
        self.items: deque[tuple[Task, Future[Outcome]]] = deque()
        self.size = 1
        self._pace = 0.0

    def took(self, seconds: float) -> None:
        """Learn how long a task takes: half of what is known comes from the last batch."""
        self._pace = (self._pace + seconds) / 2 if self._pace else max(seconds, 1e-6)
        self.size = max(1, min(MOST_TASKS, int(BATCH / self._pace)))

    def batch(self, shares: int) -> Batch:
        """Take the next batch; one of ``shares`` at most of what is left, so that in the end all workers have something to do."""
        count = min(self.size, -(-len(self.items) // shares))
        return [self.items.popleft() for _ in range(count)]


class DaskExecutor:
    """Performs tasks on the workers of a Dask scheduler, or of a ``LocalCluster``."""

    def __init__(self, address: str, workers: int, games: Mapping[str, bytes], folder: Path) -> None:
        if find_spec("distributed") is None:
            raise GameError("Dask is not installed: pip install 'gametheory-rl[sweep]'")
        self._address, self._games = address, games
        self._folder = str(folder.absolute()) if address == LOCAL else None  # other machines do not see it
        self._cluster: Any = local_cluster(workers) if address == LOCAL else None
        self._guard, self._closing = threading.RLock(), threading.Event()
        self._line = _Line()
        self._open: dict[str, tuple[Batch, Any]] = {}
        self._client: Any = None
        self._threads, self._counted = 1, -LOOK
        try:
            self._connect(FIRST_WORKER)
        except BaseException:
            self.close()
            raise
        self.name = f"Dask at {self._client.scheduler.address}"

    @property
    def slots(self) -> int:
        """How many tasks to keep handed out: for every thread of a worker two batches on the way, and as many in line."""
        if time.monotonic() > self._counted + LOOK:
            self._counted = time.monotonic()
            with contextlib.suppress(Exception):  # in the middle of a reconnection nothing is known
                self._threads = max(1, sum(self._client.nthreads().values()))
        return self._threads * ON_THE_WAY * self._line.size

    def submit(self, task: Task) -> Future[Outcome]:
        """Put ``task`` in the line; with others, where they are short, it goes to the cluster."""
        future: Future[Outcome] = Future()
        with self._guard:
            self._line.items.append((task, future))
            self._pump()
        return future

    def _pump(self) -> None:
        """Send batches while threads have less than ``ON_THE_WAY`` each."""
        while self._line.items and len(self._open) < ON_THE_WAY * self._threads:
            self._send(self._line.batch(ON_THE_WAY * self._threads))

    def _send(self, batch: Batch) -> None:
        tasks = [task for task, _ in batch]
        digests = sorted({task.game_file for task in tasks if task.game_file is not None})
        games = [self._held[digest] for digest in digests]
        key = f"gametheory_rl_run-{uuid.uuid4().hex}"
        remote = self._client.submit(perform_batch, tasks, self._folder, digests, *games, key=key, pure=False)
        self._open[key] = (batch, remote)
        remote.add_done_callback(self._ended)

    def _ended(self, remote: Any) -> None:
        """Pass on what came of a batch; called in a thread of Dask's."""
        with self._guard:
            if self._closing.is_set() or remote.key not in self._open:
                return
        if remote.status in ("cancelled", "lost"):
            self._scheduler_lost()
            return
        try:
            seconds, outcomes = remote.result(timeout=PATIENCE)
        except Exception as error:
            if type(error).__name__ in ("CancelledError", "FutureCancelledError", "CommClosedError", "TimeoutError"):
                self._scheduler_lost()
                return
            seconds, outcomes = None, [failed(_reason(error))]
        with self._guard:
            self._tell(self._open.pop(remote.key, ([], None))[0], seconds, outcomes)
            self._pump()

    def _tell(self, batch: Batch, seconds: float | None, outcomes: Sequence[Outcome]) -> None:
        """Pass on the outcomes of a batch; its other tasks go to the head of the line. ``seconds`` None: the batch itself failed."""
        if seconds is None and len(batch) > 1:  # one of them is at fault: each by itself, and none waits for another
            for item in batch:
                self._send([item])
            return
        if seconds is not None:
            self._line.took(seconds)
        self._line.items.extendleft(reversed(batch[len(outcomes) :]))
        for (_, future), outcome in zip(batch, outcomes, strict=False):
            future.set_result(outcome)

    def _scheduler_lost(self) -> None:
        """Wait for the scheduler, then hand out again what was open; fails all that is open if it does not come back."""
        with self._guard:
            if self._closing.is_set() or not self._stale():
                return
            try:
                self._connect(PATIENCE, again=True)
                batches = [batch for batch, _ in self._open.values()]
                self._open.clear()
                for batch in batches:
                    self._send(batch)
            except GameError as error:
                lost = [*(item for batch, _ in self._open.values() for item in batch), *self._line.items]
                self._open.clear()
                self._line.items.clear()
                for _, future in lost:
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
