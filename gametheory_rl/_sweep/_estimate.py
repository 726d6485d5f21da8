"""What a sweep will run, and about how long that takes: small runs timed, and the time of long ones read off their line."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gametheory_rl._game_checks import checked_integer
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._progress import progress_bar
from gametheory_rl._sweep._design import Design, read_design, require_count
from gametheory_rl._sweep._task import Task

PROBE_SECONDS = 0.1
"""A probe is long enough when it takes so long."""
FIRST_PROBE = 200
"""Steps of the shortest one."""
MOST_PROBES = 64
"""Pairs of learner and game that are timed; of more, the others count as the mean."""


@dataclass(frozen=True)
class Part:
    """The runs of one learner on one game."""

    learner: str
    game: str
    runs: int
    steps: int
    """The most of any of them."""
    varied: Mapping[str, int]
    """How many values each setting takes."""
    seconds: float
    """Processor time of all its runs, about; NaN where it was not timed."""
    refusal: str = ""
    """Why the learner does not play the game, so that all these runs would fail."""


@dataclass(frozen=True)
class SweepPlan:
    """What ``sweep`` would do."""

    name: str
    count: int
    """Runs in all."""
    parts: tuple[Part, ...]
    """By learner and game, in the order of the design."""
    design: Design

    @property
    def seconds(self) -> float:
        """Processor time of all runs, about; NaN where nothing was timed."""
        return sum(part.seconds for part in self.parts)


def plan_sweep(design: str | Path | Mapping[str, Any], *, timed: bool = True, yes: bool = False, progress: bool | None = None) -> SweepPlan:
    """Return what ``sweep(design)`` would run, and about how long it would take; nothing is written.

    Parameters
    ----------
    design : path or mapping
        As for ``sweep``, and refused for the same reasons.
    timed : bool
        Time a small run of each learner on each game, in this process: a part of a second each once its kernels are compiled.
    yes : bool
        List a design of more than 100,000 runs.
    progress : bool, optional
        None: a bar where standard error is a terminal.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> learner = {"name": "minimax_q", "exploration": [0.1, 0.2, 0.5]}
    >>> plan = gt.plan_sweep({"games": ["matching_pennies"], "learners": [learner], "steps": 1000, "seeds": 10}, timed=False)
    >>> plan.count, dict(plan.parts[0].varied)
    (30, {'exploration': 3})
    """
    found = read_design(design)
    checked_integer(found.count, "the number of runs", 1, None)
    require_count(found.count, yes, "give --yes (yes=True)")
    tasks = found.tasks()
    pairs: dict[tuple[str, str], list[Task]] = {}
    for task in tasks:
        pairs.setdefault((task.learner, task.game), []).append(task)
    parts = [_part(group) for group in pairs.values()]
    if timed:
        parts = _timed(found, parts, list(pairs.values()), progress)
    return SweepPlan(found.name, len(tasks), tuple(parts), found)


def _part(tasks: Sequence[Task]) -> Part:
    first = tasks[0]
    values: dict[str, set[str]] = {}
    for task in tasks:
        for name, value in {**task.columns(), "steps": task.steps}.items():
            values.setdefault(name, set()).add(str(value))
    varied = {name: len(found) for name, found in values.items() if len(found) > 1}
    return Part(first.learner, first.game, len(tasks), max(task.steps for task in tasks), varied, float("nan"))


def _timed(design: Design, parts: Sequence[Part], tasks: Sequence[Sequence[Task]], progress: bool | None) -> list[Part]:
    games: dict[str | None, Any] = {game.digest: game.game for game in design.games if game.digest is not None}
    found: list[Part] = []
    with progress_bar("timing", float(len(parts)), show=progress) as advance:
        for k, (part, group) in enumerate(zip(parts, tasks, strict=True)):
            advance(float(k), f"{part.learner} on {part.game}")
            found.append(_probed(part, group, games) if k < MOST_PROBES else part)
    known = [part.seconds / part.runs for part in found[:MOST_PROBES] if not part.refusal]
    mean = sum(known) / len(known) if known else float("nan")
    return [*found[:MOST_PROBES], *(replace(part, seconds=mean * part.runs) for part in found[MOST_PROBES:])]


def _probed(part: Part, tasks: Sequence[Task], games: Mapping[str | None, Any]) -> Part:
    """Return ``part`` with the time that its runs take, from two short runs of the first of them."""
    try:
        per_step, fixed = _line(tasks[0], games)
    except GameError as refusal:
        return replace(part, seconds=0.0, refusal=str(refusal))
    seconds = sum(per_step * task.steps + fixed * (task.records if isinstance(task.records, int) else len(task.records)) for task in tasks)
    return replace(part, seconds=seconds)


def _line(task: Task, games: Mapping[str | None, Any]) -> tuple[float, float]:
    """Return seconds a step, and seconds a record."""
    from gametheory_rl._sweep._perform import played

    def probe(steps: int) -> float:
        began = time.process_time()
        played(replace(task, steps=steps, records=1), games.get(task.game_file))
        return time.process_time() - began

    probe(1)  # compiles, and solves the game
    steps = FIRST_PROBE
    while (taken := probe(steps)) < PROBE_SECONDS and steps < task.steps:
        steps = min(4 * steps, task.steps)
    none = min(probe(1), taken)
    return (taken - none) / steps, none
