"""``sweep``: every run of a design once, whole, and kept, whatever happens in between."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from gametheory_rl._catalogue_files import game_archive
from gametheory_rl._game_checks import checked_integer
from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError
from gametheory_rl._sweep._design import Design, read_design, require_count
from gametheory_rl._sweep._executors import Executor, InProcess, num_processors
from gametheory_rl._sweep._folder import PLACES, Folder, read_sweep
from gametheory_rl._sweep._results import Results, load_results
from gametheory_rl._sweep._task import Outcome, Task
from gametheory_rl._sweep._watch import watching

MOST_WORKERS = 4096
LONGEST_NAME = 200
"""Bytes of a folder's name; file systems take 255."""
LINE = 2
"""Tasks handed out for each that is performed: nobody waits for the next one."""


def sweep(
    design: str | Path | Mapping[str, Any],
    *,
    out: str | Path | None = None,
    workers: int | None = None,
    dask: str | None = None,
    retry_failed: bool = False,
    yes: bool = False,
    progress: bool | None = None,
) -> Results:
    """Run every learner on every game, with every setting and seed, and keep each run as soon as it is done.

    A sweep goes on where it stopped: runs that are in the folder are not run again. A design may grow, by more seeds or values, and
    keeps the runs that it has. Every run is the same, bit for bit, whoever performs it.

    Parameters
    ----------
    design : path or mapping
        A .toml file, or a mapping with its entries: ``games`` and ``learners``, lists of names, or of tables with a name and parameters or
        hyper-parameters (in Python also game objects; in a file also paths of games, from the file's folder); ``steps``, and
        ``horizon`` and ``sampling`` where they are wanted, as ``learn`` takes them; ``records``; ``seeds``, how many or which;
        ``name``. A list of values is varied over, every value with every other. ``design = {kind = "random", runs = 100, seed = 0}``
        draws instead, from lists and from ranges ``{uniform = [a, b]}``, ``{log_uniform = [a, b]}`` and ``{integers = [a, b]}``; every
        draw is run with every seed.
    out : path, optional
        The results folder, made if it is not there; None: the name of the file, or of the sweep, with ``-results`` behind it, here.
    workers : int, optional
        Processes, one thread each; 0: in this process, with as many threads as its libraries take. None: one for each processor.
    dask : str, optional
        Address of a Dask scheduler, as in ``tcp://host:8786``, whose workers have this package; ``local``: a cluster on this machine.
    retry_failed : bool
        Run those again that failed.
    yes : bool
        Run a design of more than 100,000 runs.
    progress : bool, optional
        None: a bar and running results where standard error is a terminal.

    Returns
    -------
    Results
        Everything in the folder. Ctrl-C ends the sweep with ``Status.INTERRUPTED`` and all that is done.

    Raises
    ------
    GameError
        Before anything runs: an unknown key, name or setting, an empty design, or one of millions; a folder of another sweep, or one that
        another sweep is writing to; a scheduler that does not answer, or Dask is not installed. Later: the disk is full, the scheduler is
        gone; what is done is kept. A run that fails is no error: the results list it with its sentence.

    Examples
    --------
    >>> import tempfile
    >>> import gametheory_rl as gt
    >>> design = {"games": "matching_pennies", "learners": {"name": "minimax_q", "exploration": [0.1, 0.5]}, "steps": 1000, "seeds": 2}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     results = gt.sweep(design, out=folder, workers=0)
    >>> len(results.rows), results.counts["done"]
    (4, 4)
    """
    found = read_design(design)
    require_count(found.count, yes, "give --yes (yes=True)")
    path = _folder_of(out, found.name)
    tasks = found.tasks()
    _require_same(path, found, tasks)
    count = min(num_processors() if workers is None else checked_integer(workers, "workers", 0, MOST_WORKERS), len(tasks))
    games = [(game.digest, game_archive(game.game)) for game in found.games if game.digest is not None]
    with _opened(path) as folder:
        states = folder.begin(found.document, found.name, tasks, games)
        todo = [(number, task) for number, task in enumerate(tasks) if _due(states.get(task.id), retry_failed)]
        status = Status.FINISHED
        if todo:
            with watching(found, tasks, states, folder, progress) as seen, _executor(path, count, dask, dict(games)) as executor:
                status = perform_all(executor, todo, lambda number, task, outcome: seen(folder.add(task, number, outcome)))
    results = load_results(path)
    return Results(results.folder, results.name, results.total, results.rows, status)


