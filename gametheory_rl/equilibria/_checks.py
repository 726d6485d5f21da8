"""What a stage game and a strategy must be, checked once at the door."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError

SUM_TOLERANCE = 1e-8
"""How far from 1 the probabilities of a strategy may add up."""
PAYOFFS = "the payoff matrix"


def real_array(values: Any, what: str, *, finite: bool = True) -> np.ndarray:
    """Return ``values`` as a C-contiguous float64 array, finite unless that is checked later; copies only what is not one.

    Raises
    ------
    GameError
        Ragged, not numbers, complex, or NaN or infinite somewhere; the message says where.
    """
    try:
        array = np.asarray(values)
    except ValueError:
        raise GameError(f"{what} is ragged: rows of equal length were expected") from None
    if array.dtype.kind not in "fiub":
        raise GameError(f"{what} holds {array.dtype} entries, real numbers were expected")
    array = np.array(array, np.float64, order="C", copy=None)
    if not array.flags.carray:  # a read-only or unaligned array is another type to numba, and compiles again
        array = array.copy()
    if finite:
        require_finite(array, what)
    return array


def require_finite(array: np.ndarray, what: str) -> None:
    """Refuse NaN and infinity, with the place of the first."""
    finite = np.isfinite(array)
    if not finite.all():
        place = tuple(int(k) for k in np.argwhere(~finite)[0])
        raise GameError(f"{what} is {array[place]} at {place}, finite numbers were expected")


def payoff_matrices(A: Any, what: str = PAYOFFS, *, finite: bool = True) -> np.ndarray:
    """Return ``A`` as float64 ``(..., m, n)`` with at least one action on each side; ``finite=False``: NaN is found later."""
    array = real_array(A, what, finite=finite)
    if array.ndim < 2:
        raise GameError(f"{what} has shape {array.shape}, (..., m, n) was expected")
    if 0 in array.shape[-2:]:
        raise GameError(f"{what} has shape {array.shape}, at least one row and one column were expected")
    return array


def payoff_tensor(payoffs: Any) -> np.ndarray:
    """Return ``payoffs`` as float64 ``(n, A_1, ..., A_n)`` with at least one player and one action each."""
    array = real_array(payoffs, "the payoff array")
    players = array.shape[0] if array.ndim else 0
    if players == 0 or array.ndim != players + 1 or 0 in array.shape:
        raise GameError(f"the payoff array has shape {array.shape}, (n, A_1, ..., A_n) was expected: one axis per player after the first")
    return array


def payoff_pair(A: Any, B: Any) -> np.ndarray:
    """Return the payoffs of two players as float64 ``(2, ..., m, n)``, leading axes broadcast."""
    pair = payoff_matrices(A, "the payoff matrix A"), payoff_matrices(B, "the payoff matrix B")
    shapes = [matrix.shape for matrix in pair]
    try:
        if shapes[0][-2:] == shapes[1][-2:]:
            return np.stack(np.broadcast_arrays(*pair))
    except ValueError:
        pass
    raise GameError(f"the payoff matrices A and B have shapes {shapes[0]} and {shapes[1]}, one shape was expected")


def one_each(given: Any, players: int, what: str) -> Sequence[Any]:
    """Return ``given`` if it holds one entry for each player."""
    try:
        count = len(given)
    except TypeError:
        raise GameError(f"{what} is {given!r}, {players} strategies were expected, one per player") from None
    if count != players or isinstance(given, str | dict | set):
        raise GameError(f"{what} has {count} strategies, {players} were expected, one per player")
    return given


def tolerance(tol: Any, *, zero: bool = True) -> float:
    """Return ``tol``, a number of at least 0, or above 0 where there is nothing without error."""
    number = np.float64(tol) if isinstance(tol, Real) else np.nan
    if not (number >= 0.0 if zero else number > 0.0):
        raise GameError(f"tol is {tol!r}, a {'number of at least 0' if zero else 'positive number'} was expected")
    return float(number)


def joint_distribution(distribution: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return ``distribution`` as float64 of ``shape`` (A_1, ..., A_n), all of it one probability distribution."""
    array = real_array(distribution, "the distribution")
    if array.shape != shape:
        raise GameError(f"the distribution has shape {array.shape}, {shape} was expected: one probability for each joint action")
    return mixed_actions(array.ravel(), (array.size,), "the distribution").reshape(shape)


def mixed_actions(x: Any, shape: tuple[int, ...], what: str) -> np.ndarray:
    """Return ``x`` as float64 of ``shape``, its last axis a probability distribution."""
    array = real_array(x, what)
    if array.shape != shape:
        raise GameError(f"{what} has shape {array.shape}, {shape} was expected")
    if array.size and array.min() < -SUM_TOLERANCE:
        raise GameError(f"{what} has the negative probability {array.min():.6g}")
    sums = array.sum(axis=-1)
    wrong = np.abs(sums - 1.0) > SUM_TOLERANCE
    if np.any(wrong):
        raise GameError(f"{what} adds up to {sums[wrong].flat[0] if sums.ndim else sums:.10g}, 1 was expected")
    return array
