"""A training run: all seeds at once in threads, judged at the record steps, saved and resumed bit for bit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import Plan, Profile, Run, Status
from gametheory_rl._support._memory import require_memory
from gametheory_rl._support._progress import Advance, progress_bar
from gametheory_rl._support._threads import num_threads
from gametheory_rl.learners import _checkpoint as checkpoints
from gametheory_rl.learners._loop import Seed, fresh_seed, play_in_chunks, player_of, world_of
from gametheory_rl.learners._watch import WATCH_ROWS, Watcher, watch_of

if TYPE_CHECKING:
    from gametheory_rl.learners._learner import TabularLearner

Row = Mapping[str, np.ndarray]
"""One record: the trace's columns by name, ``(seeds,)`` each."""


class Recorded(NamedTuple):
    """What a run can return at any moment: everything up to the last record."""

    rows: tuple[Row, ...]
    profiles: tuple[Profile, ...]
    averages: tuple[Profile, ...]


def train(learner: TabularLearner, game: StochasticGame, plan: Plan) -> Run:
    """Train ``learner`` on ``game`` as ``plan`` says.

    Raises
    ------
    GameError
        The learner cannot play the game; the checkpoint is another run's, damaged, or cannot be written.
    """
    first = fresh_seed(learner.init(game.spec), plan.keys[0])
    require_memory((len(plan.keys), checkpoints.state_bytes(first)), "the tables of all seeds", "run fewer seeds at once", item_bytes=1)
    seeds = [first, *(fresh_seed(learner.init(game.spec), key) for key in plan.keys[1:])]
    done, rows = checkpoints.resume(plan, seeds)
    watcher = Watcher(player_of(learner, world_of(game, plan.horizon), seeds[0].tables), seeds, plan.steps)
    recorded = Recorded(rows, *_profiles(learner, seeds))
    status = Status.FINISHED
    title, total = str(plan.settings.get("learner", type(learner).__name__)), float(plan.steps * len(seeds))
    try:
        watcher.play(seeds[0], done, done)  # no step: compiles, or loads from the disk cache, before the clock of the bar starts
        with progress_bar(title, total, show=plan.progress) as advance, workers(watcher.play, seeds, advance) as run_to:
            for target in plan.record_steps[plan.record_steps > done].tolist():
                run_to(done, target, _note(recorded.rows))
                seen, done = watcher.taken(done, target), target
                recorded = _with(_record(learner, seeds, plan, done, recorded.rows), seen)
                checkpoints.save(plan, seeds, done, recorded.rows)
    except KeyboardInterrupt:
        status = Status.INTERRUPTED
    watch = watch_of(recorded.rows, len(seeds), game.num_players)
    return Run(recorded.profiles, recorded.averages, columns(recorded.rows, len(seeds)), plan.settings, status, watch)


def _profiles(learner: TabularLearner, seeds: Sequence[Seed]) -> tuple[tuple[Profile, ...], tuple[Profile, ...]]:
    return tuple(learner.profile(seed.tables) for seed in seeds), tuple(learner.average(seed.tables) for seed in seeds)


def _record(learner: TabularLearner, seeds: Sequence[Seed], plan: Plan, step: int, rows: tuple[Row, ...]) -> Recorded:
    """Judge every seed's policy and average policy."""
    profiles, averages = _profiles(learner, seeds)
    numbers = []
    for seed, profile, average in zip(seeds, profiles, averages, strict=True):
        of_average = {f"average_{name}": number for name, number in plan.judge(average, None).items()}
        of_learner = learner.report(seed.tables)
        numbers.append({**plan.judge(profile, learner.values(seed.tables)), **of_average, **of_learner})
    row = {"step": np.full(len(seeds), step, np.int64)}
    row |= {name: np.array([each[name] for each in numbers]) for name in numbers[0]}
    return Recorded((*rows, row), profiles, averages)


def _with(recorded: Recorded, seen: Row) -> Recorded:
    """Return ``recorded`` with what the watcher saw before its last record."""
    return recorded._replace(rows=(*recorded.rows[:-1], {**recorded.rows[-1], **seen}))


def columns(rows: Sequence[Row], num_seeds: int) -> dict[str, np.ndarray]:
    """Return the trace, ``(seeds, records)`` a column; NaN where a resumed part has a column that the first had not."""
    names = list(dict.fromkeys(name for row in rows for name in row if name not in WATCH_ROWS)) or ["step"]
    unknown = np.full(num_seeds, np.nan)
    empty = np.empty((num_seeds, 0))
    return {name: np.stack([row.get(name, unknown) for row in rows], axis=1) if rows else empty for name in names}


def _note(rows: Sequence[Row]) -> str:
    return f"gap {np.median(rows[-1]['nash_gap']):.3g}" if rows and "nash_gap" in rows[-1] else ""


@contextmanager
def workers(play: Callable[[Any, int, int], None], seeds: Sequence[Any], advance: Advance) -> Iterator[Callable[[int, int, str], None]]:
    """Yield ``run_to(first, last, note)``, which takes those steps of every seed in threads and returns when all are there.

    Ctrl-C reaches the main thread, which waits here; the kernels stop at their next look, so nothing runs on behind its back.
    """
    stop = threading.Event()
    pool = ThreadPoolExecutor(min(num_threads(), len(seeds)), thread_name_prefix="gametheory_rl_seed")

    def run_to(first: int, last: int, note: str) -> None:
        taken: list[int] = []
        begun = first * len(seeds)
        pending: set[Future[Any]] = {pool.submit(play_in_chunks, play, seed, first, last, stop, taken.append) for seed in seeds}
        while pending:
            finished, pending = wait(pending, timeout=0.1)
            for future in finished:
                future.result()
            advance(begun + sum(taken), note)

    try:
        yield run_to
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)
