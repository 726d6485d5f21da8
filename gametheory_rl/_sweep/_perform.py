"""Performing one task: the same function wherever it runs."""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from gametheory_rl._catalogue import list_games, load_game
from gametheory_rl._checkpoint import Paced, ResumeError
from gametheory_rl._games import StochasticGame
from gametheory_rl._learn import learn
from gametheory_rl._registry import resolve
from gametheory_rl._results import GameSolution, Run, Status
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._files import archive
from gametheory_rl._sweep._folder import checkpoint_of
from gametheory_rl._sweep._task import Outcome, Task, failed
from gametheory_rl.learners._learner import TabularLearner
from gametheory_rl.learners._named import make_learner

try:
    import fcntl
except ImportError:  # not on Windows, where two processes may then compile the same kernel
    fcntl = None

SAVED_EVERY = 60.0
"""Seconds between two checkpoints of a run: short ones have none, and of a long one hardly more than that is lost."""
ENOUGH, LONGEST = 1.5, 6.0
"""Seconds of the processor, and of the clock, after which a batch begins no further run."""
HELD = 8
"""Games, and their solutions, that a worker keeps at hand."""


def perform(task: Task, folder: str | None = None, game_bytes: bytes | None = None) -> Outcome:
    """Run ``task`` and return what came of it; a run that raises, or ends in NaN, is a failed outcome, not an error.

    Parameters
    ----------
    task : Task
    folder : str, optional
        Of results, where games that are not in the catalogue lie, and checkpoints of long runs. None: on a machine that does not see it.
    game_bytes : bytes, optional
        Such a game itself, for such a machine.
    """
    here = f"{platform.node()}:{os.getpid()}"
    began = time.process_time()
    try:
        run = _run(task, folder, game_bytes)
    except KeyboardInterrupt:
        raise
    except GameError as refusal:
        return failed(str(refusal), here)
    except MemoryError:
        return failed("there was not enough memory", here)
    except Exception as error:
        return failed(f"unexpected {type(error).__name__}: {error}", here)
    if run.status is Status.INTERRUPTED:
        raise KeyboardInterrupt
    broken = not_finite(run)
    if broken:
        return failed(broken, here)
    return Outcome("done", "", dict(run.settings), last_record(run), time.process_time() - began, here, archive(run.arrays()))


def perform_batch(tasks: Sequence[Task], folder: str | None, digests: Sequence[str], *games: bytes) -> tuple[float, list[Outcome]]:
    """Perform short ``tasks`` one after another, and return the processor's seconds that each took, and what came of them.

    Where they take longer than was thought, the last ones are left undone: there are fewer outcomes than tasks, but at least one.
    ``games`` are those of the tasks that are not in the catalogue, in the order of ``digests``.
    """
    given = dict(zip(digests, games, strict=True))
    outcomes: list[Outcome] = []
    began, spent = time.monotonic(), time.thread_time()
    for task in tasks:
        outcomes.append(perform(task, folder, given.get(task.game_file or "")))
        if time.thread_time() - spent > ENOUGH or time.monotonic() - began > LONGEST:
            break
    return (time.thread_time() - spent) / len(outcomes), outcomes


def _run(task: Task, folder: str | None, game_bytes: bytes | None) -> Run:
    game = _game(task, folder, game_bytes)
    if folder is None:
        return played(task, game)
    path = checkpoint_of(Path(folder), task.id)
    try:
        return played(task, game, Paced(path, SAVED_EVERY))
    except ResumeError:  # half a file, or one of another version: the run begins anew
        path.unlink(missing_ok=True)
        return played(task, game, Paced(path, SAVED_EVERY))


def played(task: Task, game: Any = None, checkpoint: Paced | None = None) -> Run:
    """Return the run of ``task`` on ``game``; None: the catalogue's."""
    learner = make_learner(task.learner, dict(task.settings))
    game = _game(task, None, None) if game is None else game
    options: dict[str, Any] = {"horizon": task.horizon, "sampling": task.sampling, "progress": False}
    if isinstance(game, StochasticGame) and getattr(learner, "paradigm", None) != "centralised":
        options["exact"] = _truth(game)
    _compile(task.learner, learner, game, options)
    return learn(game, learner, steps=task.steps, seeds=1, seed=task.seed, records=task.records, checkpoint=checkpoint, **options)


