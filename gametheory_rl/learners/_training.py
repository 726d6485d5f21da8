"""A training run: all seeds at once in threads, judged at the record steps, saved and resumed bit for bit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gametheory_rl import _checkpoint as checkpoints
from gametheory_rl._games import GameSpec, StochasticGame
from gametheory_rl._results import Plan, Profile, Run, Status
from gametheory_rl._support._memory import require_memory
from gametheory_rl._support._progress import Advance, progress_bar
from gametheory_rl._support._threads import num_threads
from gametheory_rl.learners._loop import Seed, fresh_seed, play_in_chunks, player_of, world_of
from gametheory_rl.learners._sampling import ON_POLICY, quiet, sampled
from gametheory_rl.learners._watch import WATCH_ROWS, Watcher, watch_of

if TYPE_CHECKING:
    from gametheory_rl.learners._learner import TabularLearner

Row = Mapping[str, np.ndarray]
"""One record: the trace's columns by name, ``(seeds,)`` each."""
Play = Callable[[Seed, int, int], None]
"""``play(seed, first, last)`` takes those steps."""
Tallies = Callable[[], Sequence[Mapping[str, float]]]
"""Further numbers of each seed's record."""
POLICIES = "policies"
"""An entry of a row that is no column: ``(seeds, n, k, A)``."""
NO_COLUMNS = (*WATCH_ROWS, POLICIES)


class Recorded(NamedTuple):
    """What a run can return at any moment: everything up to the last record."""

    rows: tuple[Row, ...]
    profiles: tuple[Profile, ...]
    averages: tuple[Profile, ...]
    visits: np.ndarray
    """``[seeds, S]``"""


def train(learner: TabularLearner, game: StochasticGame, plan: Plan) -> Run:
    """Train ``learner`` on ``game`` as ``plan`` says.

    Raises
    ------
    GameError
        The learner cannot play the game; the checkpoint is another run's, damaged, or cannot be written.
    """
    seeds = fresh_seeds(learner, game.spec, plan)
    done, rows = checkpoints.resume(plan, seeds)
    world = sampled(world_of(game, plan.horizon), plan.sampling, game.legal, seeds[0].tables)
    seeds = seeds if plan.sampling == ON_POLICY else [seed._replace(tables=quiet(seed.tables)) for seed in seeds]
    play = player_of(learner, world, seeds[0].tables)
    return run_seeds(learner, seeds, plan, play, done, rows)


def fresh_seeds(learner: TabularLearner, spec: GameSpec, plan: Plan) -> list[Seed]:
    """Return seeds that have not moved yet; refuses what does not fit in memory."""
    first = fresh_seed(learner.init(spec), plan.keys[0])
    require_memory((len(plan.keys), checkpoints.state_bytes(first)), "the tables of all seeds", "run fewer seeds at once", item_bytes=1)
    return [first, *(fresh_seed(learner.init(spec), key) for key in plan.keys[1:])]


def run_seeds(
    learner: TabularLearner,
    seeds: Sequence[Seed],
    plan: Plan,
    play: Play,
    done: int = 0,
    rows: tuple[Row, ...] = (),
    tallies: Tallies | None = None,
) -> Run:
    """Take the steps of all seeds from ``done`` on, judge them at the records, and return the run.

    ``tallies()`` returns more numbers of each seed's record; where it is given, the seeds take turns in one thread.
    """
    watcher = Watcher(play, seeds, plan.steps)
    recorded = _recorded(learner, seeds, rows)
    status = Status.FINISHED
    title, total = str(plan.settings.get("learner", type(learner).__name__)), float(plan.steps * len(seeds))
    threads = num_threads() if tallies is None else 1
    try:
        watcher.play(seeds[0], done, done)  # no step: compiles, or loads from the disk cache, before the clock of the bar starts
        with (
            progress_bar(title, total, show=plan.progress) as advance,
            workers(watcher.play, seeds, advance, threads) as run_to,
        ):
            for target in plan.record_steps[plan.record_steps > done].tolist():
                run_to(done, target, _note(recorded.rows))
                seen, done = watcher.taken(done, target), target
                recorded = _with(_record(learner, seeds, plan, done, recorded.rows, tallies), seen)
                checkpoints.save(plan, seeds, done, recorded.rows)
    except KeyboardInterrupt:
        status = Status.INTERRUPTED
    return _run_of(recorded, plan, status)


