"""Games as long tables, one row for each joint action (and next state): what a spreadsheet reads and writes.

A matrix game has the columns ``action_1, ..., action_n, payoff_1, ..., payoff_n``. A stochastic game has ``state`` in front of them and
``next_state, probability`` behind; a joint action with several next states takes as many rows, each with the same payoffs. Players
may be called by name: ``action:Row`` and ``payoff:Row``. Cells are names, or numbers from 0 up; joint actions without a row are
illegal. A first line ``# {...}`` may hold, as JSON, what a table cannot: ``name``, ``discount``, ``start``, ``players``, ``states``,
``actions`` (their order). Where it is missing a stochastic game needs a discount by argument.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import prod
from typing import Any, NoReturn

import numpy as np

from gametheory_rl._games import Labels, StochasticGame, Successors
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._json import parsed
from gametheory_rl._support._memory import require_memory
from gametheory_rl.interchange._format import Format, only_discount
from gametheory_rl.interchange._joint_rows import REMEDY, legal_masks
from gametheory_rl.interchange._scanner import MOST_PLAYERS

CHUNK = 1_000
LINES = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
"""A line with its end, as ``csv`` wants them."""
"""Rows that are held as Python objects at a time: they should stay in the processor's cache."""
MOST_UNUSED = 1_000
"""Actions that a first line may count beyond the number of rows."""
ABOUT = ("name", "discount", "start", "players", "states", "actions")


def read(text: str, where: str, stem: str, parameters: Mapping[str, Any]) -> StochasticGame:
    """Return the game that a long table holds.

    Parameters
    ----------
    text : str
    where, stem : str
        The file, for messages, and what the game is called where it has no name.
    parameters : mapping
        ``discount`` replaces that of the table's first line.

    Raises
    ------
    GameError
        With the line: what was found, and what was expected.
    """
    about, body, first_line = _about(text, where)
    discount = only_discount(parameters, where)
    if discount is not None:
        about["discount"] = discount
    return _Table(body, where, first_line, about).game(stem)


def write(game: StochasticGame, where: str) -> str:
    """Return ``game`` as a long table; ``read`` gives the same game back, board aside."""
    del where
    about, columns, rows = long_table(game)
    stream = io.StringIO()
    stream.write(f"# {json.dumps(about, ensure_ascii=False)}\n")
    flat = [*game.labels.players, *game.labels.states, *(name for menu in game.labels.actions for name in menu)]
    # Older versions of csv leave a bare carriage return unquoted, and read a line's end in it.
    quoting = csv.QUOTE_ALL if any("\r" in name for name in flat) else csv.QUOTE_MINIMAL
    writer = csv.writer(stream, lineterminator="\n", quoting=quoting)
    writer.writerow(columns)
    writer.writerows(rows)  # floats in the fewest digits that read back
    return stream.getvalue()


def long_table(game: StochasticGame) -> tuple[dict[str, Any], list[str], Iterator[list[Any]]]:
    """Return what the first line says, the columns, and the rows: names, and numbers as floats."""
    named = game.labels.players or tuple(str(i + 1) for i in range(game.num_players))
    mark = ":" if game.labels.players else "_"
    several = game.num_states > 1 or not _loops(game)
    columns = [f"{kind}{mark}{name}" for kind in ("action", "payoff") for name in named]
    return _header(game), ["state", *columns, "next_state", "probability"] if several else columns, _rows(game, several)


def _loops(game: StochasticGame) -> bool:
    """Whether a game of one state needs no column to say where it goes."""
    return all(mask.all() for mask in game.legal)


def _header(game: StochasticGame) -> dict[str, Any]:
    kept = {"players": game.labels.players, "states": game.labels.states, "actions": game.labels.actions}
    header: dict[str, Any] = {"name": game.name, "discount": game.discount.tolist()}
    if game.num_states > 1:
        header["start"] = game.start.tolist()
    sizes = {"states": game.num_states, "actions": game.num_actions}
    return header | {key: value or sizes.get(key) for key, value in kept.items() if value or key in sizes}


