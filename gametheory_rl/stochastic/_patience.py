"""Patient play: strategies with chances far below the precision of float64, found and proved in integers of as many bits as they need.

In a concurrent game the side that reaches may have no optimal strategy, only one for every margin, and the smaller the margin, the rarer it
must do what makes progress (Everett 1957). With a leak, a chance ``z`` that play ends after a step, lost, stationary strategies are
optimal (Shapley 1953), and their values rise to the value as ``z`` falls (Mertens & Neyman 1981), each like a power of ``z``
(Bewley & Kohlberg 1976). So ``z`` is divided by a constant again and again, the values are foretold from the last three, and Newton's
method (Pollatschek & Avi-Itzhak 1969) puts them right.

The proof rests on none of this. Numbers ``w`` and a strategy such that one step against any action leads to at least ``w / (1 - z)`` in
expectation, exactly, are reached at least: ``w`` rises in expectation as long as play lasts, by a share of itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory_rl.equilibria import exact
from gametheory_rl.stochastic._moves import Moves

MOST_STATES = 160
"""More undecided states than these are left alone: linear equations in long integers take up to the cube."""
FIRST, LAST = 4, 1000
"""The leak falls from 2 ** -FIRST to 2 ** -LAST at most: smaller chances are no float64."""
EASY, MOST_BITS = 3, 16
"""The leak is divided by twice as much, up to 2 ** MOST_BITS, after so few steps of Newton's method, by half as much where they fail."""
GUARD = 64
"""Bits of a number beyond three times those of the leak, one for each place where it divides."""
TRIES = 14
"""Most steps of Newton's method for one leak."""
WARMING = 24
"""Sweeps per expected length of play to solve the first game."""
ROUNDINGS = 2000
"""Most ways to round a strategy that are tried: a mixture must be exact to about the leak."""
CLOSE = 0.125
"""Share of the tolerance that may be left to gain when no more is tried."""


