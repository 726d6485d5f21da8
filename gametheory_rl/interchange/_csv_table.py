"""The rows of a long table, read a chunk at a time into columns of numbers."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from math import isfinite
from typing import Any, NamedTuple, NoReturn

import numpy as np

from gametheory_rl._games import Labels
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.interchange._columns import Column
from gametheory_rl.interchange._csv_names import LONGEST, Names, shown_name
from gametheory_rl.interchange._scanner import MOST_DIGITS, MOST_PLAYERS, floats, plain

CHUNK = 1_000
"""Rows that are held as Python objects at a time: they should stay in the processor's cache."""
LINES = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
"""A line with its end, as ``csv`` wants them."""
MOST_UNUSED = 1_000
"""Actions that a first line may count beyond the number of rows."""


class Table(NamedTuple):
    """Rows as numbers, and what they are called."""

    state: np.ndarray | None
    """``[rows]`` int32; None: a matrix game."""
    actions: list[np.ndarray]
    """``[n][rows]`` int32"""
    following: np.ndarray | None
    """``[rows]`` int32"""
    payoffs: list[np.ndarray]
    """``[n][rows]`` float64"""
    chances: np.ndarray | None
    """``[rows]`` float64"""
    shape: tuple[int, ...]
    """``(S, A_1, ..., A_n)``"""
    labels: Labels


