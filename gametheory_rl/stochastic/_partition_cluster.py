"""Blocks of a game on the workers of a Dask cluster: sent there, asked, and made anew elsewhere when a worker is lost."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gametheory_rl._support._cluster import in_words
from gametheory_rl._support._errors import GameError, SolverError
from gametheory_rl.stochastic._partition_block import Block

POLL = 0.5
"""Seconds between two looks at whether a worker that has not answered is still there."""
PATIENCE = 60.0
"""Seconds that a cluster without workers has to get one."""
SETTLED = 5.0
"""Seconds in which the scheduler notices that a worker is gone."""
MOST_LOSSES = 4
"""So many workers one request may cost."""

Arguments = Callable[[int], tuple[Any, ...]]
"""What the method is given of each block, by its number."""


class LostError(Exception):
    """A block's worker does not answer any more."""


@dataclass
class _Place:
    """Where a block is."""

    address: str
    handle: Any
    """The actor's future: while it is finished, the actor is there."""
    actor: Any


class Blocks:
    """The blocks of one solve. What they were told since the last backup is told again to one that takes another's place."""

    def __init__(self, client: Any, ranges: Sequence[tuple[int, int]], load: Callable[[int, int, int], tuple[Any, ...]]) -> None:
        """``load(first, last, threads)`` are the arguments of ``Block.load``."""
        self._client, self.ranges, self._load = client, ranges, load
        self._places: list[_Place | None] = [None] * len(ranges)
        self._lost: set[str] = set()
        self.threads: dict[str, int] = {}
        self._told: list[tuple[str, Arguments]] = []
        self.summaries: list[Any] = []
        self.replaced = 0
        """How many blocks were made anew because a worker was lost"""

    def begin(self) -> None:
        """Send every block to a worker; keeps their summaries."""
        self.summaries = self._all("load", None)

    def ask(self, method: str, arguments: Arguments, *, tell: bool = False, anew: bool = False) -> list[Any]:
        """Return what ``method`` of every block answers.

        ``tell``: a block that is made anew has to be told this, too; ``anew``: and nothing of what was before.
        """
        found = self._all(method, arguments)
        if tell:
            self._told = [] if anew else self._told
            self._told.append((method, arguments))
        return found

    def _all(self, method: str, arguments: Arguments | None) -> list[Any]:
        """Ask all blocks at once, then those again whose workers were lost."""
        numbers = range(len(self.ranges))
        sent = [self._try_send(k, method, arguments) for k in numbers]
        return [self._answer(k, sent[k], method, arguments) for k in numbers]

    def _try_send(self, k: int, method: str, arguments: Arguments | None) -> Any:
        """Return the future of an answer, or None where the worker is lost already."""
        try:
            return self._send(k, method, arguments)
        except LostError:
            return None

    def _send(self, k: int, method: str, arguments: Arguments | None) -> Any:
        place = self._places[k]
        if place is None:
            place = self._places[k] = self._placed(k)
        given = self._load(*self.ranges[k], self.threads.get(place.address, 1)) if arguments is None else arguments(k)
        try:
            return getattr(place.actor, method)(*given)
        except RuntimeError:  # the actor says that its worker was lost
            raise LostError from None

    def _answer(self, k: int, future: Any, method: str, arguments: Arguments | None) -> Any:
        losses = 0
        while True:
            try:
                if future is None:
                    raise LostError
                return self._wait(k, future)
            except LostError:
                losses += 1
                first, last = self.ranges[k]
                if losses > MOST_LOSSES:
                    raise SolverError(
                        f"the workers that held states {first} to {last - 1} were lost {losses} times in a row; more workers, "
                        "or workers with more memory, hold fewer states each"
                    ) from None
                future = self._again(k, method, arguments)

    def _again(self, k: int, method: str, arguments: Arguments | None) -> Any:
        """Make a block anew, tell it what it has to know, and ask; None where that worker was lost as well."""
        self._leave(k)
        self.replaced += 1
        try:
            if arguments is not None:
                self._wait(k, self._send(k, "load", None))
                for told, its_arguments in self._told:
                    self._wait(k, self._send(k, told, its_arguments))
            return self._send(k, method, arguments)
        except LostError:
            return None

    def _wait(self, k: int, future: Any) -> Any:
        place = self._places[k]
        assert place is not None
        while True:
            try:
                return future.result(timeout=POLL)
            except TimeoutError:
                if place.handle.status != "finished":
                    raise LostError from None
            except MemoryError:
                first, last = self.ranges[k]
                raise SolverError(f"a worker has no memory for states {first} to {last - 1}; more workers hold fewer states each") from None
            except GameError:
                raise
            except Exception as error:
                # A closed connection is the worker's end. Of anything else the scheduler knows a moment later whether it is.
                if isinstance(error, OSError) or self._is_gone(place):
                    raise LostError from error
                raise

    def _is_gone(self, place: _Place) -> bool:
        deadline = time.monotonic() + POLL
        while place.handle.status == "finished" and time.monotonic() < deadline:
            time.sleep(0.02)
        return place.handle.status != "finished"

    def _placed(self, k: int) -> _Place:
        """Begin an empty block on the worker that has fewest states so far, by its threads."""
        from distributed import Actor

        address = self._choose()
        with self._client.as_current():
            name = f"gametheory_rl-block-{k}-{uuid.uuid4().hex}"
            handle = self._client.submit(Block, key=name, actor=True, workers=[address], allow_other_workers=False, pure=False)
            look = time.monotonic() + POLL
            while handle.status == "pending":
                time.sleep(0.002)
                if time.monotonic() > look:  # a task for a worker that is gone would be pending for ever
                    look += POLL
                    if address not in self._workers():
                        break
            if handle.status != "finished":
                self._lost.add(address)
                raise LostError
            return _Place(address, handle, Actor(Block, address, name))

    def _choose(self) -> str:
        """Return the worker that has fewest blocks for its threads; waits for one where there is none."""
        begun = time.monotonic()
        while True:
            workers = self._workers()
            if workers and not workers.keys() - self._lost and time.monotonic() > begun + SETTLED:
                self._lost.clear()  # they are still there: what was lost was the block alone
            held = [place.address for place in self._places if place is not None]
            free = {address: held.count(address) / threads for address, threads in workers.items() if address not in self._lost}
            if free:
                self.threads |= workers
                return min(free, key=free.__getitem__)
            if time.monotonic() > begun + PATIENCE:
                raise SolverError(f"the cluster has had no worker for {PATIENCE:g} s; start some, and solve again")
            time.sleep(0.1)

    def _workers(self) -> dict[str, int]:
        """Return the threads of every worker, by its address."""
        try:
            return {address: max(1, threads) for address, threads in self._client.nthreads().items()}
        except Exception as error:
            raise SolverError(f"the Dask scheduler was lost ({in_words(error)}); start it, and solve again") from None

    def _leave(self, k: int) -> None:
        place = self._places[k]
        self._places[k] = None
        if place is not None:
            self._lost.add(place.address)
            _release(self._client, place)

    def close(self) -> None:
        """Free what the workers hold."""
        for k, place in enumerate(self._places):
            self._places[k] = None
            if place is not None:
                _release(self._client, place)


def _release(client: Any, place: _Place) -> None:
    with contextlib.suppress(Exception):
        client.cancel([place.handle], force=True)
    place.actor = None
    with contextlib.suppress(Exception):
        place.handle.release()
