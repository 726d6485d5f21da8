"""Schedules of step sizes and exploration: frozen, and evaluated by the loops from a tuple of floats."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Literal

from gametheory_rl._support._errors import GameError
from gametheory_rl.learners._schedule_kernels import CONSTANT, EXPONENTIAL, LINEAR, STEPS, VISITS, rate

Kind = Literal["constant", "visits", "steps", "exponential", "linear"]
_CODES = {"constant": CONSTANT, "visits": VISITS, "steps": STEPS, "exponential": EXPONENTIAL, "linear": LINEAR}


@dataclass(frozen=True)
class Schedule:
    """A number in [0, 1] that changes over training; build it by one of the class methods."""

    kind: Kind
    start: float
    """Value at the first step."""
    end: float = 0.0
    """Where ``exponential`` and ``linear`` arrive and stay; a floor for ``visits`` and ``steps``."""
    power: float = 1.0
    scale: float = 1.0
    """Steps or visits; the unit of the decay."""

    def __post_init__(self) -> None:
        if self.kind not in _CODES:
            raise GameError(f"kind of schedule is {self.kind!r}, one of {', '.join(_CODES)} was expected")
        for name, low, high in (("start", 0.0, 1.0), ("end", 0.0, 1.0), ("power", 0.0, math.inf), ("scale", 0.0, math.inf)):
            number = getattr(self, name)
            if not (isinstance(number, Real) and not isinstance(number, bool) and low <= float(number) <= high and math.isfinite(number)):
                raise GameError(f"{name} of a schedule is {number!r}, a number in [{low:g}, {high:g}] was expected")
        if self.scale == 0 or (self.kind == "exponential" and min(self.start, self.end) == 0):
            raise GameError(f"a schedule of kind {self.kind!r} needs positive start, end and scale: {self}")

    @classmethod
    def constant(cls, value: float) -> Schedule:
        """Return ``value`` for ever."""
        return cls("constant", value, value)

    @classmethod
    def by_visits(cls, power: float = 1.0, *, start: float = 1.0, scale: float = 1.0, end: float = 0.0) -> Schedule:
        """Return ``start / (1 + n / scale)^power``, at least ``end``.

        ``n`` counts the earlier visits: of a state for exploration; of the entry that is updated, a state with the player's own
        action or the joint action, for a step size. Powers in (1/2, 1] meet the Robbins-Monro conditions.
        """
        return cls("visits", start, end, power, scale)

    @classmethod
    def by_steps(cls, power: float = 1.0, *, start: float = 1.0, scale: float = 1.0, end: float = 0.0) -> Schedule:
        """Return ``start / (1 + step / scale)^power``, at least ``end``."""
        return cls("steps", start, end, power, scale)

    @classmethod
    def exponential(cls, start: float, end: float, steps: float) -> Schedule:
        """Return a geometric decay from ``start`` to ``end`` over ``steps`` steps, and ``end`` from there on.

        Littman (1994) has ``exponential(1.0, 0.01, 10**6)``: a factor of ``10^(log10(0.01) / 10^6)`` a step.
        """
        return cls("exponential", start, end, 1.0, steps)

    @classmethod
    def linear(cls, start: float, end: float, steps: float) -> Schedule:
        """Return a straight line from ``start`` to ``end`` over ``steps`` steps, and ``end`` from there on."""
        return cls("linear", start, end, 1.0, steps)

    @property
    def floats(self) -> tuple[float, float, float, float, float]:
        """The form that kernels take: kind, start, end, power (of ``exponential``: log(end / start)), 1 / scale."""
        power = math.log(self.end / self.start) if self.kind == "exponential" else self.power
        return (_CODES[self.kind], float(self.start), float(self.end), float(power), 1.0 / self.scale)

    def at(self, step: int = 0, visits: int = 0) -> float:
        """Return the value at ``step`` after ``visits`` earlier visits."""
        return float(rate(self.floats, step, visits))


def as_schedule(value: Schedule | float, what: str) -> Schedule:
    """Return ``value`` as a schedule; a number stands for a constant one."""
    if isinstance(value, Schedule):
        return value
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= value <= 1:
        raise GameError(f"{what} is {value!r}, a number in [0, 1] or a Schedule was expected")
    return Schedule.constant(float(value))