def _folder_of(out: str | Path | None, name: str) -> Path:
    """Return the results folder; refuses what is no path, and a name that is no folder's on some system."""
    if out is None and (not name or set(name) & set('/\\<>:"|?*') or name.startswith(".") or len(name.encode()) > LONGEST_NAME):
        raise GameError(f"the sweep is called {name[:80]!r}, which is no name for a folder; say where results go: --out (out=)")
    try:
        if out is not None and (not str(out) or "\0" in str(out)):
            raise ValueError("a null character" if out else "an empty name")
        path = Path(out) if out is not None else Path(f"{name}-results")
        path.exists()
    except (OSError, ValueError, TypeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise GameError(f"out is {str(out)[:80]!r}, the path of a folder was expected: {reason}") from None
    return path


def _due(state: str | None, retry_failed: bool) -> bool:
    return state is None or (retry_failed and state == "failed")


def perform_all(executor: Executor, todo: Sequence[tuple[int, Task]], keep: Callable[[int, Task, Outcome], Any]) -> Status:
    """Have ``executor`` perform all tasks, and ``keep`` each outcome as it comes; Ctrl-C ends it early."""
    left = iter(todo)
    pending: dict[Future[Outcome], tuple[int, Task]] = {}
    ended: SimpleQueue[Future[Outcome]] = SimpleQueue()  # where thousands are pending, to wait for all of them takes long each time
    try:
        while True:
            while len(pending) < LINE * executor.slots and (item := next(left, None)) is not None:
                future = executor.submit(item[1])
                pending[future] = item
                future.add_done_callback(ended.put)
                if future.done():  # in this process: kept before the next one begins
                    break
            if not pending:
                return Status.FINISHED
            with contextlib.suppress(Empty):
                future = ended.get(timeout=1.0)
                number, task = pending.pop(future)
                keep(number, task, future.result())
    except KeyboardInterrupt:
        return Status.INTERRUPTED


@contextmanager
def _opened(path: Path) -> Iterator[Folder]:
    with contextlib.closing(Folder(path)) as folder:
        yield folder


@contextmanager
def _executor(path: Path, workers: int, dask: str | None, games: Mapping[str, bytes]) -> Iterator[Executor]:
    executor: Executor
    if dask is not None:
        from gametheory_rl._sweep._dask import DaskExecutor

        executor = DaskExecutor(dask, max(workers, 1), games, path)
    elif workers:
        from gametheory_rl._sweep._pool import ProcessPool

        executor = ProcessPool(workers, path)
    else:
        executor = InProcess(path)
    try:
        yield executor
    finally:
        executor.close()


def _require_same(path: Path, design: Design, tasks: Sequence[Task]) -> None:
    """Refuse a folder that holds runs which the design has not."""
    if not path.exists():
        return
    if not path.is_dir():
        raise GameError(f"out is {str(path)!r}, which is a file; name a folder")
    if not (path / "sweep.json").exists():
        if any(entry.name not in ("lock", *PLACES, "index.sqlite") for entry in path.iterdir() if not entry.name.startswith(".")):
            raise GameError(f"the folder {str(path)!r} holds other files and no sweep; name a new folder, or an empty one")
        return
    before = read_sweep(path)
    known = {task.id for task in tasks}
    others = [task for task in read_design(before["design"], folder=path).tasks() if task.id not in known]
    if others:
        one = f"{others[0].learner} on {others[0].game} (steps {others[0].steps}, seed {others[0].seed})"
        raise GameError(
            f"the folder {str(path)!r} holds another sweep, {before.get('name', '')!r}: {len(others)} of its runs, such as {one}, "
            f"are not in {design.name!r}; name another folder"
        )
