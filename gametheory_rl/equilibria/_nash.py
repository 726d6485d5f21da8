"""One certified Nash equilibrium of a game of any number of players: several methods, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError, SolverError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.equilibria._branches import log_prior
from gametheory_rl.equilibria._checks import payoff_tensor, tolerance
from gametheory_rl.equilibria._flat import Flat, expected
from gametheory_rl.equilibria._judges import regret
from gametheory_rl.equilibria._kernels._branch import FOUND, follow
from gametheory_rl.equilibria._kernels._indifference import polish
from gametheory_rl.equilibria._lemke_howson import lemke_howson
from gametheory_rl.equilibria._scaling import normalised
from gametheory_rl.equilibria._supports import by_support, supports_of

Profile = tuple[np.ndarray, ...]

ACCEPTED = 1e-12
"""Largest regret, in spans of the player's payoffs, of an answer, unless a tolerance is given."""
QUICK, CAREFUL = (0.3, 0.3, 0.6, 1.5, 1e-3), (0.1, 0.1, 0.2, 0.5, 1e-6)
"""How a branch is followed that need not be the principal one, see the kernel."""
RESTARTS = 60
"""Branches from random priors, the last third of them followed with care."""
FLOOR = 1e-3
"""A random prior is never closer than about this to a pure one."""
FAR, POINTS = 1e14, 300
LATE_CUTS = (-5.0, -20.0, -40.0)
"""Log-probabilities below which an action is taken to vanish at the end of a branch."""
GLANCE = 12
"""Newton steps for the support in sight along a branch."""
PATIENCE = 60
"""Newton steps at the end of a branch, where equilibria may be singular."""
SUPPORTS_UP_TO = 20_000
"""Supports of small games that are tried one by one, when all else has failed."""


@dataclass(frozen=True, eq=False)
class NashEquilibrium:
    """One equilibrium of a game of n players."""

    profile: Profile
    """The i-th ``[A_i]``: mixed actions"""
    values: np.ndarray
    """``[n]`` what the profile pays to each player"""
    regret: float
    """The most that one player gains by a deviation, in payoff units."""
    method: str
    """pure, lemke_howson, logit or supports"""
    status: Status


def nash(
    payoffs: Any, *, method: str | None = None, tol: float | None = None, start: Sequence[Any] | None = None, throw: bool = True
) -> NashEquilibrium:
    """Find one Nash equilibrium of a game of n players, and say how.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Payoffs, player axis first.
    method : str, optional
        ``pure``: the first equilibrium in which nobody randomises. ``lemke_howson``: two players. ``logit``: the branch of quantal
        response equilibria from ``start``, and from random priors where that does not lead to an equilibrium. ``supports``: one
        support after the other, up to 20,000, few actions and equal sizes first. None: each in this order until one answers.
    tol : float, optional
        How much a player may gain by a deviation, in payoff units. By default 1e-12 of each player's span of payoffs.
    start : n arrays, the i-th (A_i,), optional
        Positive probabilities from which the first branch starts; without a method, ``logit`` comes first. Other starts may lead
        to other equilibria. None: uniform.
    throw : bool
        Whether a game without an answer raises; otherwise the best profile found is returned with its regret, and ``status`` is
        ``Status.UNREACHED``.

    Returns
    -------
    NashEquilibrium
        ``profile``, n arrays (A_i,); ``values`` (n,); ``regret`` in payoff units; ``method``; ``status``.

    Raises
    ------
    GameError
        Payoffs that are not ``(n, A_1, ..., A_n)`` or not finite; an unknown method, or one for other numbers of players; a negative
        tolerance; a start that is not positive everywhere.
    SolverError
        No profile within the tolerance was found.

    Notes
    -----
    The branch (R. McKelvey & T. Palfrey 1995; T. L. Turocy 2005) is followed only until the actions that matter are in sight: after
    each step Newton's method looks for the profile that makes the likely actions equally good, damped where equilibria form a
    continuum, and what it finds is judged by `regret` on payoffs mapped to [0, 1]. So the equilibrium is in general not the limit
    of the branch; `logit_path` follows that. Random priors are the same in every call.

    Examples
    --------
    >>> majority = np.zeros((3, 2, 2, 2))
    >>> majority[:, 0, 0, 0], majority[:, 1, 1, 1] = 1, 2
    >>> nash(majority).method, nash(majority).values.tolist()
    ('pure', [1.0, 1.0, 1.0])
    >>> mixed = nash(majority, start=([0.4, 0.6], [0.5, 0.5], [0.5, 0.5]))
    >>> mixed.method, mixed.profile[0].round(10).tolist()
    ('logit', [0.5857864376, 0.4142135624])
    """
    payoffs = payoff_tensor(payoffs)
    tol = None if tol is None else tolerance(tol)
    search = _Search(payoffs, normalised(payoffs), Flat.of(payoffs), tol)
    prior = log_prior(search.game, start)
    total = int(search.game.offsets[-1])
    require_memory((4, total + 2, total + 2), "the Jacobian", "use a game of fewer actions")
    best: NashEquilibrium | None = None
    for name in _order(method, len(payoffs), start is not None):
        for profile in METHODS[name](search, prior):
            found = search.judged(profile, name)
            if found.status.ok:
                return found
            if best is None or found.regret < best.regret:
                best = found
    if throw:
        raise SolverError(f"the best profile found has a regret of {'none' if best is None else best.regret}: {Status.UNREACHED.value}")
    uniform = tuple(np.full(count, 1.0 / count) for count in search.game.shape)
    return best if best is not None else search.judged(uniform, "none")


