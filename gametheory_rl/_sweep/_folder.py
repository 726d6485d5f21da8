"""The results folder: what is in the folders of the runs is the truth, and the index can be made from it again.

``sweep.json``: the design. ``runs/ID/``: ``run.npz`` (``load_run`` reads it), then ``run.json``, without which the run is not there; or
``failure.json``. ``games/``: games that are not in the catalogue. ``checkpoints/``: of long runs under way. ``index.sqlite``: one row a
run. Each file is written whole or not at all, and by one process, which holds ``lock``; checkpoints by whoever performs the run.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gametheory_rl._support._errors import GameError
from gametheory_rl._support._files import atomic_write, read_text
from gametheory_rl._support._json import jsonable, parsed
from gametheory_rl._sweep._index import Index, Row
from gametheory_rl._sweep._task import Outcome, Task

try:
    import fcntl
except ImportError:  # not on Windows: there nothing keeps two sweeps from one folder
    fcntl = None

FORMAT = "gametheory_rl sweep 1"
PLACES = ("runs", "games", "checkpoints")
RUN, ARRAYS, FAILURE = "run.json", "run.npz", "failure.json"
DIGESTED = 1 << 20
"""Bytes up to which arrays are read through when a sweep goes on; what is damaged in larger ones is found when they are loaded."""


class Folder:
    """A results folder that this process, and no other, writes to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            for place in (path, *(path / name for name in PLACES)):
                place.mkdir(parents=True, exist_ok=True)
            self._lock = open(path / "lock", "a")  # noqa: SIM115 -- held until close
        except OSError as error:
            raise GameError(f"cannot write the results folder {str(path)!r}: {error.strerror or error}") from None
        if fcntl is not None:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._lock.close()
                raise GameError(f"another sweep is writing to {str(path)!r}: wait until it is done, or take another folder") from None
        self.index = Index(path / "index.sqlite")

    def close(self) -> None:
        """Let go of the folder."""
        self.index.close()
        self._lock.close()

    def begin(self, document: Mapping[str, Any], name: str, tasks: Sequence[Task], games: Iterable[tuple[str, bytes]]) -> dict[str, str]:
        """Write the design, bring the index in line with the runs that are there, and return their states by id."""
        for digest, data in games:
            if not (self.path / "games" / f"{digest}.npz").exists():
                atomic_write(self.path / "games" / f"{digest}.npz", data)
        text = json.dumps({"format": FORMAT, "name": name, "design": document}, indent=1, sort_keys=True) + "\n"
        if not (self.path / "sweep.json").exists() or read_text(self.path / "sweep.json") != text:
            atomic_write(self.path / "sweep.json", text)
        numbers = {task.id: number for number, task in enumerate(tasks)}
        changes = found_rows(self.path, numbers, self.index.states())
        self.index.align(changes, numbers, name)
        for id in [id for id, row in changes.items() if row is None]:
            _sweep_out(self.path / "runs" / id)
        states = self.index.states()
        for left in (self.path / "checkpoints").iterdir():  # of runs that are whole, or half written
            if left.stem not in numbers or left.stem in states:
                left.unlink(missing_ok=True)
        return states

    def add(self, task: Task, number: int, outcome: Outcome) -> Row:
        """Keep what came of a run: its arrays, then its record, then its row."""
        place = self.path / "runs" / task.id
        try:
            place.mkdir(exist_ok=True)
            for half in place.glob(".*"):  # of a process that died over an earlier attempt
                half.unlink()
        except OSError as error:
            raise GameError(f"cannot write {place}: {error.strerror or error}") from None
        record = {"format": FORMAT, "id": task.id, "task": task.document(), **outcome.header()}
        record |= {"finished": datetime.now(UTC).isoformat(timespec="seconds")}
        if outcome.state == "done":
            atomic_write(place / ARRAYS, outcome.arrays)
            record |= {"bytes": len(outcome.arrays), "sha256": hashlib.sha256(outcome.arrays).hexdigest()}
        atomic_write(place / (RUN if outcome.state == "done" else FAILURE), _lines(record))
        if outcome.state == "done":
            (place / FAILURE).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            checkpoint_of(self.path, task.id).unlink(missing_ok=True)
        row = row_of(record, number)
        self.index.put(row)
        return row