def _rows(game: StochasticGame, several: bool) -> Iterator[list[Any]]:
    offsets, states, probabilities = game.successors
    payoff = game.payoff.reshape(game.num_players, -1).T
    labels = game.labels
    for row in range(len(offsets) - 1):
        if offsets[row] == offsets[row + 1]:
            continue
        state, *actions = np.unravel_index(row, (game.num_states, *game.num_actions))
        names = [labels.action(i, int(a)) for i, a in enumerate(actions)]
        cells = [*names, *payoff[row].tolist()]
        if not several:
            yield cells
            continue
        for k in range(offsets[row], offsets[row + 1]):
            yield [labels.state(int(state)), *cells, labels.state(int(states[k])), float(probabilities[k])]


# ---- reading -------------------------------------------------------------------------------------------------------


def _about(text: str, where: str) -> tuple[dict[str, Any], str, int]:
    """Return what the first line says, the table, and the number of its first line."""
    text = text.removeprefix("\ufeff")
    if not text.startswith("#"):
        return {}, text, 1
    line, _, body = text.partition("\n")
    try:
        about = parsed(line[1:])
    except ValueError:
        raise GameError(f'cannot read {where}, line 1: after # JSON was expected, such as {{"discount": 0.9}}') from None
    if not isinstance(about, dict) or not set(about) <= set(ABOUT):
        raise GameError(f"cannot read {where}, line 1: a table of {', '.join(ABOUT)} was expected after #")
    return about, body, 2


class _Names:
    """Names of states, or of one player's actions, in their order; plain numbers are no names."""

    def __init__(self, given: Any, what: str, where: str, most: int) -> None:
        self.what, self.where = what, where
        if isinstance(given, int) and given > most:
            # A count costs a few characters and a name each: only as many as rows may have them.
            raise GameError(f"cannot read {where}, line 1: {what} is {given}, and the table has fewer rows")
        self.numbered = given is None or isinstance(given, int)
        self.closed = given is not None
        names: Any = range(given) if isinstance(given, int) and not isinstance(given, bool) and given > 0 else given
        if given is not None and not (isinstance(names, range) or (isinstance(names, list) and all(isinstance(x, str) for x in names))):
            raise GameError(f"cannot read {where}, line 1: {what} is {given!r}, a count or a list of names was expected")
        self.index: dict[str, int] = {str(name): k for k, name in enumerate(names or ())}

    def of(self, cells: Sequence[str], line: int) -> np.ndarray:
        """Return the number of each cell, ``(len(cells),)`` int64; new names get the next one."""
        index = self.index
        if not self.closed:
            for cell in dict.fromkeys(cells):
                index.setdefault(cell, len(index))
        try:
            return np.array([index[cell] for cell in cells], np.int64)
        except KeyError as missing:
            row = line + list(cells).index(missing.args[0])
            raise GameError(f"cannot read {self.where}, line {row}: {missing.args[0]!r} is none of the {self.what} of line 1") from None

    def settle(self) -> tuple[np.ndarray, tuple[str, ...]]:
        """Return where each number goes, and the names; where all are numbers from 0 up those are the order, and no names."""
        names = list(self.index)
        count = len(names)
        if self.numbered and set(names) == set(map(str, range(count))):
            return np.array([int(name) for name in names], np.int64), ()
        return np.arange(count), tuple(names)


