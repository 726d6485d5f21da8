"""Correlated and coarse correlated equilibria of n players, by linear programming over the joint actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl._game_checks import checked_index
from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError, SolverError, UnknownNameError
from gametheory_rl.equilibria._checks import payoff_tensor, real_array
from gametheory_rl.equilibria._devices import METHODS, Device, greatest_least, most_random
from gametheory_rl.equilibria._incentives import incentives
from gametheory_rl.equilibria._judges import disobedience
from gametheory_rl.equilibria._scaling import normalised, with_rounding

OBJECTIVES = "welfare", "egalitarian", "republican", "libertarian", "entropy"
OBEYED = 1e-9
"""Largest gain by disobeying, in spans of the player's payoffs, rounding of the payoffs apart, that counts as none."""
OPTIMAL = 1e-8
"""Largest distance from the best objective, in spans of the objective (entropy: nats), that counts as none."""


@dataclass(frozen=True, eq=False)
class CorrelatedEquilibrium:
    """What a device draws so that nobody gains by disobeying, and how sure that is."""

    distribution: np.ndarray
    """``[A_1, ..., A_n]`` probability of each joint action"""
    values: np.ndarray
    """``[n]`` expected payoffs"""
    slack: float
    """The most that a player gains by disobeying, as ``obedience`` finds it, in payoff units."""
    gap: float
    """No equilibrium of this kind has an objective larger than this one's by more, in units of the objective."""
    status: Status


def correlated(payoffs: Any, objective: Any = "welfare", *, player: int | None = None) -> CorrelatedEquilibrium:
    """Return the correlated equilibrium that is best for an objective.

    A device draws a joint action and tells each player its part; nobody gains by playing anything else (R. J. Aumann 1974).

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Payoffs of n players, player axis first.
    objective : str or array
        ``"welfare"``: the sum of the players' payoffs, the utilitarian one; ``"egalitarian"``: the smallest of them;
        ``"republican"``: the largest; ``"libertarian"``: that of ``player`` (all four after A. Greenwald and K. Hall 2003);
        ``"entropy"``: the most random one, in nats, which is unique. An array (A_1, ..., A_n) says what each joint action
        is worth; an array (n, A_1, ..., A_n) is summed over its first axis.
    player : int, optional
        Whose payoff the libertarian objective maximises; refused with any other.

    Returns
    -------
    CorrelatedEquilibrium
        ``distribution`` (A_1, ..., A_n), ``values`` (n,), ``slack``, ``gap``, and ``status``: ``Status.ROUNDING`` where the
        slack is above 1e-9 of a player's span of payoffs, or the gap above 1e-8 of the objective's.

    Raises
    ------
    GameError
        Payoffs that are not ``(n, A_1, ..., A_n)`` or not finite, or an objective that is none of the above.
    SolverError
        No linear programming method came to an end.

    Notes
    -----
    A linear program on payoffs mapped to [0, 1], which the equilibria do not depend on, by a compiled dual simplex method (up to
    some 18 x 18 actions) or HiGHS; the objectives that compare players take payoffs as they are. ``slack`` is judged from the
    definition, ``gap`` by weak duality, whatever the method says of itself. Several distributions can be best, then one of them
    is returned.

    Examples
    --------
    >>> chicken = [[[6, 2], [7, 0]], [[6, 7], [2, 0]]]
    >>> solution = correlated(chicken)
    >>> solution.distribution.round(12).tolist(), solution.values.round(12).tolist()
    ([[0.5, 0.25], [0.25, 0.0]], [5.25, 5.25])
    """
    return _solve(payoffs, objective, player, coarse=False)


def coarse_correlated(payoffs: Any, objective: Any = "welfare", *, player: int | None = None) -> CorrelatedEquilibrium:
    """Return the coarse correlated equilibrium that is best for an objective.

    Each player decides before it is told anything whether to follow the device for good or to settle on one action (H. Moulin
    and J.-P. Vial 1978). Every correlated equilibrium is coarse; not every coarse one is correlated.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Payoffs of n players, player axis first.
    objective : str or array
        As for ``correlated``.
    player : int, optional
        Whose payoff the libertarian objective maximises; refused with any other.

    Returns
    -------
    CorrelatedEquilibrium
        As for ``correlated``; ``slack`` is ``obedience(..., coarse=True)``.

    Raises
    ------
    GameError
        As for ``correlated``.
    SolverError
        No linear programming method came to an end.

    Examples
    --------
    >>> game = [[[0, 1, 0], [0, 0, 1], [1, 0, 0]], [[0, 0, 1], [1, 0, 0], [0, 1, 0]]]  # L. S. Shapley 1964
    >>> solution = coarse_correlated(game)
    >>> float(solution.values.sum().round(12)), solution.slack < 1e-12
    (1.0, True)
    """
    return _solve(payoffs, objective, player, coarse=True)


