"""Progress of long work: bars on a terminal, plain lines elsewhere, those only where asked for."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[float, str], None]
"""``advance(done, note)``: how much is done so far, and a few words beside the bar."""
Show = bool | None | Advance
"""Whether to draw a bar; or who is told instead, the share done in place of units, because the work is part of a larger one."""
LINE_EVERY = 2.0
"""Seconds between two plain lines."""


def wanted(progress: bool | None) -> bool:
    """Whether to draw: as asked, else where standard error is a terminal (``GAMETHEORY_RL_PROGRESS`` overrides)."""
    if progress is not None:
        return progress
    wish = os.environ.get("GAMETHEORY_RL_PROGRESS")
    return wish == "1" if wish is not None else sys.stderr.isatty()


@contextmanager
def progress_bar(title: str, total: float, *, show: Show = None) -> Iterator[Advance]:
    """Draw a bar of ``total`` units while the block runs, or print lines where there is no terminal; yields ``advance(done, note)``."""
    if callable(show):
        tell = show
        yield lambda done, note="": tell(done / total, note)
        return
    if not wanted(show):
        yield lambda done, note="": None
        return
    if not sys.stderr.isatty():
        yield _plain_lines(title, total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=total, note="")
        yield lambda done, note="": bar.update(task, completed=done, note=note)


def _plain_lines(title: str, total: float) -> Advance:
    last = begun = time.monotonic()
    first: float | None = None

    def advance(done: float, note: str = "") -> None:
        nonlocal last, first
        first = done if first is None else first
        if time.monotonic() - last >= LINE_EVERY:
            last = time.monotonic()
            left = (last - begun) * (total - done) / (done - first) if done > first else 0.0
            about = f" (about {left / 60:.0f} min left)" if left >= 60 else ""
            print(f"{title}: {done / total:.0%}{about}  {note}".rstrip(), file=sys.stderr, flush=True)

    return advance
