"""What a dynamic is given, checked once: the game, the starts, the rates, and which moments are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl.equilibria._checks import mixed_actions, payoff_matrices, payoff_tensor, real_array
from gametheory_rl.equilibria._scaling import normalised


@dataclass(frozen=True, eq=False)
class Arena:
    """A game and where its players start; strategies of all players lie in one row of numbers."""

    payoffs: np.ndarray
    """``[n, A_1, ..., A_n]`` as given; a population's matrix twice, seen from either side"""
    played: np.ndarray
    """``[players, cells]`` mapped to [0, 1], flat"""
    start: np.ndarray
    """``[B, total]``"""
    batch: tuple[int, ...]
    """Leading axes of the starts; their product is B."""

    @property
    def shape(self) -> np.ndarray:
        """``[n]`` int64: how many actions there are along each axis of the payoffs."""
        return np.array(self.payoffs.shape[1:], np.int64)

    @property
    def begin(self) -> np.ndarray:
        """``[n]`` int64: where strategies begin in a row of numbers."""
        ends = np.cumsum(self.shape)
        return np.zeros(2, np.int64) if len(self.played) < len(self.payoffs) else ends - self.shape

    @property
    def actions(self) -> np.ndarray:
        """``[players]`` int64: each player's number of actions; one entry for one population."""
        return self.shape[: len(self.played)]

    def split(self, rows: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return ``rows`` (B, ..., total) as one ``(batch..., ..., A_i)`` array per player."""
        shaped = rows.reshape(*self.batch, *rows.shape[1:])
        return tuple(np.split(shaped, np.cumsum(self.actions)[:-1], axis=-1))

    def rates(self, rate: Any, what: str = "rate", *, default: Any = 1.0) -> np.ndarray:
        """Return ``rate``, per unit of payoff, per span of each player's payoffs; ``default`` is that already.

        Raises
        ------
        GameError
            Not one positive number, or one per player.
        """
        players = len(self.played)
        if rate is None:
            return np.broadcast_to(np.asarray(default, np.float64), (players,)).copy()
        given = real_array(rate, what)
        if given.shape not in ((), (players,)) or not (given > 0.0).all():
            raise GameError(f"{what} is {rate!r}, a positive number was expected, or {players} of them, one per player")
        payoffs = self.payoffs[:players].reshape(players, -1)
        with np.errstate(over="ignore"):
            per_span = given * payoffs.max(axis=1) - given * payoffs.min(axis=1)
        if not np.isfinite(per_span).all():
            raise GameError(f"{what} times the span of the payoffs is beyond float64, which was to be a number of moderate size")
        return per_span


def arena(payoffs: Any, start: Any, *, population: bool = False) -> Arena:
    """Return the checked game and starts; ``population``: a matrix is one population that plays against itself.

    Raises
    ------
    GameError
        Payoffs that are not (n, A_1, ..., A_n) or (m, m), or starts that are no mixed actions of that game.
    """
    given = real_array(payoffs, "the payoff array")
    alone = population and given.ndim == 2 and (given.shape[0] != 1 or given.shape == (1, 1))
    if alone:
        matrix = payoff_matrices(given)
        if matrix.shape[0] != matrix.shape[1]:
            raise GameError(f"the payoff matrix has shape {matrix.shape}; one population needs (m, m), several players (n, A_1, ..., A_n)")
        both = np.stack([matrix, matrix.T])
    else:
        both = payoff_tensor(given)
    played = normalised(both).reshape(len(both), -1)[: 1 if alone else None]
    begin, batch = _starts(start, both.shape[1:2] if alone else both.shape[1:])
    return Arena(both, np.ascontiguousarray(played), begin, batch)


def _starts(start: Any, actions: tuple[int, ...]) -> tuple[np.ndarray, tuple[int, ...]]:
    """Return starts as rows (B, total), and their leading axes; uniform play where there are none."""
    if start is None:
        start = [np.full(k, 1.0 / k) for k in actions]
    elif len(actions) == 1 and not (isinstance(start, tuple) and len(start) == 1):
        start = (start,)
    if len(start) != len(actions):
        raise GameError(f"start has {len(start)} mixed actions, {len(actions)} were expected, one per player")
    arrays = []
    for i, (x, size) in enumerate(zip(start, actions, strict=True)):
        array = real_array(x, f"the start of player {i}")
        if array.ndim == 0 or array.shape[-1] != size:
            raise GameError(f"the start of player {i} has shape {array.shape}, (..., {size}) was expected")
        inside = np.maximum(mixed_actions(array, array.shape, f"the start of player {i}"), 0.0)
        arrays.append(inside / inside.sum(axis=-1, keepdims=True))
    try:
        batch = np.broadcast_shapes(*(array.shape[:-1] for array in arrays))
    except ValueError:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise GameError(f"the starts have shapes {shapes}: their leading axes were expected to agree") from None
    rows = [np.broadcast_to(array, (*batch, array.shape[-1])) for array in arrays]
    return np.ascontiguousarray(np.concatenate(rows, axis=-1)).reshape(-1, sum(actions)), batch


def positive(number: Any, what: str) -> float:
    """Return ``number`` as a float, finite and above 0."""
    try:
        value = float(number)
    except (TypeError, ValueError):
        value = np.nan
    if not 0.0 < value < np.inf:
        raise GameError(f"{what} is {number!r}, a positive number was expected")
    return value


def whole(number: Any, what: str) -> int:
    """Return ``number`` as an int of at least 1."""
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 1:
        raise GameError(f"{what} is {number!r}, a whole number from 1 up was expected")
    return int(number)


def moments(records: Any, first: float, last: float, grain: float) -> np.ndarray:
    """Return the moments to keep as int64 multiples of ``grain``, ascending, ``last`` among them.

    A number of records is spread evenly from ``first`` on; given moments are moved to the nearest multiple.

    Raises
    ------
    GameError
        No number of at least 1, or moments that are not ascending numbers from ``first`` to ``last``.
    """
    if np.ndim(records) == 0:
        count = min(whole(records, "records"), int((last - first) / grain) + 1)
        wanted = np.linspace(first, last, count) if count > 1 else np.array([last])
    else:
        wanted = real_array(records, "records")
        if wanted.ndim != 1 or np.any(np.diff(wanted) <= 0.0) or wanted.size == 0 or wanted[0] < first or wanted[-1] > last * (1 + 1e-12):
            raise GameError(f"records are {records!r}, ascending numbers from {first:g} to {last:g} were expected")
    return np.unique(np.append(np.rint(wanted / grain), round(last / grain)).astype(np.int64))


def dividing(records: Any, duration: float, parts: int) -> int:
    """Return the first number of parts from ``parts`` on that has all the records on its grid; a thousand at most are tried."""
    if np.ndim(records) == 0:
        intervals = whole(records, "records") - 1
        return parts if intervals < 1 or intervals > parts else -(-parts // intervals) * intervals
    shares = real_array(records, "records").ravel() / duration
    for more in range(parts, max(1001, parts + min(parts, 1000))):
        if np.all(np.abs(shares * more - np.rint(shares * more)) < 1e-9):
            return more
    return parts


def random_starts(payoffs: Any, count: int, *, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Return starts drawn uniformly from the players' simplices, to pass as ``start``.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) or (m, m) array
        The game; a matrix is one population.
    count : int
        How many.
    seed : int
        Same seed, same starts.

    Returns
    -------
    tuple of (count, A_i) arrays
        One for each player, or a single one for a population.

    Raises
    ------
    GameError
        Payoffs of another shape, or a count below 1.

    Examples
    --------
    >>> x, y = random_starts([[[1, 0, 2], [0, 1, 2]], [[0, 1, 2], [1, 0, 2]]], 5)
    >>> x.shape, y.shape
    ((5, 2), (5, 3))
    """
    count = whole(count, "count")
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise GameError(f"seed is {seed!r}, an integer from 0 up was expected")
    rng = np.random.default_rng(seed)
    return tuple(rng.dirichlet(np.ones(k), count) for k in arena(payoffs, None, population=True).actions)
