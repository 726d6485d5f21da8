"""One engine for all dynamics: it allocates, runs a compiled loop in pieces, and shapes what comes back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl._support._progress import progress_bar
from gametheory_rl._support._threads import chunks, run_chunks
from gametheory_rl.equilibria.dynamics._arena import Arena, dividing, moments, positive, whole
from gametheory_rl.equilibria.dynamics._trajectory import Trajectory

if TYPE_CHECKING:
    from gametheory_rl.equilibria.dynamics._kernels._loops import Log, Play, Rule

MOST_WORK = 10**14
"""Payoffs read in a run, at most: about a day."""
WORK_AT_A_TIME = 3 * 10**7
"""Payoffs read between two looks at the keyboard and the progress bar: about a tenth of a second."""
STARTS_AT_A_TIME = 8
RUNGE_KUTTA_ORDER = 4


def rule_of(
    field: Arena, kind: str, rates: np.ndarray, *, reads: str = "AT_PLAY", drawn: bool = False, power: int = 0, **more: Any
) -> Rule:
    """Return the rule that the kernels call ``kind``; ``more``: ``losing`` rates and a ``reference`` profile."""
    from gametheory_rl.equilibria.dynamics._kernels import _loops, _rules

    reference = more.get("reference", np.zeros(field.start.shape[1]))
    return _loops.Rule(getattr(_rules, kind), getattr(_loops, reads), drawn, power, rates, more.get("losing", rates), reference)


def play(field: Arena, rule: Rule, steps: Any, records: Any, seed: int, progress: bool | None, *, scores: np.ndarray) -> Trajectory:
    """Play ``steps`` rounds of ``rule`` from every start; ``scores`` (total,) or longer is what it remembers before the first.

    Raises
    ------
    GameError
        Steps or records that are no whole numbers, or more work or memory than there can be.
    """
    from gametheory_rl._support._streams_kernels import stream_keys
    from gametheory_rl.equilibria.dynamics._kernels._loops import play_rounds

    steps = whole(steps, "steps")
    reads = 2 * len(field.played) if rule.reads else len(field.played)
    _bound(steps, field, reads)
    _require_room(field, records, steps, scores.shape[-1] + field.payoffs[0].size)
    wanted = moments(records, 1, steps, 1)
    state, log = _allocate(field, wanted, np.broadcast_to(scores, (len(field.start), scores.shape[-1])), joint=True)
    state.keys[:] = stream_keys(seed, len(state.keys)) if len(state.keys) else state.keys
    game = _game(field)

    def advance(place: int, first: int, last: int, begin: int, end: int) -> None:
        play_rounds(game, rule, state, log, place, first, last, begin, end)

    done = _run(field, steps, wanted, reads, advance, progress)
    if done < wanted[0]:
        raise KeyboardInterrupt
    joint = None
    if done == steps:
        joint = (state.joint / state.weight[:, np.newaxis]).reshape(*field.batch, *field.shape)
    return _trajectory(field, log, done, steps, 1.0, joint=joint)


def integrate(field: Arena, rule: Rule, duration: Any, step: Any, records: Any, progress: bool | None) -> Trajectory:
    """Follow ``rule`` in continuous time from every start; steps of twice the length tell the error.

    Raises
    ------
    GameError
        A duration, step or records that are no positive numbers, or more work or memory than there can be.
    """
    from gametheory_rl.equilibria.dynamics._kernels._rules import BEST_REPLY_FLOW

    duration, step = positive(duration, "duration"), positive(step, "step")
    _bound(duration / step, field, 4)
    pairs = max(1, int(np.ceil(duration / (2.0 * step) - 1e-9)))
    _require_room(field, records, pairs + 1, 0)
    pairs = dividing(records, duration, pairs)
    h = duration / (2 * pairs)
    wanted = 2 * moments(records, 0.0, duration, 2.0 * h)
    fine, done = _flow(field, rule, h, 2 * pairs, wanted, progress)
    if done < wanted[0] or done == 0:
        raise KeyboardInterrupt
    # What was stopped is compared as far as it came; stopped again, no further than that.
    coarse, compared = _flow(field, rule, 2.0 * h, done // 2, wanted // 2, progress)
    both = wanted <= 2 * compared
    order = 1 if rule.kind == BEST_REPLY_FLOW else RUNGE_KUTTA_ORDER
    apart = np.abs(fine.x - coarse.x)[:, both].max(axis=(1, 2), initial=0.0) / (2**order - 1)
    return _trajectory(field, fine, done, 2 * pairs, h, error=apart.reshape(field.batch)[()])


def _flow(field: Arena, rule: Rule, h: float, steps: int, wanted: np.ndarray, progress: bool | None) -> tuple[Log, int]:
    """Take ``steps`` steps of length ``h``; returns the log, and how many were taken."""
    from gametheory_rl.equilibria.dynamics._kernels._loops import flow_on

    state, log = _allocate(field, wanted, np.empty((len(field.start), 0)), joint=False)
    game = _game(field)

    def advance(place: int, first: int, last: int, begin: int, end: int) -> None:
        flow_on(game, rule, h, state, log, place, first, last, begin, end)

    return log, _run(field, steps, wanted, 4 * len(field.played), advance, progress)


def _run(
    field: Arena, steps: int, wanted: np.ndarray, reads: int, advance: Callable[[int, int, int, int, int], None], progress: bool | None
) -> int:
    """Call ``advance`` piece by piece until ``steps`` are taken; returns how many were: fewer after Ctrl-C."""
    work = _bound(steps, field, reads) / max(steps, 1)
    size, first, starts = max(1, int(WORK_AT_A_TIME / max(work, 1.0))), 0, chunks(len(field.start), STARTS_AT_A_TIME)
    try:
        with progress_bar("dynamics", steps, show=progress) as tell:
            while first < steps:
                last = min(first + size, steps)
                place = int(np.searchsorted(wanted, first, side="right")) if first else 0
                run_chunks(partial(advance, place, first, last), starts)
                first = last
                tell(first, "")
    except KeyboardInterrupt:
        return first
    return first


def _bound(steps: float, field: Arena, reads: int) -> float:
    """Return how many payoffs a run reads, or refuse it."""
    work = steps * max(len(field.start), 1) * (reads * field.played.shape[1] + 16 * field.start.shape[1])
    if work > MOST_WORK:
        raise GameError(
            f"{steps:.3g} steps of {len(field.start)} starts would read {work:.3g} payoffs, at most {MOST_WORK:.0e} can be; use fewer"
        )
    return work


def _require_room(field: Arena, records: Any, most: int, rest: int) -> None:
    """Refuse a trajectory that does not fit: at most ``most`` records, and ``rest`` numbers more a run."""
    runs, total = field.start.shape
    count = min(records, most) if isinstance(records, int) else np.size(records)
    require_memory((max(runs, 1), 6 * count * total + 4 * total + rest), "the trajectory", "ask for fewer records or starts")


def _game(field: Arena) -> Any:
    from gametheory_rl.equilibria.dynamics._kernels._game import Game

    return Game(field.played, field.shape, field.begin)


def _allocate(field: Arena, wanted: np.ndarray, scores: np.ndarray, *, joint: bool) -> tuple[Play, Log]:
    """Return where runs stand before their first step, and room for their records."""
    from gametheory_rl.equilibria.dynamics._kernels._loops import Log, Play

    runs, total = field.start.shape
    cells = field.payoffs[0].size if joint else 0
    zeros = np.zeros((runs, total))
    state = Play(field.start.copy(), zeros, np.array(scores), np.zeros((runs, cells)), np.zeros(runs), np.zeros(runs, np.uint64))
    return state, Log(wanted, np.empty((runs, len(wanted), total)), np.empty((runs, len(wanted), total)))


def _trajectory(
    field: Arena, log: Log, done: int, steps: int, unit: float, *, joint: np.ndarray | None = None, error: np.ndarray | None = None
) -> Trajectory:
    """Return the records up to step ``done``, in the players' shapes."""
    kept = int(np.searchsorted(log.steps, done, side="right"))
    status = Status.FINISHED if done >= steps else Status.INTERRUPTED
    paths, averages = (field.split(rows[:, :kept]) for rows in (log.x, log.average))
    return Trajectory(log.steps[:kept] * unit, paths, averages, joint, None if error is None else unit, error, status, field.payoffs)
