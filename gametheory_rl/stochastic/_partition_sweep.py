"""Sweeps over the blocks of a partitioned game: backups, bold steps between them, and all that passes through one place, the values."""

from __future__ import annotations

import math

import numpy as np

from gametheory_rl.stochastic._certified import Sweep, Trial
from gametheory_rl.stochastic._partition_cluster import Blocks
from gametheory_rl.stochastic._safeguard import Guard
from gametheory_rl.stochastic._zero_sum import Backup, ZeroSum, largest

FAST = 0.8
"""A sweep that leaves less than this share of the error goes on with plain ones: a bold step takes a dozen exchanges."""
LOOK_FROM = 3
"""Sweeps before the share is looked at."""
LOOSE, TIGHT = 0.5, 3e-2
"""How far BiCGStab reduces the residual in a bold step: to the first while policies still change much, to the second near the end.

Each product is an exchange; chosen as Eisenstat and Walker (1996) choose theirs, it takes a quarter less of them than one tolerance."""
CLOSE = 0.2
"""It is near the end when a sweep leaves less than this share of the error."""
INSIDE = 0.9
"""Where the states of every block lead to each other with this probability, blocks do most of a bold step by themselves."""
ALONE = (1e-2, 1e-1)
"""How far blocks reduce the residual between the exchanges of such a step; at the second, little but the borders has changed."""
ROUGHLY = 3e-2
MOST_PRODUCTS = 60
"""Of one bold step; further ones would cost more than the step saves."""
FLAT = 0.5
"""Where more states than this share pay the same whatever is done, the start is the value of uniform play, see ``_start``."""


