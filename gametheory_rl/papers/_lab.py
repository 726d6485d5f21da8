"""What an experiment is given: its sizes, its seeds, and where its findings go."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from gametheory_rl._learn import learn
from gametheory_rl._results import Run, Status
from gametheory_rl._support._progress import Advance
from gametheory_rl.papers._reproduction import Claim, Row


class Lab:
    """One reproduction as it goes on.

    Parameters
    ----------
    quick : bool
        About a minute's worth instead of the paper's size.
    effort : float
        In (0, 1]: the share of every size that is run.
    seeds, seed : int
        How many independent runs, and where their chance comes from.
    advance : callable
        ``advance(share, note)``: how far the whole experiment is.
    """

    def __init__(self, *, quick: bool, effort: float, seeds: int, seed: int, advance: Advance) -> None:
        self.quick, self.effort, self.seeds, self.seed = quick, effort, seeds, seed
        self.rows: list[Row] = []
        self.claims: list[Claim] = []
        self.differences: list[str] = []
        self.data: dict[str, np.ndarray] = {}
        self.runs: dict[str, Any] = {}
        self._advance, self._label = advance, ""
        self._begun, self._share, self._clock = 0.0, 0.0, time.process_time()

    def size(self, full: int, quick: int, least: int = 1) -> int:
        """Return ``full``, or ``quick`` where that was asked for, times the effort; at least ``least``."""
        return max(least, round((quick if self.quick else full) * self.effort))

    def stage(self, label: str, share: float) -> None:
        """Begin a part of the experiment: ``share`` of the whole time, for the progress bar; CPU-seconds count from here."""
        self._begun, self._share, self._label = self._begun + self._share, share, label
        self._clock = time.process_time()
        self.progress(0.0)

    def progress(self, share: float, note: str = "") -> None:
        """Tell how far the stage is; ``learn`` does so by itself."""
        self._advance(min(1.0, self._begun + share * self._share), f"{self._label}  {note}".rstrip())

    def learn(self, game: Any, learner: Any, *, label: str = "", **knobs: Any) -> Run:
        """Call ``gametheory_rl.learn`` with this reproduction's seeds; a run that Ctrl-C ended ends the experiment.

        What was run is kept under ``label``, by default the stage's.
        """
        knobs = {"seeds": self.seeds, "seed": self.seed, "records": 1, "progress": self.progress} | knobs
        run = learn(game, learner, **knobs)
        if run.status is Status.INTERRUPTED:
            raise KeyboardInterrupt
        self.runs[label or self._label] = dict(run.settings)
        return run

    def row(self, name: str, ours: Any, *, paper: str = "", exact: float | None = None, note: str = "") -> None:
        """Report one figure: ours ``(seeds,)``, the paper's as it is printed, the exact one where it is known."""
        numbers = np.atleast_1d(np.asarray(ours, dtype=float))
        self.rows.append(Row(name, paper, exact, numbers, time.process_time() - self._clock, note))

    def claim(self, sentence: str, holds: Any) -> None:
        """Report whether something that the paper says, or that follows from it, is found here."""
        self.claims.append(Claim(sentence, bool(holds)))

    def differs(self, sentence: str) -> None:
        """Say where and why our figures are not the paper's."""
        self.differences.append(sentence)

    def keep(self, **arrays: Any) -> None:
        """Keep arrays for the plot and the files."""
        self.data |= {name: np.asarray(array) for name, array in arrays.items()}