@dataclass(frozen=True, eq=False)
class Part:
    """The undecided states as a game in integers; elsewhere play ends and the lower bound is paid."""

    states: np.ndarray
    """``[k]``"""
    menus: list[tuple[np.ndarray, np.ndarray]]
    """Legal own and opponent's actions of each"""
    offsets: np.ndarray
    """``[k + 1]`` where the rows of each begin: own actions before the opponent's"""
    starts: np.ndarray
    """``[R + 1]`` where the entries of each row begin"""
    successors: np.ndarray
    """``[entries]``"""
    weights: np.ndarray
    """``[entries]`` object: integers in proportion to the probabilities"""
    sums: np.ndarray
    """``[R]`` object: their sums"""
    outside: list[tuple[int, int]]
    """``[S]`` the lower bounds as ratios of integers"""
    place: np.ndarray
    """``[S]`` the number of an undecided state among them, -1 elsewhere"""

    @classmethod
    def of(cls, moves: Moves, lower: np.ndarray, states: np.ndarray) -> Part:
        """Return the game of ``states`` (k,)."""
        own, other = moves.sizes
        menus = [(np.flatnonzero(moves.legal[0][s]), np.flatnonzero(moves.legal[1][s])) for s in states]
        rows = [((s * own + a[:, np.newaxis]) * other + b).ravel() for s, (a, b) in zip(states, menus, strict=True)]
        matrix = moves.matrix[np.concatenate(rows)].tocsr()
        matrix.eliminate_zeros()
        weights = _integers(matrix.data)
        place = np.full(moves.num_states, -1)
        place[states] = np.arange(len(states))
        starts = matrix.indptr.astype(np.int64)
        offsets = np.concatenate([[0], np.cumsum([len(part) for part in rows])])
        sums = np.add.reduceat(weights, starts[:-1])
        outside = [float(bound).as_integer_ratio() for bound in lower]
        return cls(states, menus, offsets, starts, matrix.indices, weights, sums, outside, place)

    def everywhere(self, values: list[int], bits: int) -> np.ndarray:
        """Return ``[S]`` values, those elsewhere rounded down."""
        full = np.array([(over << bits) // under for over, under in self.outside], object)
        full[self.states] = values
        return full

    def stages(self, values: list[int], bits: int) -> list[np.ndarray]:
        """Return the stage games, rounded down."""
        sums = np.add.reduceat(self.weights * self.everywhere(values, bits)[self.successors], self.starts[:-1]) // self.sums
        return [
            sums[first:last].reshape(len(a), len(b)) for first, last, (a, b) in zip(self.offsets[:-1], self.offsets[1:], self.menus, strict=True)
        ]

    def pair(self, play: list[tuple[Any, Any]], leak: int, bits: int) -> list[int]:
        """Return the values of a pair of strategies with a leak of ``2 ** -leak``."""
        size, full = len(self.states), self.everywhere([0] * len(self.states), bits)
        matrix, gain = np.zeros((size, size), object), np.zeros(size, object)
        for state, (x, y) in enumerate(play):
            for a, b in ((a, b) for a in np.flatnonzero(x) for b in np.flatnonzero(y)):
                row = self.offsets[state] + a * len(y) + b
                chance = x[a] * y[b] / int(self.sums[row])
                for entry in range(self.starts[row], self.starts[row + 1]):
                    share, to = chance * int(self.weights[entry]), self.successors[entry]
                    share = (share.numerator << bits) // share.denominator
                    if self.place[to] >= 0:
                        matrix[state, self.place[to]] -= share - (share >> leak)
                    else:
                        gain[state] += (share - (share >> leak)) * full[to] >> bits
            matrix[state, state] += 1 << bits
        return _solved(matrix, gain, bits)

    def proved(self, values: list[int], stages: list[np.ndarray], play: list[tuple[Any, Any]], leak: int) -> list[np.ndarray] | None:
        """Return own play in floats that leads from ``values`` to as much even with half the leak; None where it is not found."""
        found = []
        for value, stage, (x, _) in zip(values, stages, play, strict=True):
            row = next((row for row in _roundings(x) if _leads(row, stage, value, leak)), None)
            if row is None:
                return None
            found.append(row)
        return found


def _roundings(x: np.ndarray) -> Iterator[np.ndarray]:
    """Yield a strategy in floats, rounded and scaled by almost 1 before: their proportions differ in the last bits."""
    for scale in range(ROUNDINGS if np.count_nonzero(x) > 1 else 1):
        yield np.array([p.numerator * (2**52 + scale) / (p.denominator << 52) for p in x])


def _leads(x: np.ndarray, stage: np.ndarray, value: int, leak: int) -> bool:
    shares = _integers(x)
    paid, due = min(shares @ stage), value * int(shares.sum())
    return (paid << leak + 1) - paid >= due << leak + 1


@dataclass(frozen=True, eq=False)
class Patient:
    """What the best of the strategies found guarantees."""

    states: np.ndarray
    """``[k]``"""
    x: np.ndarray
    """``[k, m]`` the play there"""
    lower: np.ndarray
    """``[k]`` a bound from below of what it reaches, where all others keep to the play that proved the bounds elsewhere"""


def patient(moves: Moves, lower: np.ndarray, upper: np.ndarray, tol: float) -> Patient | None:
    """Return strategies for the undecided states that reach almost all that can be, with proof; None where there are too many states.

    Play elsewhere stays as it is. Its bounds may be short of the value by ``tol / 1000``.
    """
    states = np.flatnonzero(upper - lower > 1e-3 * tol)
    if not 0 < len(states) <= MOST_STATES:
        return None
    part = Part.of(moves, lower, states)
    path, best = _Path(part, _warm(moves, lower, states)), None
    while path.leak <= LAST and path.advance():
        x = part.proved(path.values, path.stages, path.play, path.leak)
        if x is None:
            break
        reached = np.array([_rounded_down(value, path.bits) for value in path.values])
        best = Patient(states, _spread(moves.legal[0][states], x), reached)
        if (upper[states] - reached).max() <= tol or path.to_gain() <= CLOSE * tol:
            break
    return best


def _warm(moves: Moves, lower: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return about the values ``(k,)`` with the first leak, by value iteration."""
    values, kept = lower.copy(), 1.0 - 2.0**-FIRST
    for _ in range(WARMING << FIRST):
        values[states] = moves.optimal(kept * moves.expected(values), states)[0][states]
    return np.clip(values[states], 0.0, 1.0)


def _rounded_down(value: int, bits: int) -> float:
    found = value / (1 << bits)
    over, under = found.as_integer_ratio()
    return found if over << bits <= value * under else float(np.nextafter(found, 0.0))


def _spread(legal: np.ndarray, rows: list[np.ndarray]) -> np.ndarray:
    """Return rows of legal actions' chances as ``[k, m]``."""
    spread = np.zeros(legal.shape)
    spread[legal] = np.concatenate(rows)
    return spread


class _Path:
    """Values of games with a falling leak."""

    def __init__(self, part: Part, values: np.ndarray) -> None:
        self.part, self.leak, self.stride = part, FIRST, 2
        self.bits = 3 * FIRST + GUARD
        self.values = [int(value * 2.0**53) << self.bits - 53 for value in values]
        self.stages: list[np.ndarray] = []
        self.play: list[tuple[Any, Any]] = []
        self.behind: list[tuple[int, list[int]]] = []

    def advance(self) -> bool:
        """Go to a smaller leak; False: no step is small enough."""
        if not self.behind:
            return self._solve(FIRST, self.values) < TRIES
        while self.stride > 0:
            steps = self._solve(self.leak + self.stride, self._foretold(self.stride))
            if steps < TRIES:
                self.stride = min(2 * self.stride, MOST_BITS) if steps <= EASY else self.stride
                return True
            self.stride //= 2
        return False

    def to_gain(self) -> float:
        """Return about how much all smaller leaks together would still add."""
        if len(self.behind) < 3:
            return np.inf
        return max(later - now for later, now in zip(self._foretold(LAST), self.values, strict=True)) / (1 << self.bits)

    def _foretold(self, stride: int) -> list[int]:
        """Return the values after the next stride by ``v - c leak ** p`` through the last three, state by state."""
        if len(self.behind) < 3:
            return self.values
        (first, before), (second, between), (third, now) = ((leak, values) for leak, values in self.behind[-3:])
        found = []
        for v1, v2, v3 in zip(before, between, now, strict=True):
            shift = (v2 - v1).bit_length()
            rise = ((v3 - v2) << 60 >> shift) / ((v2 - v1) << 60 >> shift) if v2 > v1 and v3 > v2 else 0.0
            factor = _next_rise(rise, second - first, third - second, stride)
            found.append(v3 + ((v3 - v2) * int(factor * 2.0**53) >> 53))
        return found

    def _solve(self, leak: int, values: list[int]) -> int:
        """Solve the game with a leak, from values of the last one; returns the steps taken, TRIES where that was not enough."""
        bits = 3 * leak + GUARD
        longer = bits - self.bits
        values = [value << longer for value in values]
        for steps in range(TRIES):
            stages = self.part.stages(values, bits)
            play = [_optimal(stage) for stage in stages]
            worth = [int(min(x @ stage)) for (x, _), stage in zip(play, stages, strict=True)]
            if max(abs(after - (after >> leak) - value) for after, value in zip(worth, values, strict=True)) >> bits - 2 * leak - 20 == 0:
                self.behind = [(past, [value << longer for value in held]) for past, held in self.behind[-2:]] + [(leak, values)]
                self.leak, self.bits, self.values, self.stages, self.play = leak, bits, values, stages, play
                return steps
            values = self.part.pair(play, leak, bits)
        return TRIES


def _next_rise(rise: float, before: int, last: int, stride: int) -> float:
    """Return the next rise over the last, if ``v - c 2 ** (-p leak)`` rose by ``rise`` times as much over ``last`` bits as ``before``."""
    if not 0.0 < rise < last / before:
        return 0.0
    low, high = 0.0, 1.0  # 2 ** -p
    for _ in range(60):
        q = 0.5 * (low + high)
        low, high = (q, high) if q**before * (1.0 - q**last) < rise * (1.0 - q**before) else (low, q)
    q = 0.5 * (low + high)
    return q**last * (1.0 - q**stride) / (1.0 - q**last) if q**last < 1.0 else stride / last


def _integers(numbers: np.ndarray) -> np.ndarray:
    """Return integers in exactly the proportions of ``numbers``, floats."""
    ratios = [float(number).as_integer_ratio() for number in numbers]
    common = max((under for _, under in ratios), default=1)
    return np.array([over * (common // under) for over, under in ratios], object)


def _solved(matrix: np.ndarray, gain: np.ndarray, bits: int) -> list[int]:
    """Solve linear equations in place by elimination without exchanges: rows sum to more than 0, and only the diagonal is positive."""
    size = len(gain)
    for k in range(size):
        below, beside = k + 1 + np.flatnonzero(matrix[k + 1 :, k]), k + 1 + np.flatnonzero(matrix[k, k + 1 :])
        if below.size:
            factors = (matrix[below, k] << bits) // matrix[k, k]
            matrix[np.ix_(below, beside)] -= factors[:, np.newaxis] * matrix[k, beside] >> bits
            gain[below] -= factors * gain[k] >> bits
    values = np.zeros(size, object)
    for k in reversed(range(size)):
        values[k] = ((gain[k] << bits) - int((matrix[k, k + 1 :] * values[k + 1 :]).sum())) // matrix[k, k]
    return [int(value) for value in values]


def _optimal(stage: np.ndarray) -> tuple[Any, Any]:
    """Return optimal strategies of a stage game of integers, pure ones where there are."""
    low, high = stage.min(axis=1), stage.max(axis=0)
    a, b = int(low.argmax()), int(high.argmin())
    if low[a] == high[b]:
        return _pure(len(low), a), _pure(len(high), b)
    return exact.minimax(stage).profile


def _pure(size: int, action: int) -> np.ndarray:
    return np.array([Fraction(int(i == action)) for i in range(size)], object)
