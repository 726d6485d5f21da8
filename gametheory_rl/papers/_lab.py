"""What an experiment is given: its sizes, its seeds, and where its findings go."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gametheory_rl._learn import learn, settings_of
from gametheory_rl._results import Run, Status, load_run
from gametheory_rl._support._files import read_arrays, write_arrays
from gametheory_rl._support._progress import Advance
from gametheory_rl.papers._reproduction import Claim, Row

SETTINGS, SECONDS = "settings of the run", "CPU-seconds"
"""In a part's file, beside the trace's columns."""


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
    parts : Path, optional
        Where ``trace``, ``trained`` and ``once`` keep what has ended, so that a reproduction that was stopped goes on from there.
    advance : callable
        ``advance(share, note)``: how far the whole experiment is.
    """

    def __init__(self, *, quick: bool, effort: float, seeds: int, seed: int, advance: Advance, parts: Path | None = None) -> None:
        self.quick, self.effort, self.seeds, self.seed = quick, effort, seeds, seed
        self.rows: list[Row] = []
        self.claims: list[Claim] = []
        self.differences: list[str] = []
        self.data: dict[str, np.ndarray] = {}
        self.runs: dict[str, Any] = {}
        self._advance, self._label, self._parts = advance, "", parts
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

    def trained(self, game: Any, learner: Any, *, seed: int, **knobs: Any) -> Run:
        """Call ``learn`` for one seed of a neural learner; the run, networks and all, is kept as soon as it ends."""
        told = settings_of(game, learner) | {"seed": seed} | {name: knobs[name] for name in sorted(knobs)}
        kept = None if self._parts is None else self._file(learner.name, told)
        if kept is not None and kept.exists():
            run = load_run(kept)
            self.runs[f"{self._label}, seed {seed}"] = dict(run.settings)
            return run
        run = self.learn(game, learner, label=f"{self._label}, seed {seed}", seeds=1, seed=seed, **knobs)
        if kept is not None:
            run.save(kept)
        return run

    def once(self, kind: str, told: Any, compute: Callable[[], np.ndarray]) -> np.ndarray:
        """Return what ``compute`` does, from its file where there is one: ``told`` is all that it follows from."""
        if self._parts is None:
            return compute()
        kept = self._file(kind, told)
        if not kept.exists():
            write_arrays(kept, {"found": compute()})
        return read_arrays(kept)["found"]

    def _file(self, kind: str, told: Any) -> Path:
        digest = hashlib.sha256(json.dumps(told, default=repr).encode()).hexdigest()[:16]
        folder = Path(str(self._parts))
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{kind}-{digest}.npz"

    @property
    def folder(self) -> Path | None:
        """Where animations go; None: none are made."""
        return self._parts

    def trace(self, game: Any, learner: Any, **knobs: Any) -> dict[str, np.ndarray]:
        """Return what ``learn`` records, ``(seeds, records)`` by name, one seed after the other, each kept as soon as it ends.

        The same call finds its parts again, in this reproduction or in one of more seeds; CPU-seconds of ``row`` include theirs. Seed k
        has a number of its own, drawn from the reproduction's and k.
        """
        kept = []
        for k in range(self.seeds):
            part = None if self._parts is None else self._parts / f"{_digest(game, learner, knobs, self.seed, k)}.npz"
            kept.append(self._part(part, game, learner, k, knobs))
        return {name: np.concatenate([each[name] for each in kept]) for name in kept[0]}

    def _part(self, path: Path | None, game: Any, learner: Any, k: int, knobs: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Return seed k's trace, from its file where there is one."""
        label = f"{self._label}, seed {k}"
        if path is not None and path.exists():
            arrays = read_arrays(path)
            self.runs[label] = json.loads(str(arrays.pop(SETTINGS)))
            self._clock -= float(arrays.pop(SECONDS))
            return arrays

        def tell(share: float, note: str = "") -> None:
            self.progress((k + share) / self.seeds, f"seed {k + 1} of {self.seeds}  {note}")

        begun = time.process_time()
        seed = int(np.random.SeedSequence((self.seed, k)).generate_state(1)[0])
        trace = dict(self.learn(game, learner, label=label, seeds=1, seed=seed, progress=tell, **knobs).trace)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            settings = np.array(json.dumps(self.runs.get(label, {})))
            write_arrays(path, trace | {SETTINGS: settings, SECONDS: np.array(time.process_time() - begun)})
        return trace

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


def _digest(*parts: Any) -> str:
    """Return a name for whatever these say of themselves, in which nothing depends on the process."""
    from gametheory_rl import __version__

    return hashlib.sha256(repr((__version__, *parts)).encode()).hexdigest()[:20]
