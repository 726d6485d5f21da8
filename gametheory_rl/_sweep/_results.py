"""Results of a sweep: rows to filter, group, aggregate and export; the runs themselves a call away."""

from __future__ import annotations

import csv
import io
import json
import math
import operator
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from gametheory_rl._results import Run, Status, load_run
from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl._support._files import DamagedFileError, atomic_write
from gametheory_rl._support._statistics import bootstrap_interval, centre_named
from gametheory_rl._sweep._folder import ARRAYS, Folder, found_rows, read_sweep
from gametheory_rl._sweep._index import Row, read_index
from gametheory_rl._sweep._watch import metric_of

COMPARED = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "==": operator.eq,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}
_CONDITION = re.compile(r"\s*([\w.]+)\s*(<=|>=|!=|==|=|<|>)\s*(.*?)\s*")
INSTALL = "pip install 'gametheory-rl[sweep]'"
EXPORTS = (".csv", ".parquet")


@dataclass(frozen=True)
class Group:
    """Runs that share what they were grouped by."""

    key: Mapping[str, Any]
    """What they share, by column."""
    runs: int
    """How many there are with a number."""
    centre: float
    """The aggregate of the metric."""
    low: float
    """Lower end of its 95 % bootstrap interval; NaN of one run."""
    high: float
    """Upper end."""
    smallest: float
    largest: float

    @property
    def label(self) -> str:
        """The key in words."""
        found = {name: value for name, value in self.key.items() if value is not None}
        return ", ".join(str(value) if name in ("learner", "game") else f"{name} {value}" for name, value in found.items()) or "all"


