"""Checkpoints: a run's whole state in one npz, written atomically, resumed bit for bit.

The new state is written beside the old one and then renamed over it, so that whenever a run is killed the last whole state is there.
"""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gametheory_rl._results import Plan
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._files import DamagedFileError, read_arrays, write_arrays
from gametheory_rl._support._json import parsed

FORMAT = "gametheory_rl checkpoint 1"
FREE = ("steps", "records", "payoff_span", "truth_error_bound", "python", "numpy", "jax", "platform")
"""Settings that a resumed run may change: none of them enters the numbers."""
State = tuple | Mapping[str, Any]
"""One seed's arrays by name, nested: a NamedTuple or a mapping."""


class ResumeError(GameError):
    """The file is no checkpoint of this run."""


class Paced:
    """A checkpoint of a run that can do without: written at the first record ``seconds`` after the last time, and where it can be."""

    def __init__(self, path: Path, seconds: float) -> None:
        self.path, self.seconds = path, seconds
        self._last = time.monotonic()

    def due(self) -> bool:
        """Whether so much time has gone by that it is worth writing."""
        return time.monotonic() - self._last >= self.seconds

    def write(self, arrays: Mapping[str, Any]) -> None:
        """Write ``arrays``; a disk that is full, or a folder that is gone, is no reason to end the run."""
        with contextlib.suppress(GameError):
            write_arrays(self.path, arrays)
        self._last = time.monotonic()


def due(plan: Plan) -> bool:
    """Whether ``save`` would write."""
    return plan.checkpoint is not None and (plan.pace is None or plan.pace.due())


def save(plan: Plan, seeds: Sequence[State], done: int, rows: Sequence[Mapping[str, np.ndarray]]) -> None:
    """Write the state after ``done`` steps to ``plan.checkpoint``, where there is one, and where it is time to."""
    if plan.checkpoint is None or not due(plan):
        return
    arrays = {f"rows/{r}/{name}": column for r, row in enumerate(rows) for name, column in row.items()}
    arrays |= _state(seeds)
    meta = {"format": FORMAT, "done": done, "settings": dict(plan.settings)}
    arrays |= {"meta": np.array(json.dumps(meta))}
    if plan.pace is not None:
        plan.pace.write(arrays)
    else:
        write_arrays(plan.checkpoint, arrays)


def resume(plan: Plan, seeds: Sequence[State]) -> tuple[int, tuple[Mapping[str, np.ndarray], ...]]:
    """Fill ``seeds`` from ``plan.checkpoint``; returns the steps taken so far and the rows recorded.

    Where there is no such file yet, it is written, so that a folder that cannot be written to is reported at once.

    Raises
    ------
    ResumeError
        The file is no checkpoint, is damaged, or belongs to a run with other settings or more steps.
    """
    if plan.checkpoint is None:
        return 0, ()
    if not plan.checkpoint.exists():
        save(plan, seeds, 0, ())
        return 0, ()
    try:
        arrays = read_arrays(plan.checkpoint)
    except DamagedFileError:
        raise ResumeError(
            f"cannot resume from {plan.checkpoint}: it is no npz file, or damaged or cut short, which a run that was stopped never leaves "
            "behind, but a copy may be; give the original or another file"
        ) from None
    try:
        meta = parsed(str(arrays["meta"]))
        done, settings = int(meta["done"]), dict(meta["settings"])
        if meta["format"] != FORMAT:
            raise KeyError
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ResumeError(f"cannot resume from {plan.checkpoint}: it is not a checkpoint of this version of gametheory_rl") from None
    _require_same(plan, settings, done)
    rows = _rows(arrays)
    if done < 0 or rows is None:
        raise ResumeError(f"cannot resume from {plan.checkpoint}: it is damaged (its steps or rows have impossible numbers)")
    _fill(plan, seeds, arrays)
    return done, rows


def _require_same(plan: Plan, settings: Mapping[str, Any], done: int) -> None:
    theirs, ours = _spread(settings), _spread(json.loads(json.dumps(dict(plan.settings))))
    # In the order of the settings: the game and the learner before their details.
    for name in (name for name in {**ours, **theirs} if name not in FREE):
        if theirs.get(name) != ours.get(name):
            raise ResumeError(
                f"cannot resume from {plan.checkpoint}: its {name} is {theirs.get(name)!r}, this run's is {ours.get(name)!r}; "
                "give another file, or remove it"
            )
    if done > plan.steps:
        raise ResumeError(f"cannot resume from {plan.checkpoint}: it has {done} steps already, {plan.steps} were asked for")


def _spread(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with each hyper-parameter by its own name, after the learner's."""
    hyper = settings.get("hyper_parameters")
    last = {f"hyper-parameter {name}": value for name, value in hyper.items()} if isinstance(hyper, dict) else {"hyper_parameters": hyper}
    return {name: value for name, value in settings.items() if name != "hyper_parameters"} | last


def _fill(plan: Plan, seeds: Sequence[State], arrays: Mapping[str, np.ndarray]) -> None:
    for name, target in _state(seeds).items():
        found = arrays.get(name)
        if found is None or found.shape != target.shape or found.dtype != target.dtype:
            raise ResumeError(f"cannot resume from {plan.checkpoint}: it is damaged ({name} is missing or has another shape)")
        target[...] = found


def _rows(arrays: Mapping[str, np.ndarray]) -> tuple[dict[str, np.ndarray], ...] | None:
    """Return the rows recorded, in their order; None where their numbers are none."""
    found: dict[int, dict[str, np.ndarray]] = {}
    for name, column in arrays.items():
        kind, _, rest = name.partition("/")
        if kind == "rows":
            number, _, label = rest.partition("/")
            if not re.fullmatch(r"\d{1,9}", number, re.ASCII):
                return None
            found.setdefault(int(number), {})[label] = column
    return tuple(found[r] for r in sorted(found))


def _state(seeds: Sequence[State]) -> dict[str, np.ndarray]:
    """Return every array that training changes, by name; read-only ones are constants."""
    return {f"seeds/{k}/{name}": array for k, seed in enumerate(seeds) for name, array in _writeable(seed)}


def state_bytes(seed: State) -> int:
    """Return about how much memory one seed takes: its arrays, and the objects around them."""
    return 4096 + sum(array.nbytes for _, array in _writeable(seed))


def _writeable(node: Any, prefix: str = "") -> Iterator[tuple[str, np.ndarray]]:
    if isinstance(node, np.ndarray):
        if node.flags.writeable:
            yield prefix.rstrip("."), node
    elif isinstance(node, Mapping) or hasattr(node, "_asdict"):
        for name, inner in (node if isinstance(node, Mapping) else node._asdict()).items():
            yield from _writeable(inner, f"{prefix}{name}.")