# ---- what runs of the same game share --------------------------------------------------------------------------------


def _game(task: Task, folder: str | None, game_bytes: bytes | None) -> Any:
    if task.game_file is not None:
        return _held_game(task.game_file, folder, game_bytes)
    return _catalogue_game(task.game, repr(sorted(task.parameters.items())), _Parameters(task.parameters))


class _Parameters(dict[str, Any]):
    """Parameters that a cache looks past: their text, beside them, is its key."""

    def __hash__(self) -> int:  # type: ignore[override]
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Parameters)


@lru_cache(HELD)
def _catalogue_game(name: str, text: str, parameters: _Parameters) -> Any:
    del text
    if name in list_games("all"):
        return load_game(name, **parameters)
    return resolve("world", name)(**parameters)


_held: dict[str, Any] = {}


def _held_game(digest: str, folder: str | None, game_bytes: bytes | None) -> Any:
    if digest not in _held:
        while len(_held) >= HELD:
            del _held[next(iter(_held))]
        if game_bytes is None:
            _held[digest] = load_game(Path(folder or "") / "games" / f"{digest}.npz")
        else:
            with tempfile.TemporaryDirectory() as place:
                path = Path(place) / f"{digest}.npz"
                path.write_bytes(game_bytes)
                _held[digest] = load_game(path)
    return _held[digest]


@lru_cache(HELD)
def _truth(game: StochasticGame) -> GameSolution | None:
    """Return the solution that ``learn`` would look for by itself, once for all runs of a game."""
    if not (game.zero_sum or game.num_players == 1) or (game.discount >= 1).any():
        return None
    from gametheory_rl.stochastic import solve

    return solve(game, throw=False, progress=False)


_compiled: set[tuple[str, str]] = set()


def _compile(name: str, learner: Any, game: Any, options: dict[str, Any]) -> None:
    """Have one process at a time compile a learner's kernels: the others find them on disk."""
    key = (name, f"{type(game).__name__}-{getattr(game, 'num_players', 0)}")
    if key in _compiled or not isinstance(learner, TabularLearner):
        return
    with _alone("-".join(key)):
        learn(game, learner, steps=1, records=1, **options)
    _compiled.add(key)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Run the block in one process of this machine at a time; a process that dies lets go."""
    if fcntl is None:
        yield
        return
    # Whoever shares the folder of compiled kernels shares the lock.
    place = f"{Path(__file__).parent} {os.environ.get('GAMETHEORY_RL_CACHE', '')} {os.environ.get('XDG_CACHE_HOME', '')}"
    mark = hashlib.sha256(place.encode()).hexdigest()[:16]
    with open(Path(tempfile.gettempdir()) / f"gametheory_rl-{os.getuid()}-{mark}-{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# ---- what is kept of a run -------------------------------------------------------------------------------------------


def not_finite(run: Run) -> str:
    """Return why a run is no result, empty where it is one: NaN or infinity in a policy or in what was measured."""
    for name, column in run.trace.items():
        # No episode may have ended since the last record: such a mean is NaN by right.
        if column.dtype.kind == "f" and not name.startswith("episode_") and not np.isfinite(column).all():
            record = int(np.argmin(np.isfinite(column).all(axis=0)))
            return f"{name} is {column[:, record][~np.isfinite(column[:, record])][0]} at step {int(run.trace['step'][0, record])}"
    for profile in run.profiles:
        arrays = profile if isinstance(profile, tuple) else (profile,)
        if not all(np.isfinite(array).all() for array in arrays):
            return "the policy holds NaN or infinity at the end"
    return ""


def last_record(run: Run) -> dict[str, float | None]:
    """Return the last number of every column, None where it is NaN."""
    last = {name: float(column[0, -1]) for name, column in run.trace.items() if column.ndim == 2 and column.shape[1]}
    return {name: number if np.isfinite(number) else None for name, number in last.items()}