def checkpoint_of(folder: Path, id: str) -> Path:
    """Return where a run keeps its state while it runs."""
    return folder / "checkpoints" / f"{id}.npz"


def _lines(record: Mapping[str, Any]) -> str:
    """Return ``record`` as JSON with a line for each entry; ``indent`` would take ten times as long."""
    try:
        texts = [json.dumps(value, allow_nan=False) for value in record.values()]
    except (TypeError, ValueError):  # NumPy's numbers, NaN
        texts = [json.dumps(value) for value in jsonable(dict(record)).values()]
    return "{\n" + ",\n".join(f" {json.dumps(name)}: {text}" for name, text in zip(record, texts, strict=True)) + "\n}\n"


def found_rows(path: Path, numbers: Mapping[str, int], indexed: Mapping[str, str]) -> dict[str, Row | None]:
    """Return what has to change in the index: rows of runs that it lacks, None for those that are not there, or not whole."""
    with os.scandir(path / "runs") as entries:
        there = {entry.name for entry in entries}
    changes: dict[str, Row | None] = {}
    for name, number in numbers.items():
        if name not in there:
            if name in indexed:
                changes[name] = None
            continue
        state = _state(path / "runs" / name)
        if not state:
            changes[name] = None
        elif state != indexed.get(name):
            changes[name] = row_of(_record(path / "runs" / name, state), number)
    return changes


def _state(place: Path) -> str:
    """Return ``done``, ``failed``, or nothing where a run is not whole."""
    with contextlib.suppress(GameError, OSError, KeyError):
        if (place / RUN).exists():
            return "done" if _is_whole(place / ARRAYS, _record(place, "done")) else ""
        if (place / FAILURE).exists():
            return "failed" if _record(place, "failed") else ""
    return ""


def _is_whole(path: Path, record: Mapping[str, Any]) -> bool:
    """Whether the arrays are those that were written; of large ones only whether all of them are there: reading them takes its time."""
    size = path.stat().st_size
    return size == record["bytes"] and (size > DIGESTED or hashlib.sha256(path.read_bytes()).hexdigest() == record["sha256"])


def _record(place: Path, state: str) -> dict[str, Any]:
    path = place / (RUN if state == "done" else FAILURE)
    try:
        found = parsed(read_text(path))
        if found["format"] == FORMAT and found["id"] == place.name:
            return found
    except (ValueError, TypeError, KeyError):
        pass
    raise GameError(f"{path} is damaged; remove the folder {str(place)!r}, and the sweep will run it again")


def _sweep_out(place: Path) -> None:
    """Remove what a process left behind that died in the middle."""
    shutil.rmtree(place, ignore_errors=True)


def row_of(record: Mapping[str, Any], number: int) -> Row:
    """Return the index's row of a run's record."""
    task = Task(**record["task"])
    return Row(
        number,
        record["id"],
        record["state"],
        task.game,
        task.learner,
        task.steps,
        task.seed,
        dict(task.columns()),
        dict(record["end"]),
        float(record["seconds"]),
        record["sentence"],
        record["finished"],
    )


def read_sweep(path: Path) -> dict[str, Any]:
    """Return what ``sweep.json`` says; refuses a folder that holds no sweep."""
    if not path.is_dir():
        raise GameError(f"there is no folder {str(path)!r}: name the results folder of a sweep")
    if not (path / "sweep.json").exists():
        raise GameError(f"{str(path)!r} holds no results of a sweep: it has no sweep.json")
    try:
        found = parsed(read_text(path / "sweep.json"))
        if found["format"] == FORMAT and isinstance(found["design"], dict):
            return found
    except (ValueError, TypeError, KeyError):
        pass
    raise GameError(f"{path / 'sweep.json'} is damaged, or of another version: name the results folder of a sweep")
