"""What kind of game a stage game is, one question a function; each answer says why."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Protocol

import numpy as np

from gametheory_rl.equilibria import exact
from gametheory_rl.equilibria._dominance import DominanceSolution, dominance
from gametheory_rl.equilibria._scaling import ULPS
from gametheory_rl.equilibria._vertex_enumeration import vertex_enumeration

MOST_ACTIONS, MOST_CELLS = 60, 40_000
"""Larger games are not asked about dominance: a linear program an action and round."""
EXACTLY_UP_TO = 36
"""Games of so many cells are enumerated in rationals."""
TIES_UP_TO = 16
"""Games of two players with more actions a side are not asked about degeneracy: that takes all vertices."""
PROVED_UP_TO = 200_000
"""Cells times eliminations that are gone through in rationals."""


class Names(Protocol):
    """What people call players and their actions."""

    def player(self, player: int) -> str:
        """Return a player's name."""
        ...

    def action(self, player: int, action: int) -> str:
        """Return the name of a player's action."""
        ...


@dataclass(frozen=True)
class Trait:
    """Whether a game is of a kind, and why."""

    holds: bool | None
    """None: not decided, and ``reason`` says why not."""
    reason: str

    def __bool__(self) -> bool:
        return bool(self.holds)


TOO_CLOSE = Trait(None, "payoffs differ by so little that rounding decides; round them, and ask again")


def constant_sum(payoffs: np.ndarray) -> Trait:
    """Return whether the players' payoffs add up to one number in every cell of ``(n, ...)``."""
    total = payoffs.sum(axis=0)
    mean = (total.max() + total.min()) / 2
    if np.ptp(total) <= 2 * _noise(payoffs):
        return Trait(True, f"payoffs add up to {_number(mean, payoffs)} everywhere")
    return Trait(False, f"payoffs add up to {_number(total.min(), payoffs)} in one place and to {_number(total.max(), payoffs)} in another")


def zero_sum(payoffs: np.ndarray) -> Trait:
    """Return whether the players' payoffs add up to zero in every cell of ``(n, ...)``."""
    total = payoffs.sum(axis=0)
    furthest = total.flat[np.abs(total).argmax()]
    if abs(furthest) <= _noise(payoffs):
        return Trait(True, "payoffs add up to 0 everywhere")
    return Trait(False, f"payoffs add up to {furthest:g} somewhere")


def common_interest(payoffs: np.ndarray) -> Trait:
    """Return whether all players earn the same in every cell of ``(n, ...)``."""
    apart = np.abs(payoffs - payoffs[0]).max()
    if apart <= _noise(payoffs):
        return Trait(True, "all players earn the same everywhere" if len(payoffs) > 1 else "there is one player")
    return Trait(False, f"two players' payoffs differ by {apart:g} somewhere")


def symmetric(payoffs: np.ndarray) -> Trait:
    """Return whether ``(n, A_1, ..., A_n)`` stays the same when two players change places, actions as they are numbered.

    Further axes are further stage games, as for ``potential``.
    """
    n, sizes, batch = len(payoffs), payoffs.shape[1 : len(payoffs) + 1], range(len(payoffs) + 1, payoffs.ndim)
    if len(set(sizes)) > 1:
        return Trait(False, "players have different numbers of actions")
    for i in range(n - 1):  # exchanges of neighbours generate all others
        order = [*range(i), i + 1, i, *range(i + 2, n)]
        swapped = payoffs[order].transpose(0, *(k + 1 for k in order), *batch)
        apart = np.abs(payoffs - swapped).max()
        if apart > _noise(payoffs):
            return Trait(False, f"where players {i + 1} and {i + 2} change places a payoff changes by {apart:g}")
    return Trait(True, "players can change places, actions as they are numbered")


def potential(payoffs: np.ndarray, names: Names) -> Trait:
    """Return whether ``(n, A_1, ..., A_n)`` has an exact potential: a function that changes as each deviator's payoff does.

    It has one if and only if what two players gain along every cycle of four deviations adds up to zero (D. Monderer & L. S. Shapley
    1996, corollary 2.9); cycles through the first actions suffice. Further axes are further stage games, each of which must have one.
    """
    noise = 4 * _noise(payoffs)
    for i, j in combinations(range(len(payoffs)), 2):
        apart = np.moveaxis(payoffs[i] - payoffs[j], (i, j), (0, 1))
        cycles = apart - apart[:1] - apart[:, :1] + apart[:1, :1]
        if np.abs(cycles).max(initial=0.0) > noise:
            a, b, *_ = (int(k) for k in np.unravel_index(np.abs(cycles).argmax(), cycles.shape))
            turns = (f"{names.player(k)}'s {names.action(k, 0)} and {names.action(k, to)}" for k, to in ((i, a), (j, b)))
            between = " and ".join(turns)
            return Trait(False, f"on the cycle of {between}, gains add up to {abs(float(cycles.flat[np.abs(cycles).argmax()])):g}, not 0")
    return Trait(True, "on every cycle of four deviations gains add up to 0: an exact potential exists")