@dataclass(frozen=True, eq=False)
class Results:
    """What a sweep has come to so far."""

    folder: Path
    name: str
    total: int
    """Runs of the design, done or not."""
    rows: tuple[Row, ...]
    """One for each run that is done or has failed, in the order of the design."""
    status: Status = Status.FINISHED
    """``INTERRUPTED`` where runs of the design are missing."""

    @property
    def counts(self) -> dict[str, int]:
        """How many are ``done``, ``failed`` and ``missing``."""
        found = Counter(row.state for row in self.rows)
        return {"done": found["done"], "failed": found["failed"], "missing": self.total - len(self.rows)}

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names that ``where``, ``group`` and exports know: of the run, of what was varied, of the last record."""
        return tuple(dict.fromkeys([*_PLAIN, *_names(row.settings for row in self.rows), *_names(row.end for row in self.rows)]))

    def column(self, name: str) -> list[Any]:
        """Return one value for each row, None where it has none; an unknown name is refused with the nearest."""
        if name not in self.columns:
            raise UnknownNameError("column", name, self.columns)
        if name in _PLAIN:
            return [getattr(row, name) for row in self.rows]
        return [row.settings[name] if name in row.settings else row.end.get(name) for row in self.rows]

    def where(self, *conditions: str, **equal: Any) -> Results:
        """Return the rows that meet all conditions, such as ``"nash_gap < 0.01"``, and have the values of ``equal``.

        Parameters
        ----------
        *conditions : str
            A column, one of < <= > >= = !=, and a value.
        **equal
            ``learner="minimax_q"``
        """
        tests = [self._test(text) for text in conditions]
        tests += [self._test_of(name, operator.eq, value) for name, value in equal.items()]
        return replace(self, rows=tuple(row for row in self.rows if all(test(row) for test in tests)))

    def _test(self, text: str) -> Callable[[Row], bool]:
        found = _CONDITION.fullmatch(text)
        if found is None:
            raise GameError(f"the condition is {text!r}, a column, a comparison and a value were expected, as in nash_gap<0.01")
        return self._test_of(found[1], COMPARED[found[2]], _read(found[3]))

    def _test_of(self, name: str, compare: Callable[[Any, Any], bool], value: Any) -> Callable[[Row], bool]:
        if self.rows and name not in self.columns:
            raise UnknownNameError("column", name, self.columns)

        def test(row: Row) -> bool:
            mine = _value(row, name)
            try:
                return bool(compare(mine, value))
            except TypeError:  # a column that this run has not, or text and a number
                return False

        return test

    def group(self, *names: str, metric: str | None = None, aggregate: str = "iqm") -> tuple[Group, ...]:
        """Return groups of finished runs with equal values in the columns ``names``, each with an aggregate of ``metric``.

        Parameters
        ----------
        *names : str
            Columns; none: one group of all.
        metric : str, optional
            The column that is aggregated; None: the Nash gap, of populations theirs.
        aggregate : {"iqm", "mean", "median"}
            ``iqm`` is the mean of the middle half of the runs.

        Returns
        -------
        tuple of Group
            In the order of the design, with 95 % percentile bootstrap intervals over runs: the same rows have the same intervals.
        """
        done = replace(self, rows=tuple(row for row in self.rows if row.state == "done"))
        if not done.rows:
            return ()
        centre, chosen = centre_named(aggregate), metric or metric_of(done.rows) or ""
        numbers, keys = done.column(chosen), list(zip(*(done.column(name) for name in names), strict=True)) or [()] * len(done.rows)
        values: dict[str, list[float]] = {}
        shared: dict[str, tuple[Any, ...]] = {}
        for key, number in zip(keys, numbers, strict=True):
            text = repr(key)  # lists cannot be keys themselves
            shared[text] = key
            values.setdefault(text, [])
            if isinstance(number, int | float) and math.isfinite(number):
                values[text].append(float(number))
        if not any(values.values()):
            raise GameError(
                f"the column {chosen!r} holds no numbers, one to aggregate was expected: {', '.join(_names(row.end for row in done.rows))}"
            )
        found = []
        for text, numbers_of in values.items():
            if numbers_of:
                low, high = bootstrap_interval(numbers_of, centre)
                key = dict(zip(names, shared[text], strict=True))
                middle = float(centre(numbers_of))
                found.append(Group(key, len(numbers_of), middle, low, high, min(numbers_of), max(numbers_of)))
        return tuple(found)

    def run(self, id: str) -> Run:
        """Return a finished run with its policies and trace, by its id."""
        row = next((row for row in self.rows if row.id == id), None)
        if row is None:
            raise GameError(f"there is no run {id!r} in {str(self.folder)!r}; ids are in the rows")
        if row.state != "done":
            raise GameError(f"the run {id!r} failed, so nothing is kept of it: {row.sentence}")
        place = self.folder / "runs" / id
        try:
            return load_run(place / ARRAYS)
        except DamagedFileError as error:
            raise DamagedFileError(f"{error}; remove the folder {str(place)!r}, and the sweep will run it again") from None

    def records(self) -> list[dict[str, Any]]:
        """Return one table of all columns for each row."""
        names = self.columns
        return [{name: _value(row, name) for name in names} for row in self.rows]

    def to_pandas(self) -> Any:
        """Return a pandas ``DataFrame`` with one row a run.

        Raises
        ------
        GameError
            pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise GameError(f"pandas is not installed: {INSTALL}") from None
        plain = [{name: _cell(value) for name, value in record.items()} for record in self.records()]
        return pd.DataFrame(plain, columns=list(self.columns))

    def save(self, path: str | Path) -> Path:
        """Write all columns to ``path``, .csv or .parquet (which needs pandas and pyarrow), whole or not at all."""
        target = Path(path)
        ending = target.suffix.lower()
        if ending not in EXPORTS:
            raise GameError(f"cannot write {str(target)!r}: a file name ending in {' or '.join(EXPORTS)} was expected")
        if ending == ".csv":
            stream = io.StringIO()
            writer = csv.DictWriter(stream, self.columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows({name: _cell(value) for name, value in record.items()} for record in self.records())
            return atomic_write(target, stream.getvalue())
        buffer = io.BytesIO()
        try:
            self.to_pandas().to_parquet(buffer, index=False)
        except ImportError:
            raise GameError(f"pyarrow is not installed: {INSTALL}") from None
        return atomic_write(target, buffer.getvalue())

    def __repr__(self) -> str:
        """Return one line: how much is there."""
        counts = ", ".join(f"{count} {state}" for state, count in self.counts.items() if count or state == "done")
        return f"Results({self.name}, {self.total} runs: {counts})"


_PLAIN = ("number", "id", "state", "game", "learner", "steps", "seed", "seconds", "sentence", "finished")


def _names(tables: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return all keys in the order in which they first appear."""
    return list(dict.fromkeys(chain.from_iterable(dict.fromkeys(map(tuple, tables)))))


def _value(row: Row, name: str) -> Any:
    if name in _PLAIN:
        return getattr(row, name)
    return row.settings[name] if name in row.settings else row.end.get(name)


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | dict) else value


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return {"None": None, "True": True, "False": False}.get(text, text.strip("'\""))


def load_results(folder: str | Path, *, rebuild: bool = False) -> Results:
    """Return the results in the folder of a sweep, which may still be running.

    Parameters
    ----------
    folder : path
    rebuild : bool
        Make the index again from the runs' folders, as happens anyway where it is missing or damaged.

    Raises
    ------
    GameError
        No folder, or not one of a sweep.

    Examples
    --------
    >>> import tempfile
    >>> import gametheory_rl as gt
    >>> design = {"games": "matching_pennies", "learners": ["minimax_q", "foe_q"], "steps": 1000, "seeds": 3, "name": "two rules"}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = gt.sweep(design, out=folder, workers=0)
    ...     results = gt.load_results(folder)
    >>> results
    Results(two rules, 6 runs: 6 done)
    >>> [(group.label, group.runs, bool(group.centre < 1e-6)) for group in results.group("learner")]
    [('minimax_q', 3, True), ('foe_q', 3, True)]
    """
    path = Path(folder)
    about = read_sweep(path)
    found = None if rebuild else read_index(path / "index.sqlite")
    if found is None or "total" not in found[1]:
        rows, total = _rebuilt(path, about)
    else:
        rows, total = found[0], int(found[1]["total"])
    status = Status.FINISHED if len(rows) == total else Status.INTERRUPTED
    return Results(path, str(about.get("name", path.name)), total, tuple(rows), status)


def _rebuilt(path: Path, about: Mapping[str, Any]) -> tuple[list[Row], int]:
    """Return the rows that the runs' folders hold, and write them to the index where nobody else does."""
    from gametheory_rl._sweep._design import read_design  # loads the learners

    tasks = read_design(about["design"], folder=path).tasks()
    numbers = {task.id: number for number, task in enumerate(tasks)}
    try:
        held = Folder(path)
    except GameError:  # another sweep is writing, or nobody can
        held = None
    changes = found_rows(path, numbers, {})
    rows = sorted((row for row in changes.values() if row is not None), key=lambda row: row.number)
    if held is not None:
        held.index.align({**dict.fromkeys(held.index.states()), **changes}, numbers, str(about.get("name", "")))
        held.close()
    return rows, len(tasks)
