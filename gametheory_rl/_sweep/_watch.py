"""What a sweep shows while it runs: how far it is, and the results so far."""

from __future__ import annotations

import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gametheory_rl._support._progress import progress_bar, wanted
from gametheory_rl._sweep._index import Row
from gametheory_rl._sweep._task import Task

if TYPE_CHECKING:
    from gametheory_rl._sweep._design import Design
    from gametheory_rl._sweep._folder import Folder

MOST_GROUPS = 16
GAPS = ("nash_gap", "population_gap", "reward_0")
"""The column that stands for a run: the first of these that it has."""


@contextmanager
def watching(
    design: Design, tasks: Sequence[Task], states: Mapping[str, str], folder: Folder, progress: bool | None
) -> Iterator[Callable[[Row], None]]:
    """Show the sweep while the block runs; yields what is to be called with each new row."""
    del folder
    tally = _Tally(tasks, states)
    if not wanted(progress):
        yield tally.add
        return
    if not sys.stderr.isatty():
        with progress_bar(design.name, float(len(tasks)), show=True) as advance:
            yield lambda row: (tally.add(row), advance(float(tally.ended), tally.note()))[0]
        return
    with _live(design.name, tally) as refresh:
        yield lambda row: (tally.add(row), refresh())[0]


class _Tally:
    """Runs counted by learner and game."""

    def __init__(self, tasks: Sequence[Task], states: Mapping[str, str]) -> None:
        self.total: dict[tuple[str, str], int] = defaultdict(int)
        self.done: dict[tuple[str, str], int] = defaultdict(int)
        self.gaps: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.count, self.ended, self.failed = len(tasks), 0, 0
        self._again = {task.id for task in tasks if states.get(task.id) == "failed"}
        self.failed = len(self._again)
        self.ended = sum(task.id in states for task in tasks)
        for task in tasks:
            self.total[task.learner, task.game] += 1
            self.done[task.learner, task.game] += states.get(task.id) == "done"

    def add(self, row: Row) -> None:
        if row.id in self._again:
            self._again.discard(row.id)
            self.ended, self.failed = self.ended - 1, self.failed - 1
        self.ended += 1
        self.failed += row.state == "failed"
        key = (row.learner, row.game)
        if row.state == "done":
            self.done[key] += 1
            name = metric_of([row])
            if name is not None and row.end.get(name) is not None:
                self.gaps[key].append(row.end[name])

    def note(self) -> str:
        gaps = [gap for found in self.gaps.values() for gap in found]
        middle = f"median gap {statistics.median(gaps):.3g}" if gaps else ""
        return ", ".join(filter(None, [f"{self.ended} of {self.count}", f"{self.failed} failed" if self.failed else "", middle]))


def metric_of(rows: Sequence[Row]) -> str | None:
    """Return the column that stands for the runs: the first of ``GAPS`` that any of them has."""
    return next((name for name in GAPS if any(row.end.get(name) is not None for row in rows)), None)


@contextmanager
def _live(title: str, tally: _Tally) -> Iterator[Callable[[], None]]:
    """Draw a bar and, under it, the latest results by learner and game."""
    from rich.console import Console, Group
    from rich.live import Live
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    bar = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console)
    task = bar.add_task(title, total=tally.count, completed=tally.ended)

    def refresh() -> None:
        bar.update(task, completed=tally.ended)

    with Live(get_renderable=lambda: Group(bar, _table(tally)), console=console, refresh_per_second=4):
        yield refresh


def _table(tally: _Tally) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, justify in (("learner", "left"), ("game", "left"), ("runs", "right"), ("median gap", "right")):
        made.add_column(name, justify=justify)  # type: ignore[arg-type]
    keys = sorted(tally.total, key=lambda key: tally.done[key] in (0, tally.total[key]))[:MOST_GROUPS]
    for key in keys:
        gaps = tally.gaps[key]
        middle = f"{statistics.median(gaps):.4g}" if gaps else "-"
        made.add_row(Text(key[0]), Text(key[1]), f"{tally.done[key]} of {tally.total[key]}", middle)
    if len(tally.total) > len(keys):
        made.add_row(f"and {len(tally.total) - len(keys)} more", "", "", "")
    if tally.failed:
        made.add_row(Text(f"{tally.failed} failed", style="bold"), "", "", "")
    return made