def _solve(payoffs: Any, objective: Any, player: int | None, *, coarse: bool) -> CorrelatedEquilibrium:
    """Solve for the objective and judge the answer."""
    payoffs = payoff_tensor(payoffs)
    goals = _goals(payoffs, objective, player)
    scaled, noise = with_rounding(payoffs)
    rows, judge = incentives(scaled, noise, coarse=coarse), _Judge(payoffs, noise, coarse)
    if isinstance(objective, str) and objective == "entropy":
        found = most_random(rows)
        slack, excess = judge.gains(found.drawn)
        return _answer(payoffs, found.drawn, slack, found.gap, fine=excess <= 0.0 and found.gap <= OPTIMAL)
    answers = [_best_for(goal, rows, judge) for goal in goals]
    # With several goals the largest counts; the others' bounds hold for it as well.
    reached = [float(_expected(goal, found.drawn).min()) for goal, (found, *_) in zip(goals, answers, strict=True)]
    k = int(np.argmax(reached))
    gap = max(value + found.gap for value, (found, *_) in zip(reached, answers, strict=True)) - reached[k]
    return _answer(payoffs, answers[k][0].drawn, answers[k][1], gap, fine=all(fine for *_, fine in answers))


def _answer(payoffs: np.ndarray, drawn: np.ndarray, slack: float, gap: float, *, fine: bool) -> CorrelatedEquilibrium:
    """Return a flat distribution with what is known of it."""
    values = _expected(payoffs.reshape(len(payoffs), -1), drawn)
    return CorrelatedEquilibrium(drawn.reshape(payoffs.shape[1:]), values, slack, gap, Status.SOLVED if fine else Status.ROUNDING)


def _goals(payoffs: np.ndarray, objective: Any, player: int | None) -> list[np.ndarray]:
    """Return what is maximised: the largest over the list of the smallest over the rows, each row the worth of every cell, flat.

    Entropy is no such objective; whoever asks for it does not look at the list.
    """
    libertarian = isinstance(objective, str) and objective == "libertarian"
    if libertarian != (player is not None):
        needed = "the libertarian objective needs player=, whose payoff to maximise"
        raise GameError(needed if libertarian else f"player is {player!r}, but only the libertarian objective takes one")
    each = payoffs.reshape(len(payoffs), 1, -1)
    if not isinstance(objective, str):
        return [_worth(objective, payoffs.shape)]
    if objective not in OBJECTIVES:
        raise UnknownNameError("objective", objective, OBJECTIVES)
    if libertarian:
        return [each[checked_index(player, len(payoffs), "player")]]
    if objective == "welfare":
        return [_total(each)]
    return [each[:, 0]] if objective == "egalitarian" else list(each)


def _worth(objective: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return an objective given as an array as one row."""
    weights = real_array(objective, "the objective")
    if weights.shape not in (shape, shape[1:]):
        raise GameError(f"the objective has shape {weights.shape}, {shape[1:]} or {shape} was expected")
    return _total(weights.reshape(-1, 1, weights.size)) if weights.shape == shape[1:] else _total(weights.reshape(shape[0], 1, -1))


def _total(each: np.ndarray) -> np.ndarray:
    """Return the sum over the first axis, or a multiple where that is more than a float holds."""
    with np.errstate(over="ignore"):
        total = each.sum(axis=0)
    return total if np.isfinite(total).all() else (each / len(each)).sum(axis=0)


@dataclass(frozen=True, eq=False)
class _Judge:
    """What players gain by disobeying, from the definition."""

    payoffs: np.ndarray
    """``[n, A_1, ..., A_n]`` as given"""
    noise: np.ndarray
    """``[n]`` in spans"""
    coarse: bool

    def gains(self, drawn: np.ndarray) -> tuple[float, float]:
        """Return the largest gain in payoff units, and by how much, in spans, the worst is above what counts as none."""
        drawn = drawn.reshape(self.payoffs.shape[1:])
        each = [disobedience(payoff, drawn, i, coarse=self.coarse) for i, payoff in enumerate(self.payoffs)]
        excess = max(spans - OBEYED - noise for (_, spans), noise in zip(each, self.noise.tolist(), strict=True))
        return max(units for units, _ in each), excess


def _best_for(worth: np.ndarray, rows: Any, judge: _Judge) -> tuple[Device, float, bool]:
    """Return the device with the largest least worth, its gap in units of ``worth``, its slack, and whether both are small."""
    scaled = normalised(worth.reshape(1, -1)).reshape(worth.shape)
    found: list[tuple[float, float, Device, float]] = []
    for method in METHODS:
        device = greatest_least(scaled, rows, method)
        if device is not None:
            slack, excess = judge.gains(device.drawn)
            found.append((max(excess, 0.0), device.gap, device, slack))
            if excess <= 0.0 and device.gap <= OPTIMAL:
                break
    if not found:
        raise SolverError("HiGHS found no equilibrium by any of its methods though one exists; subtract a constant from the payoffs")
    excess, gap, device, slack = min(found, key=lambda entry: entry[:2])
    with np.errstate(over="ignore"):
        in_units = float(gap * worth.max() - gap * worth.min())
    return Device(device.drawn, in_units), slack, excess == 0.0 and gap <= OPTIMAL


def _expected(worth: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Return expectations, one a row; never outside the range of the row."""
    return np.clip(worth @ drawn, worth.min(axis=-1), worth.max(axis=-1))
