"""A pool of processes that outlives any of them: a worker that dies is replaced, and its task begun again.

``concurrent.futures`` would give up the whole pool for one dead worker, would leave its workers behind when their parent is killed, and
would run the user's script again in each of them. Here workers are programs of their own, ``_worker``, at the ends of two pipes.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any, BinaryIO

from gametheory_rl._support._threads import ONE_THREAD
from gametheory_rl._sweep._executors import BrokenExecutorError
from gametheory_rl._sweep._frames import receive, send
from gametheory_rl._sweep._task import Outcome, Task, failed

ATTEMPTS = 3
"""A run that takes its worker with it so often is at fault itself."""
STARTS = 5
"""So many workers in a row may die before they answer at all."""
PACKAGE = Path(__file__).resolve().parent.parent


class ProcessPool:
    """Performs tasks in ``workers`` processes of one thread each."""

    def __init__(self, workers: int, folder: Path) -> None:
        self.name = f"{workers} process{'es' if workers > 1 else ''}"
        self.slots = workers
        self._folder = folder
        self._tasks: queue.SimpleQueue[tuple[Task, Future[Outcome]] | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._workers: dict[int, Worker] = {}
        self._guard = threading.Lock()
        self._threads = [threading.Thread(target=self._serve, args=(k,), daemon=True) for k in range(workers)]
        for thread in self._threads:
            thread.start()

    def submit(self, task: Task) -> Future[Outcome]:
        """Put ``task`` in the line."""
        future: Future[Outcome] = Future()
        self._tasks.put((task, future))
        return future

    def close(self) -> None:
        """End all workers and wait until they are gone."""
        with self._guard:
            self._closing.set()
            for worker in self._workers.values():
                worker.kill()
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self, k: int) -> None:
        try:
            while (item := self._tasks.get()) is not None and not self._closing.is_set():
                task, future = item
                try:
                    future.set_result(self._outcome(k, task))
                except BaseException as error:
                    future.set_exception(error)
        finally:
            if k in self._workers:
                self._workers.pop(k).end()

    def _outcome(self, k: int, task: Task) -> Outcome:
        sentence = ""
        for _ in range(ATTEMPTS):
            worker = self._worker(k)
            try:
                return worker.perform(task)
            except (OSError, EOFError, ValueError):
                with self._guard:
                    sentence = self._workers.pop(k).end()
            if self._closing.is_set():
                raise BrokenExecutorError("the pool was closed before the run was done")
        return failed(f"its process died {ATTEMPTS} times: {sentence}")

    def _worker(self, k: int) -> Worker:
        """Return worker ``k``, started anew if it is not there."""
        sentence = ""
        for _ in range(STARTS):
            with self._guard:
                if self._closing.is_set():
                    raise BrokenExecutorError("the pool was closed before the run was done")
                try:
                    worker = self._workers.get(k) or Worker(self._folder)
                except OSError as error:
                    reason = error.strerror or error
                    raise BrokenExecutorError(f"cannot start a worker process: {reason}; the runs that are done are kept") from None
                self._workers[k] = worker
            if worker.ready():
                return worker
            with self._guard:
                sentence = self._workers.pop(k).end()
        raise BrokenExecutorError(f"worker processes die before they begin ({sentence}); the runs that are done are kept")


class Worker:
    """One process, and the two pipes to it."""

    def __init__(self, folder: Path) -> None:
        paths = [str(PACKAGE.parent), *(os.path.abspath(path) for path in sys.path)]
        environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), "GAMETHEORY_RL_ANNOUNCE": "0"}
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with the worker
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", f"{__package__}._worker", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env=environment,
        )
        self._greeted = False

    def ready(self) -> bool:
        """Wait until the process has loaded the package; False where it died first."""
        if not self._greeted:
            try:
                self._greeted = receive(self._out) == b"ready"
            except (OSError, EOFError, ValueError):
                return False
        return self._greeted

    def perform(self, task: Task) -> Outcome:
        """Return the outcome; raises ``OSError`` or ``EOFError`` where the process dies."""
        assert self._process.stdin is not None
        send(self._process.stdin, json.dumps(task.document()).encode())
        header: dict[str, Any] = json.loads(receive(self._out))
        return Outcome(**header, arrays=receive(self._out))

    @property
    def _out(self) -> BinaryIO:
        assert self._process.stdout is not None
        return self._process.stdout  # type: ignore[return-value]

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def end(self) -> str:
        """End the process, release what belongs to it, and return how it ended and what it last said."""
        code = self._process.poll()
        self._process.kill()
        self._process.wait()
        code = self._process.returncode if code is None else code
        for stream in (self._process.stdin, self._process.stdout):
            try:
                if stream is not None:
                    stream.close()
            except OSError:  # what was not sent yet
                pass
        self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, self._said.tell() - 4000))
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        self._said.close()
        how = f"killed by signal {-code}" if code < 0 else f"left with code {code}"
        return f"{how}{': ' + lines[-1][:200] if lines else ''}"
