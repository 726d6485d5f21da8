"""Games as long tables, one row for each joint action (and next state): what a spreadsheet reads and writes.

A matrix game has the columns ``action_1, ..., action_n, payoff_1, ..., payoff_n``. A stochastic game has ``state`` in front of them and
``next_state, probability`` behind; a joint action with several next states takes as many rows, each with the same payoffs. Players may
be called by name: ``action:Row`` and ``payoff:Row``. Cells are names, or numbers from 0 up; joint actions without a row are illegal. A
first line ``# {...}`` may hold, as JSON, what a table cannot: ``name``, ``discount``, ``start``, ``players``, ``states``, ``actions``
(their order). Blanks around a name are part of it only where that line lists the names. Where it is missing a stochastic game needs a
discount by argument.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from gametheory_rl._games import StochasticGame, Successors
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._json import parsed
from gametheory_rl._support._memory import require_memory
from gametheory_rl.interchange._csv_names import shown_name
from gametheory_rl.interchange._csv_table import Reader, Table, exact_number
from gametheory_rl.interchange._format import Format, only_discount
from gametheory_rl.interchange._joint_rows import REMEDY, legal_masks

BYTES = 200
"""Memory that an exact number takes, its place in lists included."""
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
    about, start, first_line = _about(text, where)
    discount = only_discount(parameters, where)
    if discount is not None:
        about["discount"] = discount
    reader = Reader(text, start, where, first_line, about)
    del text  # the reader lets go of it after the last row: tensors need not stand beside it
    return _game(reader.table(), about, where, stem)


def payoffs(text: str, where: str) -> np.ndarray:
    """Return the payoffs ``(n, A_1, ..., A_n)`` of a table of one state, as Fractions: 1/3 stays a third, and 0.1 a tenth."""
    about, start, first_line = _about(text, where)
    table = Reader(text, start, where, first_line, about).table()
    require_memory((len(table.payoffs), prod(table.shape)), where, REMEDY, item_bytes=BYTES)
    rows, found, done = _rows_of(table, where), np.full((len(table.payoffs), prod(table.shape)), Fraction(0)), 0
    reader = Reader(text, start, where, first_line, about)
    for columns in reader.chunks():
        at = rows[done : done + len(columns[0])]
        for player, column in enumerate(reader.columns["payoffs"]):
            found[player, at] = list(map(exact_number, columns[column]))
        done += len(at)
    return found.reshape(-1, *table.shape[1:])


def write(game: StochasticGame, where: str) -> str:
    """Return ``game`` as a long table; ``read`` gives the same game back, board aside.

    Raises
    ------
    GameError
        Two players, states or actions of one player have the same name, so that a row could mean either.
    """
    for what, names in (("players", game.labels.players), ("states", game.labels.states), *(("actions", m) for m in game.labels.actions)):
        if len(set(names)) < len(names):
            twice = Counter(names).most_common(1)[0][0]
            raise GameError(f"cannot write {where}: two {what} are called {twice[:24]!r}, different names were expected; use .json")
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


def _about(text: str, where: str) -> tuple[dict[str, Any], int, int]:
    """Return what the first line says, where the table begins, and the number of its first line."""
    start = 1 if text.startswith("\ufeff") else 0
    if not text.startswith(("#", '"#'), start):
        return {}, start, 1
    end = text.find("\n", start)
    line = text[start : end if end >= 0 else len(text)].strip()
    try:
        about = parsed(_unquoted(line)[1:])
    except ValueError:
        raise GameError(f'cannot read {where}, line 1: after # JSON was expected, such as {{"discount": 0.9}}') from None
    if not isinstance(about, dict) or not set(about) <= set(ABOUT):
        raise GameError(f"cannot read {where}, line 1: a table of {', '.join(ABOUT)} was expected after #")
    if not isinstance(about.get("name", ""), str):
        raise GameError(f"cannot read {where}, line 1: name is {about['name']!r:.60}, text was expected")
    return about, end + 1 if end >= 0 else len(text), 2


def _unquoted(line: str) -> str:
    """Return the first line as it was before a spreadsheet took its commas for ends of cells, quoted some, and added empty ones."""
    if line.startswith("#") and line.endswith("}"):
        return line
    try:
        return ",".join(next(csv.reader([line]), [])).rstrip(",")
    except csv.Error:
        return line


def _game(table: Table, about: Mapping[str, Any], where: str, stem: str) -> StochasticGame:
    """Return the game of the rows."""
    payoff, successors, legal = _tensors(table, where)
    shape, labels, moves = table.shape, table.labels, table.state is not None
    del table  # its columns need not stand beside the game's copy of the tensors
    discount = about.get("discount", None if moves else 0.0)
    if discount is None:
        raise GameError(f'{where} does not say the discount: give discount=... (-p discount=0.9), or a first line # {{"discount": 0.9}}')
    try:
        return StochasticGame(
            payoff.reshape(-1, *shape), successors, discount, about.get("start"), legal, labels, name=about.get("name", stem)
        )
    except GameError as error:
        raise GameError(f"cannot read {where}: {error}") from None


def _tensors(table: Table, where: str) -> tuple[np.ndarray, Successors, list[np.ndarray] | None]:
    """Return payoffs ``(n, S * A_1 * ... * A_n)``, transitions and masks."""
    shape, size, count = table.shape, prod(table.shape), len(table.payoffs[0])
    rows = _rows_of(table, where)
    order = _order(rows, table.following)
    if order is not None:
        rows = rows[order]
    new = np.append(True, rows[1:] != rows[:-1])
    if not new.all() or order is not None:
        _refuse_twice(table, rows, new, order, where)
    first = None if new.all() else np.flatnonzero(new)
    state = np.zeros(count, np.int32) if table.state is None else table.state
    places = [_taken(column, order, first) for column in (state, *table.actions)]
    legal = legal_masks(
        places,
        shape,
        where,
        lambda state: shown_name(table.labels.state(state)),
        lambda player, action: shown_name(table.labels.action(player, action)),
    )
    del places
    require_memory((3 + len(shape), size), where, REMEDY)
    payoff = np.zeros((len(table.payoffs), size))
    for player, column in enumerate(table.payoffs):
        payoff[player, _taken(rows, None, first)] = _taken(column, order, first)
    offsets = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(rows, minlength=size), out=offsets[1:])
    following = np.zeros(count, np.int32) if table.following is None else _taken(table.following, order)
    chances = np.ones(count) if table.chances is None else _taken(table.chances, order)
    return payoff, Successors(offsets, following, chances), legal


def _rows_of(table: Table, where: str) -> np.ndarray:
    """Return where each row of the table stands in ``(S, A_1, ..., A_n)``, flat."""
    if prod(table.shape) >= 2**62:
        require_memory((3 + len(table.shape), prod(table.shape)), where, REMEDY)  # beyond what a row can be numbered in
    rows = np.zeros(len(table.payoffs[0]), np.int64)
    if table.state is not None:
        rows += table.state
    for actions, menu in zip(table.actions, table.shape[1:], strict=True):
        rows *= menu
        rows += actions
    return rows


def _taken(column: np.ndarray, order: np.ndarray | None, first: np.ndarray | None = None) -> np.ndarray:
    """Return a column in another order, and of that the entries ``first``; None: as it is."""
    if order is None:
        return column if first is None else column[first]
    return column[order if first is None else order[first]]


def _order(rows: np.ndarray, following: np.ndarray | None) -> np.ndarray | None:
    """Return what sorts by joint action and next state; None where they are sorted, as in files that a program wrote."""
    rises = rows[1:] > rows[:-1]
    if following is not None:
        rises |= (rows[1:] == rows[:-1]) & (following[1:] >= following[:-1])
    if rises.all():
        return None
    return np.argsort(rows, kind="stable") if following is None else np.lexsort((following, rows))


def _refuse_twice(table: Table, rows: np.ndarray, new: np.ndarray, order: np.ndarray | None, where: str) -> None:
    """Refuse joint actions with more than one row in a matrix game, or else with rows that pay differently."""
    wrong = ~new
    if table.state is not None:
        differs = np.zeros(len(rows), np.bool_)
        for column in table.payoffs:
            sorted_column = _taken(column, order)
            differs[1:] |= sorted_column[1:] != sorted_column[:-1]
        wrong &= differs
    if wrong.any():
        state, *actions = np.unravel_index(rows[np.flatnonzero(wrong)[0]], table.shape)
        what = ", ".join(shown_name(table.labels.action(i, int(a))) for i, a in enumerate(actions))
        at = f" at {shown_name(table.labels.state(int(state)))}" if table.shape[0] > 1 else ""
        say = "more than one row" if table.state is None else "rows with different payoffs"
        raise GameError(f"cannot read {where}: the joint action ({what}){at} has {say}")


FORMAT = Format(read, write, payoffs)