def potential_function(payoffs: np.ndarray) -> np.ndarray:
    """Return the exact potential ``(A_1, ..., A_n, ...)`` of a potential game, 0 where all play their first action."""
    total = np.zeros(payoffs.shape[1:])
    for i, payoff in enumerate(payoffs):
        # Player after player leaves the first action; who comes later still plays it.
        idle = payoff[(slice(None),) * (i + 1) + (slice(0, 1),) * (len(payoffs) - i - 1)]
        total = total + idle - idle.take([0], axis=i)
    return total


def dominance_solvable(payoffs: np.ndarray, names: Names) -> Trait:
    """Return whether iterated elimination leaves one action to each player, strictly or at least weakly, and in which order."""
    if sum(payoffs.shape[1:]) > MOST_ACTIONS or payoffs[0].size > MOST_CELLS:
        return Trait(None, "not looked at: the game is large; ask equilibria.dominance")
    strict = dominance(payoffs)
    if strict.solvable:
        return Trait(True, f"by strict dominance{_order(strict, names)}") if _proved(payoffs, strict, strict=True) else TOO_CLOSE
    weak = dominance(payoffs, strict=False)
    if weak.solvable:
        return Trait(True, f"by weak dominance{_order(weak, names)}") if _proved(payoffs, weak, strict=False) else TOO_CLOSE
    left = " x ".join(str(len(actions)) for actions in strict.survivors)
    return Trait(False, f"{left} actions survive strict dominance" if strict.eliminated else "no action is strictly dominated")


def degenerate(payoffs: np.ndarray) -> Trait:
    """Return whether some mixed action of a game of two players has more best replies than actions in its support."""
    if len(payoffs) != 2:
        return Trait(None, "defined here for two players")
    if max(payoffs.shape[1:]) > TIES_UP_TO:
        return Trait(None, f"not looked at: more than {TIES_UP_TO} actions a side")
    # Few vertices: rationals are quick enough, and need no compiled kernel.
    enumerate_vertices = exact.vertex_enumeration if payoffs[0].size <= EXACTLY_UP_TO else vertex_enumeration
    if enumerate_vertices(*payoffs).degenerate:
        return Trait(True, "some mixed action has more best replies than actions in its support")
    return Trait(False, "no mixed action has more best replies than actions in its support")


def _order(found: DominanceSolution, names: Names) -> str:
    """Return who loses which action, round by round."""
    rounds: dict[int, list[str]] = {}
    for gone in found.eliminated:
        rounds.setdefault(gone.round, []).append(f"{names.action(gone.player, gone.action)} of {names.player(gone.player)}")
    steps = "; then ".join(" and ".join(each) for each in rounds.values())
    return f": out go {steps}" if steps else ": each player has one action"


def _proved(payoffs: np.ndarray, found: DominanceSolution, *, strict: bool) -> bool:
    """Whether every elimination holds in rationals; a game with too much to compute is taken at its floats' word."""
    if payoffs[0].size * len(found.eliminated) > PROVED_UP_TO:
        return True
    left = [np.arange(count) for count in payoffs.shape[1:]]
    for number in range(found.eliminated[-1].round + 1 if found.eliminated else 0):
        gone = [each for each in found.eliminated if each.round == number]
        for each in gone:
            table = np.moveaxis(payoffs[each.player][np.ix_(*left)], each.player, 0).reshape(len(left[each.player]), -1)
            earns = np.vectorize(Fraction, otypes=[object])(table)
            weights = [Fraction(p).limit_denominator(1_000_000) for p in each.dominator[left[each.player]].tolist()]
            better = np.array(weights, dtype=object) @ earns - sum(weights) * earns[left[each.player].tolist().index(each.action)]
            if not (min(better) > 0 if strict else min(better) >= 0 and max(better) > 0):
                return False
        for each in gone:
            left[each.player] = left[each.player][left[each.player] != each.action]
    return True


def _noise(payoffs: np.ndarray) -> float:
    """Return what rounding explains when payoffs of all players are added up."""
    return ULPS * float(np.finfo(np.float64).eps) * len(payoffs) * float(np.abs(payoffs).max())


def _number(value: float, payoffs: np.ndarray) -> str:
    """Return a number as text, and 0 for what is rounding only."""
    return f"{0.0 if abs(value) <= _noise(payoffs) else value:g}"