class _Table:
    """Reads the rows, a chunk at a time, into arrays; then builds the game."""

    def __init__(self, body: str, where: str, first_line: int, about: Mapping[str, Any]) -> None:
        self.where, self.about = where, about
        require_memory((len(body),), where, "save it as .npz", item_bytes=4)
        # Not through StringIO, which takes four bytes a character.
        self.reader = csv.reader((line.group() for line in LINES.finditer(body)), strict=True)
        self.line = first_line
        header = self._header()
        self.players, self.columns = self._checked_header([self._column(cell) for cell in header])
        self.line += 1
        actions = about.get("actions") or [None] * len(self.players)
        if not isinstance(actions, list) or len(actions) != len(self.players):
            raise GameError(
                f"cannot read {where}, line 1: actions is {actions!r}, one entry for each of {len(self.players)} players was expected"
            )
        most = max(MOST_UNUSED, body.count("\n") + 1)
        self.actions = [_Names(given, f"actions of {player}", where, most) for given, player in zip(actions, self.players, strict=True)]
        self.states = _Names(about.get("states"), "states", where, most)

    def _checked_header(self, header: Sequence[str]) -> tuple[list[str], dict[str, list[int]]]:
        """Return the players' names and where the columns are."""
        self.named = any(cell.startswith("action:") for cell in header)
        players = [cell[7:] for cell in header if cell.startswith(("action_", "action:"))]
        if not self.named and all(player.isdecimal() and len(player) < 10 for player in players):
            players.sort(key=int)
        mark = ":" if self.named else "_"
        expected = [f"{kind}{mark}{player}" for kind in ("action", "payoff") for player in players]
        stages = ["state", *expected, "next_state", "probability"]
        if not players or len(players) > MOST_PLAYERS or sorted(header) not in (sorted(expected), sorted(stages)):
            shown = " ".join(", ".join(header)[:120].split()) or "none"
            self._fail(
                f"the columns are {shown}; action_1, ..., payoff_1, ... were expected, for a stochastic game "
                "with state in front and next_state, probability behind"
            )
        several = len(header) == len(stages)
        columns = {
            "actions": [header.index(name) for name in expected[: len(players)]],
            "payoffs": [header.index(name) for name in expected[len(players) :]],
            "moves": [header.index(name) for name in ("state", "next_state", "probability")] if several else [],
        }
        return players, columns

    def _column(self, cell: str) -> str:
        """Return a column's name without blanks around it; those of players that line 1 names may be part of the name."""
        exact = "players" in self.about and cell.lstrip().startswith(("action:", "payoff:"))
        return cell.lstrip() if exact else cell.strip()

    def _header(self) -> list[str]:
        try:
            return next(self.reader, [])
        except csv.Error as error:
            self._fail(str(error))

    def _fail(self, message: str) -> NoReturn:
        raise GameError(f"cannot read {self.where}, line {self.line}: {message}")

    def _chunks(self, size: int = CHUNK) -> Iterator[list[list[str]]]:
        while True:
            try:
                rows = list(islice(self.reader, size))
            except csv.Error as error:
                self._fail(str(error))
            if not rows:
                return
            yield rows
            self.line += len(rows)

    def _read(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return integers ``(rows, n + 2)`` (state, actions, next state), payoffs ``(rows, n)`` and probabilities ``(rows,)``."""
        players, width = len(self.players), len(self.players) * 2 + len(self.columns["moves"])
        places, payoffs, chances = [], [], []
        for rows in self._chunks():
            kept = [row for row in rows if row] if [] in rows else rows
            if set(map(len, kept)) - {width}:
                wrong = next(k for k, row in enumerate(rows) if row and len(row) != width)
                self.line += wrong
                self._fail(f"the row has {len(rows[wrong])} cells, {width} were expected")
            if not kept:
                continue
            columns = list(zip(*kept, strict=True))
            place = np.zeros((len(kept), players + 2), np.int64)
            for i, c in enumerate(self.columns["actions"]):
                place[:, 1 + i] = self.actions[i].of(columns[c], self.line)
            if self.columns["moves"]:
                state, following, chance = self.columns["moves"]
                both = self.states.of(columns[state] + columns[following], self.line)
                place[:, 0], place[:, -1] = both[: len(kept)], both[len(kept) :]
                chances.append(self._numbers(columns[chance], "probability"))
            places.append(place)
            payoffs.append(np.stack([self._numbers(columns[c], "payoff") for c in self.columns["payoffs"]], axis=1))
        if not places:
            self._fail("the table ends here, at least one row was expected")
        where = np.concatenate(places)
        return where, np.concatenate(payoffs), np.concatenate(chances) if chances else np.ones(len(where))

    def _numbers(self, cells: Sequence[str], what: str) -> np.ndarray:
        try:
            found = np.array(list(map(float, cells)))
        except ValueError:
            found = np.array([_number(cell) for cell in cells])
        if not np.isfinite(found).all():
            row = int(np.flatnonzero(~np.isfinite(found))[0])
            self.line += row
            self._fail(f"the {what} is {cells[row][:24]!r}, a finite number (3, -0.5 or 2/3) was expected")
        return found

    def game(self, stem: str) -> StochasticGame:
        """Return the game."""
        where, payoffs, chances = self._read()
        menus, names = [], []
        for i, menu in enumerate(self.actions):
            order, menu_names = menu.settle()
            where[:, 1 + i] = order[where[:, 1 + i]]
            menus.append(len(order))
            names.append(menu_names)
        order, states = self.states.settle() if self.columns["moves"] else (np.zeros(1, np.int64), ())
        where[:, 0], where[:, -1] = order[where[:, 0]], order[where[:, -1]]
        shape = (len(order), *menus)
        if any(names) and not all(names):
            names = [menu or tuple(map(str, range(count))) for menu, count in zip(names, menus, strict=True)]
        numbered = not self.named and self.players == [str(i + 1) for i in range(len(self.players))]
        labels = Labels(() if numbered else tuple(self.players), states, tuple(names) if any(names) else ())
        return self._built(where, payoffs, chances, shape, labels, stem)

    def _built(
        self, where: np.ndarray, payoffs: np.ndarray, chances: np.ndarray, shape: tuple[int, ...], labels: Labels, stem: str
    ) -> StochasticGame:
        if prod(shape) >= 2**62:
            require_memory((3 + len(shape), prod(shape)), self.where, REMEDY)  # beyond what a row can be numbered in
        rows: np.ndarray = np.asarray(np.ravel_multi_index(tuple(where[:, :-1].T), shape))
        order = np.lexsort((where[:, -1], rows))
        rows, following, payoffs, chances = rows[order], where[order, -1], payoffs[order], chances[order]
        new = np.append(True, rows[1:] != rows[:-1])
        first, group = np.flatnonzero(new), np.asarray(np.cumsum(new)) - 1
        differs = (payoffs != payoffs[first][group]).any(axis=1) if self.columns["moves"] else np.arange(len(rows)) != first[group]
        if differs.any():
            state, *actions = np.unravel_index(rows[np.flatnonzero(differs)[0]], shape)
            what = ", ".join(labels.action(i, int(a)) for i, a in enumerate(actions))
            at = f" at {labels.state(int(state))}" if shape[0] > 1 else ""
            self.line, say = 0, "rows with different payoffs" if self.columns["moves"] else "more than one row"
            raise GameError(f"cannot read {self.where}: the joint action ({what}){at} has {say}")
        legal = legal_masks(where[order[first], :-1], shape, self.where)
        require_memory((3 + len(shape), prod(shape)), self.where, REMEDY)
        payoff = np.zeros((len(self.players), prod(shape)))
        payoff[:, rows[first]] = payoffs[first].T
        offsets = np.zeros(prod(shape) + 1, np.int64)
        np.cumsum(np.bincount(rows, minlength=prod(shape)), out=offsets[1:])
        discount = self.about.get("discount", None if self.columns["moves"] else 0.0)
        if discount is None:
            raise GameError(f'{self.where} does not say the discount: give discount=..., or a first line # {{"discount": 0.9}}')
        try:
            return StochasticGame(
                payoff.reshape(-1, *shape),
                Successors(offsets, following, chances),
                discount,
                self.about.get("start"),
                legal,
                labels,
                name=str(self.about.get("name") or stem),
            )
        except GameError as error:
            raise GameError(f"cannot read {self.where}: {error}") from None


def _number(cell: str) -> float:
    """Return a cell as a float, also ``a/b``; NaN where it is no number."""
    top, slash, bottom = cell.partition("/")
    try:
        return float(top) / float(bottom) if slash and float(bottom) else float(cell)
    except ValueError:
        return float("nan")


FORMAT = Format(read, write)
