"""Payoffs of n players in a form that their scales and offsets do not show in."""

from __future__ import annotations

import numpy as np

ULPS = 8
"""Payoffs that differ by so many units in the last place of the player's largest one are called equal."""


def normalised(payoffs: np.ndarray) -> np.ndarray:
    """Return ``payoffs`` (n, ...) with each player's mapped to [0, 1]; constant ones become zeros."""
    axes = tuple(range(1, payoffs.ndim))
    _, exponent = np.frexp(np.abs(payoffs).max(axis=axes, keepdims=True))
    scaled = np.ldexp(payoffs, -exponent)  # a power of two: no digit is lost, and the span cannot overflow
    low = scaled.min(axis=axes, keepdims=True)
    span = scaled.max(axis=axes, keepdims=True) - low
    return (scaled - low) / np.where(span > 0.0, span, 1.0)


def rounding(payoffs: np.ndarray) -> np.ndarray:
    """Return ``(n,)``: up to which difference of normalised payoffs rounding of the given ones may be the cause.

    An offset costs digits: beside 1e9 a difference of 1 is only known to 1e-6.
    """
    axes = tuple(range(1, payoffs.ndim))
    size = np.abs(payoffs).max(axis=axes)
    _, exponent = np.frexp(size)
    scaled = np.ldexp(payoffs, -exponent.reshape(-1, *[1] * len(axes)))
    span = scaled.max(axis=axes) - scaled.min(axis=axes)
    return ULPS * np.finfo(float).eps * np.ldexp(size, -exponent) / np.where(span > 0.0, span, 1.0)