@dataclass(frozen=True, eq=False)
class _Search:
    """One game, and what counts as an equilibrium of it."""

    payoffs: np.ndarray
    unit: np.ndarray
    game: Flat
    tol: float | None

    @property
    def units(self) -> np.ndarray:
        """What regrets in spans are times to be 1 at half the tolerance."""
        return np.full(len(self.unit), 2.0 / ACCEPTED) if self.tol is None else 2.0 * self.game.units(max(self.tol, 1e-320))

    def judged(self, profile: Profile, method: str) -> NashEquilibrium:
        """Return a profile with what the definition says of it."""
        gain = regret(self.payoffs, profile)
        fine = regret(self.unit, profile) <= ACCEPTED if self.tol is None else gain <= self.tol
        return NashEquilibrium(profile, expected(self.payoffs, profile), gain, method, Status.SOLVED if fine else Status.UNREACHED)


def _order(method: str | None, players: int, started: bool) -> tuple[str, ...]:
    """Return the methods to try."""
    if method is None:
        rest = ("pure", *(["lemke_howson"] if players == 2 else []), "supports")
        return ("logit", *rest) if started else (*rest[:-1], "logit", "supports")
    if method not in METHODS:
        raise GameError(f"the method is {method!r}, one of {', '.join(METHODS)} was expected")
    if method == "lemke_howson" and players != 2:
        raise GameError(f"the game has {players} players, 2 were expected by Lemke-Howson; use method='logit'")
    return (method,)


def _by_cells(search: _Search, prior: np.ndarray) -> Iterator[Profile]:
    """Yield the first cell from which nobody gains by moving, if there is one; ties by rounding are settled by the judge."""
    del prior
    stable = np.ones(search.unit.shape[1:], np.bool_)
    for player, payoff in enumerate(search.unit):
        stable &= payoff.max(axis=player, keepdims=True) - payoff <= ACCEPTED
    if stable.any():
        cell = np.unravel_index(int(np.argmax(stable)), stable.shape)
        yield tuple(np.eye(count)[a] for a, count in zip(cell, stable.shape, strict=True))


def _by_lemke_howson(search: _Search, prior: np.ndarray) -> Iterator[Profile]:
    """Yield the equilibrium of label 0."""
    del prior
    solution = lemke_howson(*search.payoffs, throw=False)
    if solution.status.ok:
        yield solution.profile


def _by_branches(search: _Search, prior: np.ndarray) -> Iterator[Profile]:
    """Yield what is found along the branch from ``prior``, then from random priors, and where each branch ends."""
    game, total = search.game, len(prior)
    points, regrets, found = np.empty((POINTS, total + 1)), np.empty(POINTS), np.empty(total)
    rng = np.random.default_rng(0)  # the same restarts in every call
    equal = np.ones(len(game.shape))  # regrets count in spans here, so each player's precision does too
    for k in range(RESTARTS + 1):
        care = np.array(CAREFUL if 3 * k > 2 * RESTARTS else QUICK)
        count, end = follow(*game.arrays, equal, search.units, prior, FAR, 1.0, care, GLANCE, points, regrets, found)
        if end == FOUND:
            yield game.split(found)
        last = np.exp(points[count - 1, :total])
        for cut in LATE_CUTS:
            inside, x = points[count - 1, :total] >= cut, last.copy()
            if polish(*game.arrays, search.units, PATIENCE, inside, x) < np.inf:
                yield game.split(x)
        yield _distributions(game, last)
        prior = np.concatenate([np.log((1.0 - FLOOR) * rng.dirichlet(np.ones(k)) + FLOOR / k) for k in game.shape])


def _by_supports(search: _Search, prior: np.ndarray) -> Iterator[Profile]:
    """Yield what Newton's method finds on one support after the other."""
    del prior
    yield from by_support(search.game, search.units, supports_of(search.game.shape, SUPPORTS_UP_TO))


def _distributions(game: Flat, x: np.ndarray) -> Profile:
    """Return positive weights as probabilities."""
    return tuple(part / part.sum() for part in game.split(x))


METHODS: dict[str, Callable[[_Search, np.ndarray], Iterator[Profile]]] = {
    "pure": _by_cells,
    "lemke_howson": _by_lemke_howson,
    "logit": _by_branches,
    "supports": _by_supports,
}
