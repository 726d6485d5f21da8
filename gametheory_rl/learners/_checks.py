"""Small checks and shapes that the learners share."""

from __future__ import annotations

import math
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
