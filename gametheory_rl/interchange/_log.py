"""A run's log for other programs: JSON, and TensorBoard's event files.

An event file is a row of records, each the length of its message (8 bytes, little-endian), a masked CRC-32C of that, the message and a
masked CRC-32C of it; the messages are those of TensorBoard's ``event.proto``, as tensorboardX carries them.
"""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gametheory_rl._results import Run
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._files import atomic_write
from gametheory_rl._support._json import jsonable
from gametheory_rl.interchange._library import library

EVENTS = "events.out.tfevents.gametheory_rl"
"""The name of an event file, always the same: who writes a run again replaces it, instead of drawing every curve twice."""


LARGEST = float(np.finfo(np.float32).max)
"""What is larger would be written as an infinity."""


def run_document(run: Run) -> dict[str, Any]:
    """Return settings, status and trace of a run: what ``--json`` prints."""
    return {"settings": run.settings, "status": run.status.name.lower(), "message": run.status.value, "trace": run.trace}


def to_json(run: Run, path: str | Path) -> Path:
    """Write a run's settings, status and trace as one JSON document, whole or not at all.

    Parameters
    ----------
    run : Run
        Of any learner, tabular or neural.
    path : path
        Where to. Policies and networks are not written: ``run.save`` keeps those.

    Returns
    -------
    Path
        Of a table with ``settings``, ``status``, ``message`` and ``trace``: by name, a list for each seed of a number for each record;
        what JSON has no number for, NaN and infinities, is null.

    Raises
    ------
    GameError
        Something that is no run, or a path that cannot be written.

    Examples
    --------
    >>> import json
    >>> from tempfile import TemporaryDirectory
    >>> import gametheory_rl as gt
    >>> run = gt.learn(gt.load_game("chicken"), "independent_q", steps=100, records=2)
    >>> with TemporaryDirectory() as folder:
    ...     json.loads(gt.interchange.to_json(run, f"{folder}/run.json").read_text())["trace"]["step"]
    [[1, 100]]
    """
    return atomic_write(path, json.dumps(jsonable(run_document(_checked(run))), allow_nan=False) + "\n")


def to_tensorboard(run: Run, folder: str | Path) -> tuple[Path, ...]:
    """Write a run's trace as event files for TensorBoard: ``tensorboard --logdir FOLDER`` draws them.

    Parameters
    ----------
    run : Run
        Of any learner, tabular or neural.
    folder : path
        Made if it is not there. Each seed has a folder of its own in it, ``seed_0``, ``seed_1``, ...: one curve each.

    Returns
    -------
    tuple of Path
        The files, one for each seed.

    Raises
    ------
    GameError
        Something that is no run, tensorboardX is missing, or a folder cannot be made or written to.

    Notes
    -----
    Every column of the trace is a scalar of its name at each recorded step, in float32, which is what a scalar of TensorBoard is; a number
    that is not finite is left out, and so are columns with more than a number a record. The settings are a text. A run keeps no clock, so
    that the time of every event is that of writing: draw over steps.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import gametheory_rl as gt
    >>> run = gt.learn(gt.load_game("chicken"), "independent_q", steps=100, records=2, seeds=2)
    >>> with TemporaryDirectory() as folder:  # needs tensorboardX
    ...     [path.parent.name for path in gt.interchange.to_tensorboard(run, folder)]  # doctest: +SKIP
    ['seed_0', 'seed_1']
    """
    require_tensorboard()
    run = _checked(run)
    found: list[Path] = []
    for seed in range(len(run.trace["step"])):
        place = Path(folder) / f"seed_{seed}"
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise GameError(f"cannot make the folder {place}: {error.strerror or error}") from None
        found.append(atomic_write(place / EVENTS, b"".join(map(_record, _events(run, seed)))))
    return tuple(found)


def require_tensorboard() -> None:
    """Say how to install what event files need, where it is missing."""
    try:
        library("tensorboardX")
    except GameError:
        raise GameError("tensorboardX is not installed, and event files need it: pip install 'gametheory-rl[tensorboard]'") from None


def _checked(run: Any) -> Run:
    if not isinstance(run, Run):
        raise GameError(f"run is {type(run).__name__}, a Run was expected (learn and load_run return one)")
    return run


def _events(run: Run, seed: int) -> Iterator[bytes]:
    """Yield the messages of one seed: the version, the settings, and the scalars of each record."""
    proto, summary = library("tensorboardX.proto.event_pb2"), library("tensorboardX.summary")
    now = time.time()
    yield proto.Event(wall_time=now, file_version="brain.Event:2").SerializeToString()
    settings = json.dumps(jsonable(run.settings), indent=2)
    yield proto.Event(wall_time=now, summary=summary.text("settings", settings)).SerializeToString()
    steps = run.trace["step"]
    names = [name for name, column in run.trace.items() if name != "step" and column.shape == steps.shape]
    kind = library("tensorboardX.proto.summary_pb2").Summary
    for k, step in enumerate(steps[seed].tolist()):
        numbers = {name: float(run.trace[name][seed, k]) for name in names}
        values = [kind.Value(tag=name, simple_value=x) for name, x in numbers.items() if abs(x) <= LARGEST]
        yield proto.Event(wall_time=now, step=int(step), summary=kind(value=values)).SerializeToString()


def _record(message: bytes) -> bytes:
    masked = library("tensorboardX.record_writer").masked_crc32c
    length = struct.pack("<Q", len(message))
    return length + struct.pack("<I", masked(length)) + message + struct.pack("<I", masked(message))
