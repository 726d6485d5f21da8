"""Rows of numbers with spaces between them, read a piece at a time into arrays; every error with line and column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NoReturn

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl.interchange._scanner import SHOWN, floats, plain

PIECE = 1 << 16
"""Characters that are held as Python objects at a time: they should stay in the processor's cache."""
LONGEST = 1 << 16
"""Characters of a line."""

_CELL = re.compile(r"\S+")
_WHOLE = re.compile(r"\d{1,18}", re.ASCII)
_REAL = re.compile(r"[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?(?:/[1-9]\d{0,30})?", re.ASCII)


class Rows:
    """The rows of ``text``; lines that are empty or begin with ``#`` are none. ``where`` names the file in messages."""

    def __init__(self, text: str, where: str) -> None:
        self.text, self.where = text.removeprefix("\ufeff"), where
        self.line, self.position = 1, 0
        """The next line, and where it begins."""
        self.lines: Sequence[int] = ()
        """``[rows]`` the line of each row of the last piece."""
        self.cells: Sequence[str] = ()

    def first(self) -> tuple[str, list[str]]:
        """Return the first line that is no comment and the comments before it."""
        comments: list[str] = []
        while self.position < len(self.text):
            end = self._end(self.position)
            line = self.text[self.position : end].strip()
            self.line, self.position = self.line + 1, end
            if line and not line.startswith("#"):
                self.lines = [self.line - 1]
                return line, comments
            comments.append(line)
        self.lines = [max(1, self.line - 1)]
        return "", comments

    def pieces(self, width: int) -> Iterator[list[tuple[str, ...]]]:
        """Yield the other rows in pieces, as ``width`` columns of cells each; other rows are refused.

        The text is let go of after the last piece: what is made of the cells need not stand beside it.
        """
        while self.position < len(self.text):
            end = self._end(self.position + PIECE)
            found = [line.split() for line in self.text[self.position : end].split("\n")]
            kept = [(self.line + k, row) for k, row in enumerate(found) if row and not row[0].startswith("#")]
            self.line, self.position = self.line + len(found) - 1, end
            if not kept:
                continue
            lines, rows = zip(*kept, strict=True)
            self.lines = lines
            if set(map(len, rows)) != {width}:
                wrong = next(k for k, row in enumerate(rows) if len(row) != width)
                self.fail(wrong, 0, f"the row has {len(rows[wrong])} entries, {width} were expected")
            yield list(zip(*rows, strict=True))
        self.text, self.position = "", 0

    def _end(self, place: int) -> int:
        """Return where the line of ``place`` ends, its line break included."""
        end = self.text.find("\n", place, place + LONGEST)
        if end >= 0:
            return end + 1
        if len(self.text) - place > LONGEST:
            raise GameError(f"cannot read {self.where}, line {self.text.count(chr(10), 0, place) + 1}: the line is longer than {LONGEST}")
        return len(self.text)

    def whole(self, cells: Sequence[str], column: int, what: str, end: int) -> np.ndarray:
        """Return cells as int64 from 0 to ``end - 1``."""
        try:
            found = np.array(list(map(int, cells)), np.int64) if plain(cells) else np.zeros(0, np.int64)
            fine = len(found) == len(cells) and bool(((found >= 0) & (found < end)).all())
        except (ValueError, OverflowError):
            fine, found = False, np.zeros(0, np.int64)
        if not fine:
            wrong = next(k for k, cell in enumerate(cells) if not _WHOLE.fullmatch(cell) or int(cell) >= end)
            self.fail(wrong, column, f"{shown(cells[wrong])} was found, {what} from 0 to {end - 1} was expected")
        return found

    def real(self, cells: Sequence[str], column: int, what: str) -> np.ndarray:
        """Return cells, decimals or ``a/b``, as finite float64."""
        found = floats(cells, _number)
        if not np.isfinite(found).all():
            wrong = int(np.flatnonzero(~np.isfinite(found))[0])
            self.fail(wrong, column, f"{shown(cells[wrong])} was found, {what} was expected")
        return found

    def fail(self, row: int, column: int, message: str) -> NoReturn:
        """Raise the error that ``message`` tells of entry ``column`` of row ``row`` of the last piece."""
        number = self.lines[row]
        place = 0
        for _ in range(number - 1):
            place = self.text.find("\n", place) + 1
        line = self.text[place : place + LONGEST].split("\n", 1)[0]
        cells = list(_CELL.finditer(line))
        at = cells[column].start() + 1 if column < len(cells) else len(line.rstrip()) + 1
        raise GameError(f"cannot read {self.where}, line {number} column {at}: {message}")


def _number(cell: str) -> float:
    """Return a cell as a float; NaN where it is no number."""
    if not _REAL.fullmatch(cell):
        return float("nan")
    top, slash, bottom = cell.partition("/")
    return float(top) / float(bottom) if slash else float(cell)


def shown(text: str) -> str:
    """Return ``text`` as a message repeats it."""
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "...")
