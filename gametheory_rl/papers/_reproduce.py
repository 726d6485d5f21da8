"""``reproduce``: run a paper's experiment again."""

from __future__ import annotations

import platform
import time
from pathlib import Path
from typing import Any

import numpy as np

from gametheory_rl._game_checks import checked_integer
from gametheory_rl._registry import resolve, table
from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._progress import Show, progress_bar
from gametheory_rl.papers._lab import Lab
from gametheory_rl.papers._paper import Paper
from gametheory_rl.papers._reproduction import Reproduction


def list_papers() -> list[str]:
    """Return the names that ``reproduce`` knows."""
    return sorted(table("paper"))


def reproduce(
    name: str,
    *,
    quick: bool = False,
    seeds: int | None = None,
    seed: int = 0,
    effort: float = 1.0,
    progress: Show = None,
    parts: str | Path | None = None,
) -> Reproduction:
    """Run a paper's experiment again, and put its printed figures beside ours.

    Parameters
    ----------
    name : str
        One of ``gametheory_rl.papers.list_papers()``.
    quick : bool
        About a minute, instead of the paper's own size.
    seeds : int, optional
        Independent runs; None: what the paper's file says, fewer where ``quick``.
    seed : int
        The number from which all runs draw their chance.
    effort : float
        In (0, 1]: the share of every size that is run; below 1 the figures mean little.
    progress : bool or callable, optional
        None: a progress bar where standard error is a terminal; ``progress(share, note)`` is told instead.
    parts : path, optional
        A folder for what has ended, of papers whose networks train for long: the same call goes on from there when it was stopped, or
        when more seeds are asked for. Remove it when the program has changed.

    Returns
    -------
    Reproduction
        Ctrl-C ends it with ``Status.INTERRUPTED`` and everything found so far.

    Raises
    ------
    GameError
        An unknown name, or an argument out of its range.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> found = gt.reproduce("yang2018_squeeze", quick=True, seeds=2, effort=0.01, progress=False)
    >>> print(found.rows[0].name, len(found.rows[0].ours))
    N = 100: uniform play 1
    """
    paper: Paper = resolve("paper", name)
    usual = paper.quick_seeds if quick else paper.seeds
    seeds = checked_integer(usual if seeds is None else seeds, "seeds", 1, None)
    seed = checked_integer(seed, "seed", 0, None)
    if isinstance(effort, bool) or not isinstance(effort, int | float) or not 0 < effort <= 1:
        raise GameError(f"effort is {effort!r}, a number above 0 and at most 1 was expected")
    wall, processor, status = time.perf_counter(), time.process_time(), Status.FINISHED
    with progress_bar(name, 1.0, show=progress) as advance:
        lab = Lab(
            quick=bool(quick), effort=float(effort), seeds=seeds, seed=seed, advance=advance, parts=None if parts is None else Path(parts)
        )
        try:
            paper.experiment(lab)
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
    spent = {"summary": paper.summary, "wall_seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - processor}
    found = (tuple(lab.rows), tuple(lab.claims), tuple(lab.differences), lab.data)
    return Reproduction(name, paper.title, paper.source, *found, _settings(lab) | spent, status, paper.panels)


def _settings(lab: Lab) -> dict[str, Any]:
    from gametheory_rl import __version__

    return {
        "quick": lab.quick,
        "effort": lab.effort,
        "seeds": lab.seeds,
        "seed": lab.seed,
        "version": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "runs": lab.runs,
    }