def _run_of(recorded: Recorded, plan: Plan, status: Status) -> Run:
    rows, profiles, averages, visits = recorded
    players = len(profiles[0]) if isinstance(profiles[0], tuple) else profiles[0].ndim - 1
    policies = np.stack([row[POLICIES] for row in rows], axis=1) if rows and plan.policy_states else None
    watch = watch_of(rows, len(profiles), players)
    return Run(profiles, averages, columns(rows, len(profiles)), plan.settings, status, watch, visits, policies)


def _recorded(learner: TabularLearner, seeds: Sequence[Seed], rows: tuple[Row, ...]) -> Recorded:
    """Return the seeds' policies as they stand, with ``rows``."""
    return Recorded(rows, *_profiles(learner, seeds), np.stack([seed.tables.play.visits for seed in seeds]))


def _profiles(learner: TabularLearner, seeds: Sequence[Seed]) -> tuple[tuple[Profile, ...], tuple[Profile, ...]]:
    return tuple(learner.profile(seed.tables) for seed in seeds), tuple(learner.average(seed.tables) for seed in seeds)


def _record(
    learner: TabularLearner,
    seeds: Sequence[Seed],
    plan: Plan,
    step: int,
    rows: tuple[Row, ...],
    tallies: Tallies | None,
) -> Recorded:
    """Judge every seed's policy and average policy, in threads."""
    recorded = _recorded(learner, seeds, rows)

    def judged(seed: Seed, profile: Profile, average: Profile) -> dict[str, Any]:
        found: dict[str, Any] = dict(plan.judge(profile, learner.values(seed.tables), seed.tables.play.visits))
        found |= {f"average_{name}": number for name, number in plan.judge(average, None).items()}
        return found | dict(learner.report(seed.tables))

    with ThreadPoolExecutor(min(num_threads(), len(seeds)), thread_name_prefix="gametheory_rl_judge") as pool:
        numbers = list(pool.map(judged, seeds, recorded.profiles, recorded.averages))
    if tallies is not None:
        numbers = [{**found, **more} for found, more in zip(numbers, tallies(), strict=True)]
    row = {"step": np.full(len(seeds), step, np.int64)}
    row |= {name: np.array([each[name] for each in numbers]) for name in numbers[0]}
    if plan.policy_states:
        row[POLICIES] = np.stack([_at(profile, plan.policy_states) for profile in recorded.profiles])
    return recorded._replace(rows=(*rows, row))


def _at(profile: Profile, states: Sequence[int]) -> np.ndarray:
    """Return every player's policy at ``states``, ``(n, W, A)``; of a correlated profile, the marginals."""
    if isinstance(profile, tuple):
        policies = [policy[list(states)] for policy in profile]
    else:
        axes = range(1, profile.ndim)
        policies = [profile[list(states)].sum(axis=tuple(axis for axis in axes if axis != own)) for own in axes]
    padded = np.zeros((len(policies), len(states), max(policy.shape[1] for policy in policies)))
    for rows, policy in zip(padded, policies, strict=True):
        rows[:, : policy.shape[1]] = policy
    return padded


def _with(recorded: Recorded, seen: Row) -> Recorded:
    """Return ``recorded`` with what the watcher saw before its last record."""
    return recorded._replace(rows=(*recorded.rows[:-1], {**recorded.rows[-1], **seen}))


def columns(rows: Sequence[Row], num_seeds: int) -> dict[str, np.ndarray]:
    """Return the trace, ``(seeds, records)`` a column; NaN where a resumed part has a column that the first had not."""
    names = list(dict.fromkeys(name for row in rows for name in row if name not in NO_COLUMNS)) or ["step"]
    unknown = np.full(num_seeds, np.nan)
    empty = np.empty((num_seeds, 0))
    return {name: np.stack([row.get(name, unknown) for row in rows], axis=1) if rows else empty for name in names}


def _note(rows: Sequence[Row]) -> str:
    return f"gap {np.median(rows[-1]['nash_gap']):.3g}" if rows and "nash_gap" in rows[-1] else ""


@contextmanager
def workers(
    play: Callable[[Any, int, int], None], seeds: Sequence[Any], advance: Advance, threads: int | None = None
) -> Iterator[Callable[[int, int, str], None]]:
    """Yield ``run_to(first, last, note)``, which takes those steps of every seed in threads and returns when all are there.

    Ctrl-C reaches the main thread, which waits here; the kernels stop at their next look, so nothing runs on behind its back.
    """
    stop = threading.Event()
    pool = ThreadPoolExecutor(min(threads or num_threads(), len(seeds)), thread_name_prefix="gametheory_rl_seed")

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
