"""Payoffs and strategies as exact rationals, checked at the door."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import gcd, isfinite, lcm
from numbers import Rational
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError


def rationals(values: Any, what: str) -> np.ndarray:
    """Return ``values`` as an object array of Fractions; floats are taken at their word.

    Raises
    ------
    GameError
        Ragged, or an entry that is no finite real number; the message says where.
    """
    try:
        array = np.asarray(values)
        array = array if array.dtype.kind in "fiub" else np.array(values, dtype=object)
    except ValueError:
        raise GameError(f"{what} is ragged: rows of equal length were expected") from None
    found = np.empty(array.shape, object)
    for place in np.ndindex(array.shape):
        found[place] = _rational(array[place], what, place)
    return found


def _rational(value: Any, what: str, place: tuple[int, ...]) -> Fraction:
    if isinstance(value, list | tuple | np.ndarray):
        raise GameError(f"{what} is ragged: rows of equal length were expected")
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, float | Decimal):
        if not isfinite(value):
            raise GameError(f"{what} is {value} at {place}, finite numbers were expected")
        return Fraction(value)
    raise GameError(f"{what} is {value!r} at {place}, an integer, a fraction or a float was expected")


def payoff_matrix(values: Any, what: str) -> np.ndarray:
    """Return one payoff matrix (m, n) as Fractions, with at least one action on each side."""
    matrix = rationals(values, what)
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise GameError(f"{what} has shape {matrix.shape}, (m, n) with at least one row and one column was expected")
    return matrix


def mixed_action(values: Any, count: int, what: str) -> np.ndarray:
    """Return a strategy (count,) as Fractions that add up to exactly 1."""
    strategy = rationals(values, what)
    if strategy.shape != (count,):
        raise GameError(f"{what} has shape {strategy.shape}, {(count,)} was expected")
    if min(strategy) < 0:
        raise GameError(f"{what} has the negative probability {min(strategy)}")
    if strategy.sum() != 1:
        raise GameError(f"{what} adds up to {strategy.sum()}, exactly 1 was expected")
    return strategy


def normalised(matrix: np.ndarray) -> list[list[int]]:
    """Return (a - min) + (max - min) in the smallest integers: the same for every positive affine rescaling of the payoffs."""
    numbers = [list(row) for row in matrix]
    scale = lcm(*(a.denominator for row in numbers for a in row))
    whole = [[int(a * scale) for a in row] for row in numbers]
    low, high = min(map(min, whole)), max(map(max, whole))
    if low == high:
        return [[1] * len(row) for row in whole]
    shared = gcd(*(a - low for row in whole for a in row))
    return [[(a - low + high - low) // shared for a in row] for row in whole]
