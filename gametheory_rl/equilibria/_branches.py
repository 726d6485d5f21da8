"""The branch of logit equilibria of one game: followed, and followed again in shorter steps where it was lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.equilibria._checks import mixed_actions, one_each
from gametheory_rl.equilibria._flat import Flat
from gametheory_rl.equilibria._kernels._branch import GOOD, REACHED, STALLED, STEPS, follow

CARES = (0.03, 0.03, 0.06, 0.2, 1e-10), (0.01, 0.01, 0.02, 0.05, 1e-10), (0.003, 0.003, 0.006, 0.02, 1e-10)
"""How carefully a branch is followed, see the kernel: at first, and where it was lost."""
MAX_STEPS = 5_000
CELLS_AT_ONCE = 2_000_000
"""Payoffs times points of a branch that are judged at once."""
JUMPED = 1e-3
"""The branch never comes back to so small a precision, in spans: there is one equilibrium there, and it has passed that."""
STATUS = {REACHED: Status.SOLVED, GOOD: Status.SOLVED, STEPS: Status.OUT_OF_STEPS, STALLED: Status.STALLED}


@dataclass(frozen=True, eq=False)
class Branch:
    """Points of a branch in the order in which they were found."""

    game: Flat
    prior: np.ndarray
    points: np.ndarray
    """``[K, N + 1]`` log-probabilities of all actions, and the precision in spans of the largest payoffs"""
    end: int

    @property
    def status(self) -> Status:
        """How it ended, as the user reads it."""
        return STATUS[self.end]

    @property
    def precisions(self) -> np.ndarray:
        """``[K]`` in the units of the payoffs."""
        with np.errstate(over="ignore"):
            return np.ldexp(self.points[:, -1] / (self.game.spans.max() or 1.0), -self.game.exponent)

    def residual(self) -> float:
        """How far the last point is from the definition, in payoff spans, or in log-probabilities at small precisions."""
        y, t = self.points[-1, :-1], float(self.points[-1, -1])
        mixed = [np.exp(part) / np.exp(part).sum() for part in self.game.split(y)]
        worst = 0.0
        log_odds = self.game.split(y - self.prior)
        tensor = self.game.payoffs.reshape(-1, *self.game.shape)
        for i, (odds, stake) in enumerate(zip(log_odds, stakes(self.game), strict=True)):
            best = int(np.argmax(y[self.game.offsets[i] : self.game.offsets[i + 1]]))
            earned = tensor[i] - np.take(tensor[i], [best], axis=i)
            for j in reversed(range(len(mixed))):
                if j != i:
                    earned = np.tensordot(earned, mixed[j], axes=(j, 0))
            violated = np.abs(odds - odds[best] - t * stake * earned)
            worst = max(worst, float(violated.max()) / (1.0 + t * float(stake)))
        return worst

    def along(self, payoffs: np.ndarray, profiles: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Return the regret (K,) and the values (n, K) of K profiles, the i-th array (K, A_i), in the units of the payoffs."""
        regrets, values = np.zeros(len(profiles[0])), np.zeros((len(payoffs), len(profiles[0])))
        unit = self.game.payoffs.reshape(payoffs.shape)
        at_once = max(1, CELLS_AT_ONCE // payoffs[0].size)
        for begin in range(0, len(profiles[0]), at_once):
            part = slice(begin, begin + at_once)
            mixed = [x[part] for x in profiles]
            for i, own in enumerate(mixed):
                earned = _replies(unit[i], mixed, i)
                gains = np.maximum(earned.max(axis=1) - (earned * own).sum(axis=1), 0.0)
                regrets[part] = np.maximum(regrets[part], np.ldexp(gains * self.game.spans[i], self.game.exponent))
                values[i, part] = (_replies(payoffs[i], mixed, i) * own).sum(axis=1)
        return regrets, values


def _replies(payoff: np.ndarray, mixed: Sequence[np.ndarray], player: int) -> np.ndarray:
    """Return ``(K, A_i)`` what each of a player's actions earns against K profiles of the others."""
    earned = np.moveaxis(payoff, player, 0)[np.newaxis]  # [k, own action, the others' actions]
    for x in reversed([x for j, x in enumerate(mixed) if j != player]):
        earned = (earned * x.reshape(len(x), *[1] * (earned.ndim - 2), -1)).sum(axis=-1)
    return np.broadcast_to(earned, (len(mixed[0]), payoff.shape[player]))


def follow_branch(
    game: Flat, prior: np.ndarray, last: float, units: np.ndarray | None = None, enough: float = -1.0, max_steps: int = MAX_STEPS
) -> Branch:
    """Follow the branch from precision 0 to ``last``, in spans, or to where no player's regret times ``units`` is above ``enough``.

    A branch that stalls, or comes back to precision 0, is followed again in shorter steps; the furthest of all is returned.
    """
    players, total = len(game.shape), int(game.offsets[-1])
    require_memory((max_steps, total + 1), "the path", "take fewer steps")
    require_memory((4, total + 2, total + 2), "the Jacobian", "use a game of fewer actions")
    units = np.ones(players) if units is None else units
    best: Branch | None = None
    for care in CARES:
        points, regrets, found = np.empty((max_steps, total + 1)), np.empty(max_steps), np.empty(total)
        given = *game.arrays, stakes(game), units, prior, last, enough, np.array(care), 0
        count, end = follow(*given, points, regrets, found)
        back = points[1:count, -1] < np.maximum.accumulate(np.minimum(points[: count - 1, -1], JUMPED))
        if back.any():
            count, end = int(np.argmax(points[:count, -1])) + 1, STALLED  # what comes after is another branch
        branch = Branch(game, prior, points[:count].copy(), end)
        if end != STALLED:
            return branch
        if best is None or branch.points[-1, -1] > best.points[-1, -1]:
            best = branch
    assert best is not None
    return best


def stakes(game: Flat) -> np.ndarray:
    """Return ``(n,)`` each player's share of the precision: its span in the largest."""
    return game.spans / (game.spans.max() or 1.0)


def log_prior(game: Flat, prior: Sequence[Any] | None) -> np.ndarray:
    """Return the log-probabilities of ``prior``, uniform play without one."""
    if prior is None:
        return game.uniform()
    prior = one_each(prior, len(game.shape), "the prior")
    mixed = [
        mixed_actions(x, (int(count),), f"the prior of player {i}") for i, (x, count) in enumerate(zip(prior, game.shape, strict=True))
    ]
    for i, x in enumerate(mixed):
        if not x.min() > 0.0:
            raise GameError(f"the prior of player {i} has the probability {x.min():.6g}, positive ones were expected")
    return np.concatenate([np.log(x / x.sum()) for x in mixed])
