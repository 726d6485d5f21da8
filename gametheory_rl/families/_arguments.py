"""What every builder asks of its arguments, refused in a sentence that names the argument."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from gametheory_rl._games import Successors
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory

LABELLED_STATES = 20_000
"""Boards with more states than this carry no state labels: millions of strings would outweigh the game."""

Cell = tuple[int, int]


def integer(value: Any, name: str, least: int, most: int | None = None) -> int:
    """Return ``value`` as an int in ``[least, most]``."""
    wanted = f"an integer from {least} to {most}" if most is not None else f"an integer of at least {least}"
    try:
        number = operator.index(value)
    except TypeError:
        raise GameError(f"{name} is {value!r}, {wanted} was expected") from None
    if isinstance(value, bool) or number < least or (most is not None and number > most):
        raise GameError(f"{name} is {value!r}, {wanted} was expected")
    return number


def real(value: Any, name: str, least: float = -np.inf, most: float = np.inf) -> float:
    """Return ``value`` as a finite float in ``[least, most]``."""
    wanted = "a finite number" if least == -np.inf and most == np.inf else f"a number in [{least:g}, {most:g}]"
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise GameError(f"{name} is {value!r}, {wanted} was expected") from None
    if isinstance(value, str | bool) or not np.isfinite(number) or not least <= number <= most:
        raise GameError(f"{name} is {value!r}, {wanted} was expected")
    return number


def cell(value: Any, name: str, rows: int, columns: int) -> Cell:
    """Return ``value`` as a (row, column) on the board."""
    if isinstance(value, str) or not isinstance(value, Sequence | np.ndarray) or len(value) != 2:
        raise GameError(f"{name} is {value!r}, a cell (row, column) was expected")
    return integer(value[0], f"the row of {name}", 0, rows - 1), integer(value[1], f"the column of {name}", 0, columns - 1)


def require_rows(rows: int, width: int, what: str) -> None:
    """Refuse a game of ``rows`` joint actions with ``width`` successors each, before any of it is built.

    About 64 bytes an entry are taken while the lists are built and checked, a fifth of that afterwards.
    """
    require_memory((rows, width), what, "choose smaller parameters", item_bytes=64)


def successor_rows(states: np.ndarray, probabilities: np.ndarray) -> Successors:
    """Pack equally long successor lists: rows sorted, duplicates summed, zeros dropped.

    Parameters
    ----------
    states : ndarray, shape (rows, k), int
    probabilities : ndarray, shape (rows, k) or (k,)
        The probability of each entry; the entries of one row may name the same state repeatedly.
    """
    order = np.argsort(states, axis=1, kind="stable")
    states = np.take_along_axis(states, order, axis=1)
    weights = np.take_along_axis(np.broadcast_to(probabilities, states.shape), order, axis=1)
    for column in range(states.shape[1] - 1, 0, -1):
        same = states[:, column] == states[:, column - 1]
        weights[same, column - 1] += weights[same, column]
        weights[same, column] = 0.0
    kept = weights > 0
    offsets = np.zeros(len(states) + 1, dtype=np.int64)
    np.cumsum(kept.sum(axis=1), out=offsets[1:])
    return Successors(offsets, states[kept], weights[kept])
