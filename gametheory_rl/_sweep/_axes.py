"""Axes of a design: what a setting is varied over."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl._support._streams_kernels import uniform_plain

RANGES = ("uniform", "log_uniform", "integers")


@dataclass(frozen=True)
class Axis:
    """One setting and its values, or the range that they are drawn from."""

    name: str
    values: tuple[Any, ...] = ()
    """At least one, unless there is a range."""
    kind: str = ""
    """``uniform``, ``log_uniform`` (both half open) or ``integers`` (both ends included)."""
    low: float = 0.0
    high: float = 0.0

    def at(self, share: float) -> Any:
        """Return the value that lies ``share`` of [0, 1) along the axis."""
        if not self.kind:
            return self.values[int(share * len(self.values))]
        if self.kind == "integers":
            return int(self.low) + int(share * (int(self.high) - int(self.low) + 1))
        if self.kind == "log_uniform":
            return math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        return self.low + share * (self.high - self.low)


@dataclass(frozen=True)
class Varied:
    """A game or a learner, with what is varied of it."""

    name: str
    axes: tuple[Axis, ...]
    game: Any = None
    """A game given as an object, or by a file; None: a name of the catalogue."""
    digest: str | None = None
    """Of that game."""


def axes_of(table: Mapping[str, Any], where: str) -> tuple[Axis, ...]:
    """Return an axis for each entry of ``table``: a list is varied over, a table names a range, anything else stands still.

    Raises
    ------
    GameError
        An empty list, an unknown range, or one whose ends are no numbers in order.
    """
    return tuple(_axis(str(name), value, f"{where}: {name}") for name, value in table.items())


def _axis(name: str, value: Any, where: str) -> Axis:
    if isinstance(value, list | tuple):
        if not value:
            raise GameError(f"{where} is an empty list, at least one value was expected")
        return Axis(name, tuple(value))
    if not isinstance(value, Mapping):
        return Axis(name, (value,))
    if len(value) != 1:
        raise GameError(f"{where} is a table of {len(value)} entries, one range was expected, as in {{ uniform = [0.0, 1.0] }}")
    ((kind, ends),) = value.items()
    if kind not in RANGES:
        raise UnknownNameError("range of a random design", str(kind), RANGES)
    low, high = _ends(ends, kind, where)
    return Axis(name, (), kind, low, high)


def _ends(ends: Any, kind: str, where: str) -> tuple[float, float]:
    whole = kind == "integers"
    fine = isinstance(ends, list | tuple) and len(ends) == 2
    fine = fine and all(isinstance(end, int if whole else int | float) and not isinstance(end, bool) for end in ends)
    if not fine or not all(math.isfinite(end) for end in ends) or ends[0] > ends[1]:
        raise GameError(f"{where} has the range {kind} = {ends!r}, two {'integers' if whole else 'numbers'} in order were expected")
    if kind == "log_uniform" and ends[0] <= 0:
        raise GameError(f"{where} has the range log_uniform = {list(ends)!r}, two numbers above 0 were expected")
    return ends[0], ends[1]


def require_lists(axes: tuple[Axis, ...], where: str) -> None:
    """Refuse a range in a grid, which has no end."""
    for axis in axes:
        if axis.kind:
            raise GameError(f"{where}: {axis.name} is a range, which a grid cannot run through; give a list, or a random design")


def size(axes: tuple[Axis, ...]) -> int:
    """Return how many points the grid of ``axes`` has."""
    return math.prod(len(axis.values) for axis in axes)


def grid(axes: tuple[Axis, ...]) -> Iterator[dict[str, Any]]:
    """Yield every point of the grid, the last axis moving fastest."""
    for values in product(*(axis.values for axis in axes)):
        yield {axis.name: value for axis, value in zip(axes, values, strict=True)}


def drawn(axes: tuple[Axis, ...], seed: int, draw: int, part: str) -> dict[str, Any]:
    """Return point number ``draw`` of the random design: each axis has a stream of its own, so no other axis or count changes it."""
    return {axis.name: axis.at(share(seed, f"{part}/{axis.name}", draw)) for axis in axes}


def share(seed: int, name: str, draw: int) -> float:
    """Return number ``draw`` of the stream ``name``, uniform in [0, 1)."""
    key = int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:8], "little")
    return uniform_plain(key, draw)
