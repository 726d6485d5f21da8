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
from gametheory_rl.equilibria._judges import disobedience, obedience
from gametheory_rl.equilibria._scaling import normalised, rounding

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
    HiGHS on payoffs mapped to [0, 1], which the equilibria do not depend on; the objectives that compare players take payoffs
    as they are. ``slack`` is judged from the definition, ``gap`` by weak duality, whatever the method says of itself. Several
    distributions can be best, then one of them is returned.

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
    rows = incentives(payoffs, coarse=coarse)
    if isinstance(objective, str) and objective == "entropy":
        found = most_random(rows)
        return _judged(payoffs, found, found.gap, found.gap <= OPTIMAL, coarse)
    answers = [_best_for(goal, rows, payoffs, coarse) for goal in goals]
    # With several goals the largest counts; the others' bounds hold for it as well.
    reached = [float(_expected(goal, found.drawn).min()) for goal, (found, _) in zip(goals, answers, strict=True)]
    k = int(np.argmax(reached))
    gap = max(value + found.gap for value, (found, _) in zip(reached, answers, strict=True)) - reached[k]
    return _judged(payoffs, answers[k][0], gap, all(optimal for _, optimal in answers), coarse)


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


def _best_for(worth: np.ndarray, rows: Any, payoffs: np.ndarray, coarse: bool) -> tuple[Device, bool]:
    """Return the device with the largest least worth, its gap in units of ``worth``, and whether it is optimal and obeyed."""
    scaled = normalised(worth.reshape(1, -1)).reshape(worth.shape)
    found: list[tuple[float, float, Device]] = []
    for method in METHODS:
        device = greatest_least(scaled, rows, method)
        if device is not None:
            excess = _excess(payoffs, device.drawn.reshape(payoffs.shape[1:]), coarse)
            found.append((max(excess, 0.0), device.gap, device))
            if excess <= 0.0 and device.gap <= OPTIMAL:
                break
    if not found:
        raise SolverError("HiGHS found no equilibrium by any of its methods though one exists; subtract a constant from the payoffs")
    _, gap, device = min(found, key=lambda entry: entry[:2])
    with np.errstate(over="ignore"):
        return Device(device.drawn, float(gap * worth.max() - gap * worth.min())), gap <= OPTIMAL


def _excess(payoffs: np.ndarray, drawn: np.ndarray, coarse: bool) -> float:
    """Return by how much the worst gain, in the player's span, is above what counts as none."""
    each = enumerate(zip(normalised(payoffs), rounding(payoffs), strict=True))
    return max(disobedience(payoff, drawn, i, coarse=coarse) - OBEYED - noise for i, (payoff, noise) in each)


def _expected(worth: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Return expectations, one a row; never outside the range of the row."""
    return np.clip(worth @ drawn, worth.min(axis=-1), worth.max(axis=-1))


def _judged(payoffs: np.ndarray, found: Device, gap: float, optimal: bool, coarse: bool) -> CorrelatedEquilibrium:
    """Return the answer with what the judge says of it."""
    drawn = found.drawn.reshape(payoffs.shape[1:])
    fine = optimal and _excess(payoffs, drawn, coarse) <= 0.0
    values = _expected(payoffs.reshape(len(payoffs), -1), found.drawn)
    slack = obedience(payoffs, drawn, coarse=coarse)
    return CorrelatedEquilibrium(drawn, values, slack, gap, Status.SOLVED if fine else Status.ROUNDING)
