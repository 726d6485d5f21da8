"""The index of a results folder: one row a run, in SQLite with a write-ahead log, so that readers never wait and a crash costs nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from gametheory_rl._support._errors import GameError

_TABLES = """
CREATE TABLE IF NOT EXISTS runs (number INTEGER, id TEXT PRIMARY KEY, state TEXT, game TEXT, learner TEXT, steps INTEGER, seed INTEGER,
    settings TEXT, end TEXT, seconds REAL, sentence TEXT, finished TEXT);
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT);
"""
_PUT = f"INSERT OR REPLACE INTO runs VALUES ({', '.join('?' * 12)})"


class Row(NamedTuple):
    """One run, as the index has it."""

    number: int
    """Its place in the design."""
    id: str
    """Its folder's name."""
    state: str
    """``done`` or ``failed``"""
    game: str
    learner: str
    steps: int
    seed: int
    settings: dict[str, Any]
    """What was varied: hyper-parameters by their names, the game's parameters as ``game.rows``, horizon, sampling."""
    end: dict[str, Any]
    """The last record: nash_gap, start_gap, ..."""
    seconds: float
    """Processor time."""
    sentence: str
    """Why it failed."""
    finished: str
    """When, in UTC."""


class Index:
    """An open index; a damaged one is thrown away, for the folders have it all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._base = self._open()
        except sqlite3.DatabaseError:
            for ending in ("", "-wal", "-shm"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
            try:
                self._base = self._open()
            except sqlite3.Error as error:
                raise _refused(path, error) from None

    def _open(self) -> sqlite3.Connection:
        base = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        try:
            base.execute("PRAGMA journal_mode=WAL")
            base.execute("PRAGMA synchronous=NORMAL")
            base.executescript(_TABLES)
            base.execute("SELECT * FROM runs LIMIT 1").fetchall()
        except BaseException:
            base.close()
            raise
        return base

    def states(self) -> dict[str, str]:
        """Return the state of every run by its id."""
        return dict(self._base.execute("SELECT id, state FROM runs").fetchall())

    def put(self, row: Row) -> None:
        """Add a row, in place of one with the same id."""
        try:
            self._base.execute(_PUT, _packed(row))
        except sqlite3.Error as error:
            raise _refused(self.path, error) from None

    def align(self, changes: Mapping[str, Row | None], numbers: Mapping[str, int], name: str) -> None:
        """Make ``changes``, number the rows as the design does, and drop those that it has not."""
        try:
            self._base.execute("BEGIN")
            known = dict(self._base.execute("SELECT id, number FROM runs").fetchall())
            gone = [(id,) for id in known if id not in numbers or (id in changes and changes[id] is None)]
            self._base.executemany("DELETE FROM runs WHERE id = ?", gone)
            self._base.executemany(_PUT, [_packed(row) for row in changes.values() if row is not None])
            moved = [(numbers[id], id) for id, number in known.items() if numbers.get(id, number) != number]
            self._base.executemany("UPDATE runs SET number = ? WHERE id = ?", moved)
            about = [("name", name), ("total", str(len(numbers)))]
            self._base.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", about)
            self._base.execute("COMMIT")
        except sqlite3.Error as error:
            raise _refused(self.path, error) from None

    def close(self) -> None:
        """Close the file."""
        self._base.close()


def read_index(path: Path) -> tuple[list[Row], dict[str, str]] | None:
    """Return all rows in the order of the design, and what the index says of itself; None where it is missing or damaged."""
    if not path.exists():
        return None
    for mode in ("mode=rw", "mode=ro", "mode=ro&immutable=1"):  # the last: on a medium that nobody can write to
        try:
            with closing(sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True)) as base:
                rows = base.execute("SELECT * FROM runs ORDER BY number").fetchall()
                about = dict(base.execute("SELECT key, value FROM about").fetchall())
                return _unpacked(rows), about
        except sqlite3.OperationalError:
            continue
        except (sqlite3.DatabaseError, ValueError, TypeError):
            return None
    return None


def _packed(row: Row) -> tuple[Any, ...]:
    return tuple(json.dumps(value) if isinstance(value, dict) else value for value in row)


def _unpacked(found: list[tuple[Any, ...]]) -> list[Row]:
    if not found:
        return []
    fields = list(zip(*found, strict=True))
    for k in (Row._fields.index("settings"), Row._fields.index("end")):
        fields[k] = tuple(json.loads(f"[{','.join(fields[k])}]"))  # all in one text: a call for each takes three times as long
    return [Row(*row) for row in zip(*fields, strict=True)]


def _refused(path: Path, error: sqlite3.Error) -> GameError:
    return GameError(f"cannot write {path}: {error}; the runs are kept, and the index is made again when the sweep goes on")