class Reader:
    """Reads a table: the header at once, the rows by ``table``, once."""

    def __init__(self, text: str, start: int, where: str, first_line: int, about: Mapping[str, Any]) -> None:
        self.where, self.about = where, about
        require_memory((len(text),), where, "save it as .npz", item_bytes=4)
        lines = text.count("\n", start) + 1
        # Not through StringIO, which takes four bytes a character.
        self.reader = csv.reader((line.group() for line in LINES.finditer(text, start)), strict=True)
        self.line, self.first_line = first_line, first_line
        self.rows: Sequence[Sequence[str]] = ()
        """The chunk that is being read, whose first row stands on ``line``."""
        header = self._header()
        self.players, self.columns = self._checked_header([self._column(cell) for cell in header])
        self.header = header
        self.line = first_line + self.reader.line_num
        actions = about.get("actions") or [None] * len(self.players)
        if not isinstance(actions, list) or len(actions) != len(self.players):
            raise GameError(
                f"cannot read {where}, line 1: actions is {actions!r:.60}, one entry for each of {len(self.players)} players was expected"
            )
        most = max(MOST_UNUSED, lines)
        self.actions = [
            Names(given, f"actions of {shown_name(player)}", where, most) for given, player in zip(actions, self.players, strict=True)
        ]
        self.states = Names(about.get("states"), "states", where, most)

    # ---- the header ----------------------------------------------------------------------------------------------

    def _header(self) -> list[str]:
        try:
            return next(self.reader, [])
        except csv.Error as error:
            self._fail(str(error))

    def _column(self, cell: str) -> str:
        """Return a column's name without blanks around it; those of players that line 1 names may be part of the name."""
        exact = "players" in self.about and cell.lstrip().startswith(("action:", "payoff:"))
        return cell.lstrip() if exact else cell.strip()

    def _checked_header(self, header: Sequence[str]) -> tuple[list[str], dict[str, list[int]]]:
        """Return the players' names and where the columns are."""
        self.named = any(cell.startswith("action:") for cell in header)
        players = [cell[7:] for cell in header if cell.startswith(("action_", "action:"))]
        if not self.named and all(player.isdecimal() and len(player) < 10 for player in players):
            players.sort(key=int)
        mark = ":" if self.named else "_"
        expected = [f"{kind}{mark}{player}" for kind in ("action", "payoff") for player in players]
        stages = ["state", *expected, "next_state", "probability"]
        known = len(set(header)) == len(header) and sorted(header) in (sorted(expected), sorted(stages))
        if not players or len(players) > MOST_PLAYERS or not known:
            shown = " ".join(", ".join(header)[:120].split()) or "none"
            self._fail(
                f"the columns are {shown}; action_1, ..., payoff_1, ... with commas between them were expected, for a stochastic game "
                "with state in front and next_state, probability behind"
            )
        several = len(header) == len(stages)
        columns = {
            "actions": [header.index(name) for name in expected[: len(players)]],
            "payoffs": [header.index(name) for name in expected[len(players) :]],
            "moves": [header.index(name) for name in ("state", "next_state", "probability")] if several else [],
        }
        return players, columns

    # ---- the rows ------------------------------------------------------------------------------------------------

    def chunks(self) -> Iterator[list[tuple[str, ...]]]:
        """Yield columns of cells, ``CHUNK`` rows at a time; blank lines are left out."""
        width = len(self.players) * 2 + len(self.columns["moves"])
        while True:
            try:
                self.rows = list(islice(self.reader, CHUNK))
            except csv.Error as error:
                self.line = self.first_line + self.reader.line_num - 1
                self._fail(str(error))
            if not self.rows:
                return
            kept = [row for row in self.rows if row] if [] in self.rows else self.rows
            if set(map(len, kept)) - {width}:
                wrong = next(k for k, row in enumerate(kept) if len(row) != width)
                self._fail(f"the row has {len(kept[wrong])} cells, {width} were expected", wrong)
            if kept:
                yield list(zip(*kept, strict=True))
            self.line = self.first_line + self.reader.line_num

    def table(self) -> Table:
        """Return the rows."""
        actions, payoffs = [Column("i") for _ in self.players], [Column("d") for _ in self.players]
        state, following, chances = Column("i"), Column("i"), Column("d")
        for columns in self.chunks():
            for names, held, c in zip(self.actions, actions, self.columns["actions"], strict=True):
                held.add(self._numbered(names, columns[c], c))
            if self.columns["moves"]:
                here, there, chance = self.columns["moves"]
                both = self._numbered(self.states, columns[here] + columns[there], here, there)
                state.add(both[: len(columns[here])])
                following.add(both[len(columns[here]) :])
                chances.add(self._numbers(columns[chance], chance, "probability"))
            for held, c in zip(payoffs, self.columns["payoffs"], strict=True):
                held.add(self._numbers(columns[c], c, "payoff"))
        self.rows = ()
        if not len(payoffs[0]):
            self._fail("the table ends here, at least one row was expected")
        return self._settled(actions, payoffs, state, following, chances)

    def _settled(self, actions: list[Column], payoffs: list[Column], state: Column, following: Column, chances: Column) -> Table:
        """Return the table with the actions and states in their final order."""
        settled, menus, names = [], [], []
        for column, menu in zip(actions, self.actions, strict=True):
            order, count, menu_names = menu.settle()
            settled.append(_ordered(column.taken(), order))
            menus.append(count)
            names.append(menu_names)
        if any(names) and not all(names):
            names = [menu or tuple(map(str, range(count))) for menu, count in zip(names, menus, strict=True)]
        moves = bool(self.columns["moves"])
        order, count, states = self.states.settle() if moves or self.states.closed else (None, 1, ())
        if not moves and count != 1:
            raise GameError(
                f"cannot read {self.where}, line 1: there are {count} states, 1 was expected of a table without the column state"
            )
        return Table(
            _ordered(state.taken(), order) if moves else None,
            settled,
            _ordered(following.taken(), order) if moves else None,
            [column.taken() for column in payoffs],
            chances.taken() if moves else None,
            (count, *menus),
            Labels(self._players(), states, tuple(names) if any(names) else ()),
        )

    def _players(self) -> tuple[str, ...]:
        """Return the players' names: those of the columns, or where these are numbers those of line 1."""
        if self.named or self.players != [str(i + 1) for i in range(len(self.players))]:
            return tuple(self.players)
        given, count = self.about.get("players") or [], len(self.players)
        if not isinstance(given, list) or not all(isinstance(name, str) for name in given) or len(given) not in (0, count):
            raise GameError(f"cannot read {self.where}, line 1: players is {given!r:.60}, a list of {count} names was expected")
        return tuple(given)

    def _numbered(self, names: Names, cells: Sequence[str], *columns: int) -> np.ndarray:
        """Return the number of each cell; ``cells`` are those of several columns, one after another."""
        try:
            return names.of(cells)
        except KeyError as missing:
            which, row = divmod(list(cells).index(missing.args[0]), len(cells) // len(columns))
            self._fail(f"{missing.args[0][:LONGEST]!r} is none of the {names.what} of line 1 (column {self._called(columns[which])})", row)

    def _numbers(self, cells: Sequence[str], column: int, what: str) -> np.ndarray:
        found = floats(cells, _number)
        if not np.isfinite(found).all():
            row = int(np.flatnonzero(~np.isfinite(found))[0])
            called = self._called(column)
            self._fail(f"the {what} is {cells[row][:24]!r}, a finite number (3, -0.5 or 2/3) was expected (column {called})", row)
        return found

    # ---- errors --------------------------------------------------------------------------------------------------

    def _called(self, column: int) -> str:
        return f"{column + 1}, {self.header[column].strip()[:24]!r}"

    def _line_of(self, index: int) -> int:
        """Return the line on which row ``index`` of the chunk, blank ones counted, begins."""
        # A quoted cell may hold line ends.
        return self.line + index + sum(_breaks(cell) for row in self.rows[:index] for cell in row if "\n" in cell or "\r" in cell)

    def _fail(self, message: str, row: int | None = None) -> NoReturn:
        """Raise the error of row ``row`` of the chunk, blank ones not counted; None: of ``line``."""
        line = self.line
        if row is not None:
            line = self._line_of([k for k, cells in enumerate(self.rows) if cells][row])
        raise GameError(f"cannot read {self.where}, line {line}: {message}")


def _ordered(column: np.ndarray, order: np.ndarray | None) -> np.ndarray:
    return column if order is None else order[column]


def _breaks(cell: str) -> int:
    """Return how many line ends are in a cell."""
    return cell.count("\n") + cell.count("\r") - cell.count("\r\n")


def _number(cell: str) -> float:
    """Return a cell as a float, also ``a/b``; NaN where it is no number."""
    top, slash, bottom = cell.partition("/")
    if not plain(cell):
        return float("nan")
    try:
        below = float(bottom) if slash else 1.0
        return float(top) / below if below and isfinite(below) else float("nan")
    except ValueError:
        return float("nan")


def exact_number(cell: str) -> Fraction:
    """Return a cell that is a finite number, ``a/b`` or a decimal, as it is written; what is too small to matter as float64 rounds it."""
    top, slash, bottom = cell.partition("/")
    return _fraction(top) / _fraction(bottom) if slash else _fraction(top)


def _fraction(text: str) -> Fraction:
    number = float(text)
    # Bounded, so that a few characters ("1e-999999999") cannot ask for gigabytes.
    return Fraction(text) if abs(number) > 1e-300 and len(text) <= MOST_DIGITS else Fraction(number)
