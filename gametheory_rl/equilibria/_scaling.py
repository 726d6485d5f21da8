"""Payoffs of n players in a form that their scales and offsets do not show in."""

from __future__ import annotations

from math import prod

import numpy as np

EPS = float(np.finfo(float).eps)
ULPS = 8
"""Payoffs that differ by so many units in the last place of the player's largest one are called equal."""


def normalised(payoffs: np.ndarray) -> np.ndarray:
    """Return ``payoffs`` (n, ...) with each player's mapped to [0, 1]; constant ones become zeros."""
    return with_rounding(payoffs)[0]


def rounding(payoffs: np.ndarray) -> np.ndarray:
    """Return ``(n,)``: up to which difference of normalised payoffs rounding of the given ones may be the cause.

    An offset costs digits: beside 1e9 a difference of 1 is only known to 1e-6.
    """
    return with_rounding(payoffs)[1]


def with_rounding(payoffs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return ``normalised(payoffs)`` and ``rounding(payoffs)``."""
    flat = payoffs.reshape(len(payoffs), prod(payoffs.shape[1:]))
    low, high = flat.min(axis=1, keepdims=True), flat.max(axis=1, keepdims=True)
    size, exponent = np.frexp(np.maximum(np.abs(low), np.abs(high)))
    low, high = np.ldexp(low, -exponent), np.ldexp(high, -exponent)
    span = high - low  # of numbers up to 1: it cannot overflow
    span[span == 0.0] = 1.0
    shape = (-1, *[1] * (payoffs.ndim - 1))
    scaled = np.ldexp(payoffs, -exponent.reshape(shape))  # a power of two: no digit is lost
    return (scaled - low.reshape(shape)) / span.reshape(shape), ULPS * EPS * (size / span)[:, 0]
