"""Quantal response equilibria in their logit form: one precision, or the whole branch that starts at 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError, SolverError
from gametheory_rl.equilibria._branches import MAX_STEPS, follow_branch, log_prior
from gametheory_rl.equilibria._checks import payoff_tensor, tolerance
from gametheory_rl.equilibria._flat import Flat, expected
from gametheory_rl.equilibria._judges import regret
from gametheory_rl.equilibria._kernels._branch import GOOD, REACHED

FAR = 1e14
"""Precision, in spans of the largest payoffs, at which a path ends at the latest if none is given: payoffs are not known better."""


@dataclass(frozen=True, eq=False)
class LogitEquilibrium:
    """The quantal response equilibrium at one precision."""

    profile: tuple[np.ndarray, ...]
    """The i-th ``[A_i]``: mixed actions, all positive but for underflow"""
    log_profile: tuple[np.ndarray, ...]
    """The same as logarithms: probabilities below 1e-308 survive here."""
    values: np.ndarray
    """``[n]`` what the profile pays to each player"""
    regret: float
    """The most that one player gains by a deviation, in payoff units."""
    precision: float
    residual: float
    """By how much, in spans of the player's payoffs, payoffs would have to change for this to be the exact equilibrium (below
    precision 1 / span: by how much log-probabilities are off)."""
    status: Status


@dataclass(frozen=True, eq=False)
class LogitPath:
    """K points of the branch of quantal response equilibria that starts at precision 0, in the order of the branch."""

    precisions: np.ndarray
    """``[K]`` from 0; at a turning point they begin to fall, or to rise again."""
    profiles: tuple[np.ndarray, ...]
    """The i-th ``[K, A_i]``: mixed actions"""
    log_profiles: tuple[np.ndarray, ...]
    """The same as logarithms."""
    values: np.ndarray
    """``[n, K]`` what the profiles pay to each player"""
    regret: np.ndarray
    """``[K]`` the most that one player gains by a deviation, in payoff units"""
    turning_points: np.ndarray
    """Numbers of the points at which the precision has a local maximum or minimum."""
    status: Status

    @property
    def profile(self) -> tuple[np.ndarray, ...]:
        """The last point, closest to a Nash equilibrium where the path could be followed to its end."""
        return tuple(mixed[-1] for mixed in self.profiles)


def logit(payoffs: Any, precision: float, *, prior: Sequence[Any] | None = None, throw: bool = True) -> LogitEquilibrium:
    """Find the logit equilibrium of a game of n players: everybody plays action a with weight exp(precision * payoff of a).

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Payoffs, player axis first.
    precision : float
        At least 0, in 1 / payoff units: payoffs times 10 at a tenth of the precision are the same. 0 is uniform play, and towards
        infinity players best respond.
    prior : n arrays, the i-th (A_i,), optional
        What is played at precision 0, all positive; weights become prior * exp(precision * payoff). None: uniform. Other
        priors may lead to other branches.
    throw : bool
        Whether a branch that is lost on the way raises; otherwise its last point is returned, with its own ``precision``, and
        ``status`` is ``Status.STALLED``.

    Returns
    -------
    LogitEquilibrium
        ``profile``, n arrays (A_i,); ``log_profile``; ``values`` (n,); ``regret``; ``precision``; ``residual``; ``status``.

    Raises
    ------
    GameError
        Payoffs that are not ``(n, A_1, ..., A_n)`` or not finite; a precision that is negative, not finite, or too large for
        these payoffs; a prior that is not positive everywhere.
    SolverError
        The branch could not be followed to ``precision``.

    Notes
    -----
    R. McKelvey & T. Palfrey 1995. Several equilibria may have one precision: this is the one that the branch from precision 0
    reaches first, followed by arc length as in `logit_path`.

    Examples
    --------
    >>> matching = [[[2, 0], [0, 1]], [[0, 1], [1, 0]]]
    >>> [x.round(6).tolist() for x in logit(matching, 1.0).profile]
    [[0.590249, 0.409751], [0.454998, 0.545002]]
    """
    payoffs = payoff_tensor(payoffs)
    if not isinstance(precision, Real) or not 0.0 <= precision < np.inf:
        raise GameError(f"the precision is {precision!r}, a finite number of at least 0 was expected; for best responses use nash")
    game = Flat.of(payoffs)
    with np.errstate(over="ignore"):
        last = float(np.ldexp(float(precision) * game.spans.max(), game.exponent)) if game.spans.any() else 0.0
    if not last <= 1e290:
        raise GameError(f"the precision is {precision} where payoffs span {last / precision:.3g}: their product is too large; use nash")
    path = follow_branch(game, log_prior(game, prior), last)
    if path.end != REACHED and throw:
        raise SolverError(f"the branch was lost at precision {path.precisions[-1]:.6g} of {precision}: {path.status.value}")
    y = path.points[-1]
    log_profile = game.split(y[:-1])
    profile = tuple(np.exp(part) / np.exp(part).sum() for part in log_profile)
    at = float(precision) if path.end == REACHED else float(path.precisions[-1])
    return LogitEquilibrium(profile, log_profile, expected(payoffs, profile), regret(payoffs, profile), at, path.residual(), path.status)


def logit_path(
    payoffs: Any,
    *,
    max_precision: float | None = None,
    tol: float | None = None,
    prior: Sequence[Any] | None = None,
    max_steps: int = MAX_STEPS,
    throw: bool = True,
) -> LogitPath:
    """Follow the branch of logit equilibria from precision 0 to a Nash equilibrium, through every turning point.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Payoffs, player axis first.
    max_precision : float, optional
        Where to end, in 1 / payoff units. None: only at the regret wanted.
    tol : float, optional
        The regret that is small enough to end, in payoff units. By default 1e-8 of each player's span of payoffs; without effect
        where ``max_precision`` is given and ``tol`` is not.
    prior : n arrays, the i-th (A_i,), optional
        What is played at precision 0, all positive, as in `logit`. None: uniform.
    max_steps : int
        Points at most.
    throw : bool
        Whether a path that does not reach its end raises; otherwise what there is of it is returned with its ``status``.

    Returns
    -------
    LogitPath
        ``precisions`` (K,), ``profiles``, n arrays (K, A_i), ``log_profiles``, ``values`` (n, K), ``regret`` (K,),
        ``turning_points``, ``profile``, the last one, and ``status``.

    Raises
    ------
    GameError
        As `logit` does; a tolerance that is negative, or too few steps.
    SolverError
        The end was not reached.

    Notes
    -----
    Pseudo-arclength continuation with Newton corrections, in log-probabilities, so that none is lost to underflow (T. L. Turocy
    2005). Payoffs are mapped to [0, 1] for computing, precisions are those of the payoffs given. Every point is corrected until
    log-probabilities are exact to 1e-10 of 1 + their size, where payoffs are not too close to rounding for that. A path that comes
    back close to precision 0 has jumped to another branch, and is followed again in shorter steps. Towards a Nash
    equilibrium with a singular Jacobian the conditions may become singular as well: the path can then end short of it, and says so.

    Examples
    --------
    >>> path = logit_path([[[2, 0], [0, 1]], [[0, 1], [1, 0]]])
    >>> [x.round(6).tolist() for x in path.profile], bool(path.regret[-1] <= 1e-8)
    ([[0.5, 0.5], [0.333333, 0.666667]], True)
    """
    payoffs = payoff_tensor(payoffs)
    game = Flat.of(payoffs)
    tol = None if tol is None else tolerance(tol)
    if not isinstance(max_steps, int) or max_steps < 2:
        raise GameError(f"max_steps is {max_steps!r}, a whole number of at least 2 was expected")
    last = FAR
    if max_precision is not None:
        if not isinstance(max_precision, Real) or not 0.0 < max_precision < np.inf:
            raise GameError(f"max_precision is {max_precision!r}, a finite number above 0 was expected")
        with np.errstate(over="ignore"):
            last = min(float(np.ldexp(float(max_precision) * game.spans.max(), game.exponent)), 1e290)
    enough = -1.0 if max_precision is not None and tol is None else 1.0
    units = np.full(len(payoffs), 1e8) if tol is None else game.units(max(tol, 1e-320))
    path = follow_branch(game, log_prior(game, prior), last, units, enough, max_steps)
    log_profiles = game.split(path.points[:, :-1])
    profiles = tuple(np.exp(part) / np.exp(part).sum(axis=-1, keepdims=True) for part in log_profiles)
    gains, values = path.along(payoffs, profiles)
    regrets = np.append(gains[:-1], regret(payoffs, [mixed[-1] for mixed in profiles]))
    done = path.end == GOOD or (path.end == REACHED and max_precision is not None)
    # The largest precision that floats allow can come before the regret wanted, where one player's span is tiny beside another's.
    status = Status.SOLVED if done else Status.UNREACHED if path.end == REACHED else path.status
    if not done and throw:
        raise SolverError(f"the path ended at precision {path.precisions[-1]:.6g} with a regret of {regrets[-1]:.3g}: {status.value}")
    turns = np.flatnonzero(np.diff(np.sign(np.diff(path.points[:, -1])))) + 1
    return LogitPath(path.precisions, profiles, log_profiles, values, regrets, turns, status)
