"""Patient play: strategies with chances far below the precision of float64, found and proved in integers of as many bits as they need.

In a concurrent game the side that reaches may have no optimal strategy, only one for every margin, and the smaller the margin, the rarer it
must do what makes progress (Everett 1957). With a leak, a chance ``z`` that play ends after a step, lost, stationary strategies are
optimal (Shapley 1953), and their values rise to the value as ``z`` falls (Mertens & Neyman 1981), each like a power of ``z``
(Bewley & Kohlberg 1976). So ``z`` is divided again and again, the chances of the next strategies are foretold as powers
of ``z``, and Newton's method (Pollatschek & Avi-Itzhak 1969) puts them right.

The proof rests on none of this. Let ``w`` be numbers such that one step by a strategy ``x``, against any action, leads to at least
``w / (1 - z / 2)`` in expectation, exactly, where elsewhere the old bounds ``l`` count; one step by the old strategy leads to
at least ``l``. Play ``x`` where ``w > l`` and as before elsewhere. Then ``max(w, l)`` never falls in expectation. A set of states
that the other side can keep play in for ever, without the target, has equal numbers, therefore: if ``x`` is played in one of them they
are 0, since it would raise them by a share of themselves, and if not they are ``l``, and 0 too. So ``max(w, l)`` is reached at least.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory_rl.equilibria import exact
from gametheory_rl.stochastic._moves import Moves

MOST_STATES, MOST_WORK = 1000, 10_000_000
"""Games with more undecided states, or whose linear equations may take more products of long integers to solve, are left alone."""
FIRST, LAST = 4, 1000
"""The leak falls from 2 ** -FIRST to 2 ** -LAST at most: smaller chances are no float64."""
EASY, MOST_BITS = 6, 32
"""The leak is divided by twice as much, up to 2 ** MOST_BITS, after so few steps of Newton's method, by half as much where they fail."""
GUARD = 64
"""Bits of a number beyond three times those of the leak, one for each place where it divides."""
TRIES, STEPS = 14, 240
"""Most steps of Newton's method for one leak, and for all."""
IN_VAIN = 3
"""Steps in a row without a smaller residual after which no more are made for a leak."""
WARMING = 24
"""Sweeps per expected length of play to solve the first game."""
FRICTION = 50
"""Where mixtures rounded to float64 prove nothing, others are sought, for moves that lead up by less and down by more: 2 ** -FRICTION."""
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

    def work(self) -> int:
        """Return how many products elimination takes at most, whatever is played."""
        size = len(self.states)
        of_row = np.repeat(np.arange(size), np.diff(self.offsets))
        owner, to = np.repeat(of_row, np.diff(self.starts)), self.place[self.successors]
        filled, total = np.zeros((size, size), dtype=bool), 0
        filled[owner[to >= 0], to[to >= 0]] = True
        for k in range(size):
            below, beside = k + 1 + np.flatnonzero(filled[k + 1 :, k]), k + 1 + np.flatnonzero(filled[k, k + 1 :])
            filled[np.ix_(below, beside)] = True
            total += len(below) * len(beside)
        return total

    def everywhere(self, values: list[int], bits: int) -> np.ndarray:
        """Return ``[S]`` values, those elsewhere rounded down."""
        full = np.array([(over << bits) // under for over, under in self.outside], object)
        full[self.states] = values
        return full

    def stages(self, values: list[int], bits: int) -> list[np.ndarray]:
        """Return the stage games, rounded down."""
        sums = np.add.reduceat(self.weights * self.everywhere(values, bits)[self.successors], self.starts[:-1]) // self.sums
        return [
            sums[first:last].reshape(len(a), len(b))
            for first, last, (a, b) in zip(self.offsets[:-1], self.offsets[1:], self.menus, strict=True)
        ]

    def pair(self, play: list[tuple[Any, Any]], leak: int, bits: int, up: list[np.ndarray] | None = None) -> list[int]:
        """Return the values of a pair of strategies with a leak of ``2 ** -leak``, with friction where ``up`` says which moves lead up."""
        size, full = len(self.states), self.everywhere([0] * len(self.states), bits)
        matrix, gain = np.zeros((size, size), object), np.zeros(size, object)
        for state, (x, y) in enumerate(play):
            stays = Fraction(1 if up else 0)
            for a, b in ((a, b) for a in np.flatnonzero(x) for b in np.flatnonzero(y)):
                row = self.offsets[state] + a * len(y) + b
                chance = x[a] * y[b]
                if up:
                    chance *= 1 + (-1 if up[state][a, b] else 1) * Fraction(1, 2**FRICTION)
                    stays -= chance
                chance /= int(self.sums[row])
                for entry in range(self.starts[row], self.starts[row + 1]):
                    share, to = chance * int(self.weights[entry]), self.successors[entry]
                    share = (share.numerator << bits) // share.denominator
                    if self.place[to] >= 0:
                        matrix[state, self.place[to]] -= share - (share >> leak)
                    else:
                        gain[state] += (share - (share >> leak)) * full[to] >> bits
            share = (stays.numerator << bits) // stays.denominator
            matrix[state, state] += (1 << bits) - (share - (share >> leak))
        return _solved(matrix, gain, bits)

    def leads(self, x: list[np.ndarray], values: list[int], stages: list[np.ndarray], leak: int) -> bool:
        """Return whether own play ``x``, as the floats it is, leads from ``values`` to as much even with half the leak."""
        for row, value, stage in zip(x, values, stages, strict=True):
            shares = _integers(row)
            paid, due = min(shares @ stage), value * int(shares.sum())
            if (paid << leak + 1) - paid < due << leak + 1:
                return False
        return True


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
    """Return strategies for the undecided states that reach almost all that can be, with proof; None where the game is too large.

    Play elsewhere stays as it is. Its bounds may be short of the value by ``tol / 1000``.
    """
    states = np.flatnonzero(upper - lower > 1e-3 * tol)
    if not 0 < len(states) <= MOST_STATES:
        return None
    part = Part.of(moves, lower, states)
    if part.work() > MOST_WORK:
        return None
    path, best = _Path(part, _warm(moves, lower, states)), None
    while path.leak <= LAST and path.steps <= STEPS and path.advance():
        x = [np.array([float(p) for p in row]) for row, _ in path.play]
        if not part.leads(x, path.values, path.stages, path.leak):
            if path.friction:
                break
            path.friction = True
            continue
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
        self.behind: list[tuple[int, list[int], list[tuple[Any, Any]]]] = []
        self.friction = False
        self.steps = 0

    def advance(self) -> bool:
        """Go to a smaller leak; False: no step is small enough."""
        if not self.behind:
            return self._solve(FIRST, self.values) < TRIES
        while self.stride > 0:
            leak = self.leak + self.stride
            steps = self._solve(leak, self._foretold(leak))
            if steps < TRIES:
                self.stride = min(2 * self.stride, MOST_BITS) if steps <= EASY else self.stride
                return True
            self.stride //= 2
        return False

    def _foretold(self, leak: int) -> list[int]:
        """Return the values of the strategies whose every chance goes on as the power of the leak that the last two suggest.

        The differences between states matter, which are far smaller than what the values have in common: strategies have both.
        """
        if len(self.behind) < 2:
            return [value << 3 * (leak - self.leak) for value in self.values]
        (first, _, before), (second, _, now) = self.behind[-2:]
        further = (leak - second) / (second - first)
        play = [(_power(x, p, further), _power(y, q, further)) for (x, y), (p, q) in zip(before, now, strict=True)]
        return self.part.pair(play, leak, 3 * leak + GUARD)

    def to_gain(self) -> float:
        """Return about how much all smaller leaks together would still add, if it is ``c leak ** p``."""
        if len(self.behind) < 3:
            return np.inf
        (first, before, _), (second, between, _), (third, now, _) = self.behind
        gain = 0.0
        for v1, v2, v3 in zip(before, between, now, strict=True):
            if v3 > v2:
                shift = max(v2 - v1, v3 - v2).bit_length()
                gain = max(
                    gain,
                    _to_rise(((v3 - v2) << 60 >> shift) / max((v2 - v1) << 60 >> shift, 1), second - first, third - second)
                    * ((v3 - v2) / (1 << self.bits)),
                )
        return gain

    def _solve(self, leak: int, values: list[int]) -> int:
        """Solve the game with a leak, from about its values; returns the steps taken, TRIES where that was not enough."""
        bits = 3 * leak + GUARD
        least, vain = 1 << bits, 0
        for steps in range(TRIES):
            self.steps += 1
            stages = self.part.stages(values, bits)
            up = [stage > value for stage, value in zip(stages, values, strict=True)] if self.friction else None
            slower = [_slowed(stage, value) for stage, value in zip(stages, values, strict=True)] if self.friction else stages
            *play, worth = zip(*map(_optimal, slower), strict=True)
            play = list(zip(*play, strict=True))
            residual = max(abs(after - (after >> leak) - value) for after, value in zip(worth, values, strict=True))
            if residual >> bits - 2 * leak - 20 == 0:
                self._keep(leak, bits, values, stages, play)
                return steps
            least, vain = (residual, 0) if residual < least else (least, vain + 1)
            if vain > IN_VAIN:
                break
            values = self.part.pair(play, leak, bits, up)
        return TRIES

    def _keep(self, leak: int, bits: int, values: list[int], stages: list[np.ndarray], play: list[tuple[Any, Any]]) -> None:
        longer = bits - self.bits
        self.behind = [(past, [value << longer for value in held], old) for past, held, old in self.behind[-2:]]
        self.behind.append((leak, values, play))
        self.leak, self.bits, self.values, self.stages, self.play = leak, bits, values, stages, play


def _power(before: np.ndarray, now: np.ndarray, further: float) -> np.ndarray:
    """Return a strategy whose chances change ``further`` times as much, in logarithms, as they just did."""
    if ((before > 0) != (now > 0)).any() or np.count_nonzero(now) == 1:
        return now
    chances = [q if p == 0 else q * _two_to(further * (_log2(q) - _log2(p))) for p, q in zip(before, now, strict=True)]
    total = sum(chances)
    return np.array([chance / total for chance in chances], object)


def _log2(chance: Fraction) -> float:
    return math.log2(chance.numerator) - math.log2(chance.denominator)


def _two_to(power: float) -> Fraction:
    whole = math.floor(power)
    return Fraction(2.0 ** (power - whole)) * Fraction(2) ** whole


def _to_rise(rise: float, before: int, last: int) -> float:
    """Return what is left to rise over the last rise, if ``v - c 2 ** (-p leak)`` rose ``rise`` as much in ``last`` bits as ``before``."""
    if not 0.0 < rise < last / before:
        return np.inf
    low, high = 0.0, 1.0  # 2 ** -p
    for _ in range(60):
        q = 0.5 * (low + high)
        low, high = (q, high) if q**before * (1.0 - q**last) < rise * (1.0 - q**before) else (low, q)
    q = 0.5 * (low + high)
    return q**last / (1.0 - q**last) if q**last < 1.0 else np.inf


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


def _optimal(stage: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Return optimal strategies of a stage game of integers, pure ones where there are, and its value rounded down."""
    low, high = stage.min(axis=1), stage.max(axis=0)
    a, b = int(low.argmax()), int(high.argmin())
    if low[a] == high[b]:
        return _pure(len(low), a), _pure(len(high), b), int(low[a])
    found = exact.minimax(stage)
    return *found.profile, math.floor(found.value)


def _slowed(stage: np.ndarray, value: int) -> np.ndarray:
    """Return a stage game with friction."""
    slower = [entry - (abs(entry - value) >> FRICTION) for entry in stage.ravel()]
    return np.array(slower, object).reshape(stage.shape)


def _pure(size: int, action: int) -> np.ndarray:
    return np.array([Fraction(int(i == action)) for i in range(size)], object)
