"""What the fields of methods may be; anything else is refused in a sentence."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError


def whole(method: Any, name: str, low: int, high: int) -> None:
    """Refuse a field that is not a whole number in [low, high]."""
    value = getattr(method, name)
    if isinstance(value, float) and value.is_integer():
        object.__setattr__(method, name, int(value))
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not low <= value <= high:
        raise GameError(f"{name} is {value!r}, a whole number from {low} to {high} was expected")


def between(method: Any, name: str, low: float, high: float) -> None:
    """Refuse a field that is not a number in [low, high]."""
    value = getattr(method, name)
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not low <= value <= high:
        raise GameError(f"{name} is {value!r}, a number from {low} to {high} was expected")


def widths(method: Any, name: str) -> None:
    """Refuse a field that is not a tuple of layer widths; one number, or a list, becomes one."""
    value = getattr(method, name)
    listed = (value,) if isinstance(value, int | np.integer) else value
    sound = isinstance(listed, list | tuple | np.ndarray) and all(
        isinstance(each, int | np.integer) and each is not True for each in listed
    )
    sizes = tuple(int(size) for size in listed) if sound else (0,)
    if any(not 1 <= size <= 2**16 for size in sizes) or not sizes:
        raise GameError(f"{name} is {value!r}, the widths of hidden layers were expected, such as (64, 64)")
    object.__setattr__(method, name, sizes)


def numbers(method: Any, name: str) -> tuple[float, ...]:
    """Return a field as finite numbers, one an agent or an action; refuses anything else."""
    value = getattr(method, name)
    try:
        found = np.asarray(value, float)
    except (TypeError, ValueError):
        found = np.array(np.nan)
    if found.ndim != 1 or not np.isfinite(found).all() or isinstance(value, str | bytes):
        raise GameError(f"{name} is {value!r}, a list of finite numbers was expected")
    return tuple(found.tolist())


def word(method: Any, name: str, allowed: Collection[str], expected: str) -> None:
    """Refuse a field that is none of the ``allowed`` words; ``expected`` says which these are."""
    value = getattr(method, name)
    if not isinstance(value, str) or value not in allowed:
        raise GameError(f"{name} is {value!r}, {expected} was expected")