class Partitioned:
    """A game in blocks, and the memory of one solve."""

    def __init__(self, blocks: Blocks, num_actions: tuple[int, ...], discount: float) -> None:
        self.blocks, self.discount = blocks, discount
        self.summary = _summary(blocks, num_actions, discount)
        self._guard = _RemoteGuard(self)
        self._errors: list[float] = []
        self._bold = False
        self._last: np.ndarray | None = None

    @property
    def payoff_span(self) -> float:
        """Largest minus smallest payoff of a legal joint action."""
        return max(part.highest for part in self.blocks.summaries) - min(part.lowest for part in self.blocks.summaries)

    def read_by(self, values: np.ndarray, k: int) -> np.ndarray:
        """Return those of ``values (S,)`` that block k reads."""
        reads = self.blocks.summaries[k].reads
        return values if reads is None else values[reads]

    def start(self) -> np.ndarray:
        """Return the values ``(S,)`` to start from: zero, or about the value of uniform play where few states pay by themselves."""
        zero = np.zeros(self.summary.num_states)
        flat = sum(part.flat for part in self.blocks.summaries)
        if self.discount == 0.0 or not FLAT * len(zero) < flat < len(zero):
            return zero
        self.blocks.ask("settle_uniformly", lambda k: (), tell=True)
        self._bold = True
        return self.value(zero, ROUGHLY)

    def back_up(self, problem: ZeroSum, values: np.ndarray) -> Backup:
        """Solve every stage game given continuation ``values (S,)``, each where its rows are; the policies stay there."""
        del problem
        self._last = values
        return self._backup(self.blocks.ask("back_up", lambda k: (self.read_by(values, k),), tell=True, anew=True))

    def narrow(self, problem: ZeroSum, values: np.ndarray, backup: Backup) -> Backup:
        """Solve the stage games of the widest gaps again."""
        del problem, values, backup
        return self._backup(self.blocks.ask("narrow", lambda k: (), tell=True))

    def _backup(self, parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> Backup:
        value, gap = (np.concatenate([part[i] for part in parts]) for i in range(2))
        wide = np.concatenate([part[2] + first for part, (first, _) in zip(parts, self.blocks.ranges, strict=True)])
        return Backup(value, gap, np.empty((0, 0)), np.empty((0, 0)), wide)

    def improve(self, sweep: Sweep) -> np.ndarray:
        """Return the next continuation values: those of a plain sweep while the bound falls fast, else of a bold step."""
        self._errors.append(sweep.error)
        if not self._bold and len(self._errors) >= LOOK_FROM:
            self._bold = self._errors[-1] > FAST * self._errors[-2]
        return self._guard.improve(self.summary, sweep) if self._bold else sweep.backup.value

    @property
    def tolerance(self) -> float:
        """Return how far the next bold step reduces its residual."""
        return TIGHT if len(self._errors) > 1 and self._errors[-1] < CLOSE * self._errors[-2] else LOOSE

    def value(self, guess: np.ndarray, tolerance: float) -> np.ndarray:
        """Return about the value ``(S,)`` of what the blocks play, by BiCGStab (van der Vorst 1992) from ``guess``.

        Each product is one exchange of values. The best iterate is returned, whatever ended the iteration: bounds come from elsewhere.
        """
        if min(part.inside for part in self.blocks.summaries) >= INSIDE:
            return self._value_in_blocks(guess)
        residual = self._followed(guess, paid=True) - guess
        unit = largest(residual)
        if not 0.0 < unit < math.inf:
            return guess
        residual /= unit
        shadow, found, best = residual, np.zeros_like(guess), np.zeros_like(guess)
        least = enough = math.sqrt(_along(residual, residual))
        enough *= tolerance
        direction = image = np.zeros_like(guess)
        rho = alpha = omega = np.float64(1.0)
        with np.errstate(all="ignore"):  # a breakdown is one of the ends
            for _ in range(MOST_PRODUCTS // 2):
                rho, before = _along(shadow, residual), rho
                direction = residual + (rho / before) * (alpha / omega) * (direction - omega * image)
                image = direction - self._followed(direction, paid=False)
                alpha = rho / _along(shadow, image)
                half = residual - alpha * image
                second = half - self._followed(half, paid=False)
                omega = _along(second, half) / _along(second, second)
                found = found + alpha * direction + omega * half
                residual = half - omega * second
                left = math.sqrt(_along(residual, residual))
                if left < least:
                    best, least = found, left
                if not (math.isfinite(left) and rho != 0.0 and omega != 0.0) or left <= enough:
                    break
        return guess + unit * best

    def _value_in_blocks(self, guess: np.ndarray) -> np.ndarray:
        """Return about the value ``(S,)`` of what the blocks play: each solves its own, the others kept as they are, and again."""
        values = guess
        for tolerance in ALONE:
            values = np.concatenate(
                self.blocks.ask("settle_inside", lambda k, v=values, tolerance=tolerance: (self.read_by(v, k), tolerance))
            )
        return values

    def _followed(self, values: np.ndarray, *, paid: bool) -> np.ndarray:
        sent = values if paid else values.astype(np.float32)
        return np.concatenate(self.blocks.ask("follow", lambda k: (self.read_by(sent, k), paid)), dtype=np.float64)

    def settle(self, sweep: Trial, mark: float) -> None:
        """Have every block choose its policies, from the backup of ``sweep``."""
        self.blocks.ask("settle", lambda k: (sweep.residual, mark), tell=True)

    def play(self, best: Sweep) -> tuple[np.ndarray, np.ndarray]:
        """Return the policies ``(S, m)`` and ``(S, n)`` of a sweep's backup, made again where another came after it."""
        if self._last is not best.values:
            backup = self.back_up(self.summary, best.values)
            if backup.wide.size:
                self.narrow(self.summary, best.values, backup)
        parts = self.blocks.ask("play", lambda k: ())
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _along(one: np.ndarray, other: np.ndarray) -> np.float64:
    """Return the inner product; the threads of a matrix library would wait for each other longer than it takes."""
    return np.float64(np.einsum("i,i", one, other))


class _RemoteGuard(Guard):
    """The watchdog over bold steps whose policies are elsewhere."""

    def __init__(self, game: Partitioned) -> None:
        super().__init__(lambda problem, values, *policies: game.value(values, game.tolerance), focus=False)
        self._game = game

    def damped(self, sweep: Trial, mark: float) -> tuple[np.ndarray, np.ndarray]:
        """Have the blocks damp their policies; nothing of them comes here."""
        self._game.settle(sweep, mark)
        return sweep.backup.row_policy, sweep.backup.column_policy


def _summary(blocks: Blocks, num_actions: tuple[int, ...], discount: float) -> ZeroSum:
    """Return what the bounds need to know of the whole game: sizes, without a row."""
    parts, (rows, columns) = blocks.summaries, (*num_actions, 1)[:2]
    none = np.empty(0)
    return ZeroSum(
        payoff=np.empty((blocks.ranges[-1][1], 0)),
        offsets=none,
        successors=none,
        probabilities=none,
        discount=discount,
        rows=rows,
        columns=columns,
        menu=(none, none, none, none),
        groups=(),
        together=frozenset(),
        largest_payoff=max(part.largest_payoff for part in parts),
        longest_row=max(part.longest_row for part in parts),
        imbalance=max(part.imbalance for part in parts),
        excess=max(part.excess for part in parts),
    )
