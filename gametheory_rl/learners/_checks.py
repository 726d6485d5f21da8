"""Small checks and shapes that the learners share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError


def checked_number(value: Any, what: str) -> float:
    """Return ``value`` as a finite float."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.floating | np.integer) or not math.isfinite(value):
        raise GameError(f"{what} is {value!r}, a finite number was expected")
    return float(value)


def strides_of(num_actions: tuple[int, ...]) -> np.ndarray:
    """Return ``(n,)`` strides of joint actions in C order."""
    return np.cumprod([1, *num_actions[:0:-1]], dtype=np.int64)[::-1].copy()


def padded_legal(legal: Sequence[np.ndarray]) -> np.ndarray:
    """Return the masks of legal actions as one array ``(S, n, A)``, A the largest action count."""
    padded = np.zeros((len(legal[0]), len(legal), max(mask.shape[1] for mask in legal)), bool)
    for player, mask in enumerate(legal):
        padded[:, player, : mask.shape[1]] = mask
    return padded


def menus(legal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the legal actions ``(S, n, A)`` packed to the left, in their order, and how many they are, ``(S, n)``."""
    # A stable sort by illegality packs them.
    return np.argsort(~legal, axis=2, kind="stable"), legal.sum(axis=2)
