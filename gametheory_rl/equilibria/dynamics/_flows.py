"""Dynamics in continuous time: recipes over one integrator."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl.equilibria._checks import mixed_actions
from gametheory_rl.equilibria._lemke_howson import lemke_howson
from gametheory_rl.equilibria.dynamics._arena import Arena, arena, positive
from gametheory_rl.equilibria.dynamics._engine import integrate, rule_of
from gametheory_rl.equilibria.dynamics._trajectory import Trajectory

STEP = 0.1
"""Longest step, at speeds of one per span of payoffs: errors are about 1e-8 where paths do not part."""
PRECISION = 10.0
"""Default precision of logit replies, per span of payoffs."""


def replicator(
    payoffs: Any,
    duration: float = 100.0,
    *,
    start: Any = None,
    rate: Any = None,
    step: float | None = None,
    records: Any = 100,
    progress: bool | None = None,
) -> Trajectory:
    """Follow the replicator dynamic: shares of actions grow by what they earn above the average.

    dx_k/dt = rate * x_k (u_k - x . u), for one population (P. D. Taylor and L. B. Jonker 1978) or one per player (P. D. Taylor
    1979).

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) or (m, m) array
        Payoffs, player axis first; a matrix is one population that plays against itself.
    duration : float
        How long, in the time that ``rate`` gives.
    start : n arrays (..., A_i), or one (..., m), optional
        Shares at the start, any leading axes; by default uniform, which is often a rest point: see ``random_starts``.
    rate : float or (n,) array, optional
        Speed per unit of payoff; by default one over each player's span of payoffs, so that scales and offsets do not matter.
    step : float, optional
        Longest step; by default 0.1 divided by the largest rate per span.
    records : int or array of times
        How many moments are kept, from the start to the end, or which; where no step divides them all, the nearest ones.
    progress : bool, optional
        Show a bar; by default on a terminal.

    Returns
    -------
    Trajectory
        ``step`` and ``step_error`` say how it was integrated: by the Runge-Kutta method of order four.

    Raises
    ------
    GameError
        Payoffs, starts, rates or times that cannot be used.

    Notes
    -----
    In a zero-sum game with an equilibrium in full support the sum of the players' relative entropies from it to their play,
    each divided by the player's rate, does not change: paths circle (J. Hofbauer 1996). Actions of share zero stay so,
    and so do those whose share has fallen below the smallest float64.

    Examples
    --------
    >>> scissors = [[0, -1, 1], [1, 0, -1], [-1, 1, 0]]
    >>> path = replicator(scissors, start=[0.5, 0.3, 0.2])
    >>> products = path.profiles[0].prod(axis=-1)
    >>> bool(abs(products - 0.03).max() < 1e-6)
    True
    """
    field = arena(payoffs, start, population=True)
    rates = field.rates(rate)
    return integrate(field, rule_of(field, "REPLICATOR", rates), duration, _step(step, rates), records, progress)


def best_response(
    payoffs: Any, duration: float = 20.0, *, start: Any = None, step: float = 0.01, records: Any = 100, progress: bool | None = None
) -> Trajectory:
    """Follow the best response dynamic: players move straight towards a best reply (I. Gilboa and A. Matsui 1991).

    dx/dt = b(x) - x, the continuous twin of fictitious play.

    Parameters
    ----------
    payoffs, start, records, progress
        As for ``replicator``; matrices are one population.
    duration : float
        How long; a player that keeps its aim halves the distance in 0.69.
    step : float
        Longest step.

    Returns
    -------
    Trajectory
        Paths are exact where best replies stay the same during a step and off by up to the order of ``step`` after they change:
        ``step_error`` estimates it. Payoffs count by their order only, so scales and offsets do not matter.

    Raises
    ------
    GameError
        Payoffs, starts or times that cannot be used.

    Notes
    -----
    A differential inclusion: at ties (up to 1e-12 of the span) this path aims at the first best reply. Where a whole face of
    best replies holds the solution, as at a mixed equilibrium, the steps zigzag around it by about the square root of their
    length.

    Examples
    --------
    >>> path = best_response([[[2, 0], [0, 1]], [[2, 0], [0, 1]]], start=([0.6, 0.4], [0.5, 0.5]))
    >>> path.last[0].round(6).tolist(), float(path.last_regret) < 1e-6
    ([1.0, 0.0], True)
    """
    field = arena(payoffs, start, population=True)
    return integrate(field, rule_of(field, "BEST_REPLY_FLOW", field.rates(None)), duration, step, records, progress)


def logit(
    payoffs: Any,
    duration: float = 50.0,
    *,
    precision: Any = None,
    start: Any = None,
    step: float | None = None,
    records: Any = 100,
    progress: bool | None = None,
) -> Trajectory:
    """Follow the logit dynamic: players move towards the mixed action that goes as exp(precision * u).

    dx/dt = logit(precision * u(x)) - x (D. Fudenberg and D. K. Levine 1998, chapter 4; J. Hofbauer and W. H. Sandholm 2002); it
    rests at the logit equilibria of that precision.

    Parameters
    ----------
    payoffs, start, records, progress
        As for ``replicator``; matrices are one population.
    duration : float
        How long; a player that keeps its aim halves the distance in 0.69.
    precision : float or (n,) array, optional
        One over payoff; by default 10 over each player's span of payoffs.
    step : float, optional
        Longest step; by default 0.1, less where the precision makes replies turn faster.

    Returns
    -------
    Trajectory
        By the Runge-Kutta method of order four.

    Raises
    ------
    GameError
        Payoffs, starts, precisions or times that cannot be used.

    Examples
    --------
    >>> path = logit([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]], start=([0.9, 0.1], [0.5, 0.5]))
    >>> path.last[0].round(6).tolist()
    [0.5, 0.5]
    """
    field = arena(payoffs, start, population=True)
    rates = field.rates(precision, "precision", default=PRECISION)
    longest = STEP / max(1.0, float(rates.max()) / PRECISION) if step is None else step
    return integrate(field, rule_of(field, "LOGIT_FLOW", rates), duration, longest, records, progress)


def iga(
    payoffs: Any,
    duration: float = 50.0,
    *,
    start: Any = None,
    rate: Any = None,
    step: float | None = None,
    records: Any = 100,
    progress: bool | None = None,
) -> Trajectory:
    """Follow infinitesimal gradient ascent: each player moves along the gradient of its own payoff.

    With two actions dx_0/dt = rate * (u_0 - u_1), kept inside [0, 1] (S. Singh, M. Kearns and Y. Mansour 2000, section 3). With
    more, the gradient is projected to the directions that stay inside the simplex and doubled, which is the same for two.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Payoffs, player axis first.
    duration, start, rate, step, records, progress
        As for ``replicator``, the default step half as long.

    Returns
    -------
    Trajectory
        By the Runge-Kutta method of order four; of order one in the steps in which a path meets the border.

    Raises
    ------
    GameError
        Payoffs, starts, rates or times that cannot be used.

    Examples
    --------
    >>> path = iga([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]], start=([0.7, 0.3], [0.5, 0.5]))
    >>> x, y = (z[:, 0] - 0.5 for z in path.profiles)
    >>> bool(abs(x**2 + y**2 - 0.04).max() < 1e-5)
    True
    """
    field = arena(payoffs, start)
    rates = field.rates(rate)
    return integrate(field, rule_of(field, "GRADIENT_FLOW", rates), duration, _step(step, 2.0 * rates), records, progress)


def wolf_iga(
    payoffs: Any,
    duration: float = 50.0,
    *,
    start: Any = None,
    rate: Any = None,
    winning: float = 0.5,
    equilibrium: Any = None,
    step: float | None = None,
    records: Any = 100,
    progress: bool | None = None,
) -> Trajectory:
    """Follow gradient ascent that is slower while it wins: win or learn fast.

    A player wins where it earns more than its equilibrium action would against the others' play (M. Bowling and M. Veloso 2002,
    section 4). In every game of two players with two actions it converges to an equilibrium, where ``iga`` may circle.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Payoffs, player axis first. The theorem is about two actions each; beyond, the gradient is that of ``iga``.
    duration, start, step, records, progress
        As for ``iga``.
    rate : float or (n,) array, optional
        Speed of those who lose, per unit of payoff; by default one over each player's span.
    winning : float
        Speed of those who win relative to that, above 0 and at most 1; at 1 it is ``iga``.
    equilibrium : n arrays (A_i,), optional
        What players compare themselves with; by default what ``lemke_howson`` finds, for two players.

    Returns
    -------
    Trajectory
        By the Runge-Kutta method of order four; of order one in the steps in which the speed changes.

    Raises
    ------
    GameError
        Payoffs, starts, rates or times that cannot be used, or no equilibrium given for other than two players.

    Examples
    --------
    >>> path = wolf_iga([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]], start=([0.7, 0.3], [0.5, 0.5]))
    >>> bool(path.last_regret < 0.01)
    True
    """
    field = arena(payoffs, start)
    if positive(winning, "winning") > 1.0:
        raise GameError(f"winning is {winning!r}, a number above 0 and at most 1 was expected")
    rates, reference = field.rates(rate), _reference(field, equilibrium)
    rule = rule_of(field, "GRADIENT_FLOW", rates * winning, losing=rates, reference=reference)
    return integrate(field, rule, duration, _step(step, 2.0 * rates), records, progress)


def _reference(field: Arena, equilibrium: Any) -> np.ndarray:
    """Return the mixed actions that players compare themselves with, one after the other."""
    if equilibrium is None:
        if len(field.payoffs) != 2:
            raise GameError(f"equilibrium is missing: with {len(field.payoffs)} players it was expected, n mixed actions")
        equilibrium = lemke_howson(*field.payoffs).profile
    if len(equilibrium) != len(field.actions):
        raise GameError(f"equilibrium has {len(equilibrium)} mixed actions, {len(field.actions)} were expected, one per player")
    sized = zip(equilibrium, field.actions, strict=True)
    return np.concatenate([mixed_actions(x, (int(k),), f"the equilibrium action of player {i}") for i, (x, k) in enumerate(sized)])


def _step(step: float | None, rates: np.ndarray) -> float:
    return STEP / (float(rates.max()) or 1.0) if step is None else step
