"""Stationary Nash equilibria of any discounted game, at the end of a path of equilibria of easier games."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from gametheory_rl._game_checks import checked_profile
from gametheory_rl._games import StochasticGame
from gametheory_rl._results import Certificate, GameSolution, Status
from gametheory_rl._support._errors import GameError, SolverError, UnknownNameError
from gametheory_rl._support._progress import Advance, progress_bar
from gametheory_rl.stochastic._action_rows import ActionRows, action_rows
from gametheory_rl.stochastic._certified import checked_limit, checked_tolerance, require_discounted
from gametheory_rl.stochastic._paths import Visit, end_of_quantal, end_of_tracing
from gametheory_rl.stochastic._regret import status_of

PATHS = ("tracing", "quantal")
RANDOM_PRIORS = 3
"""Priors that are tried where none was asked for and the path from uniform play is lost."""
BARRIERS = (0.1, 0.02, 1.0)
"""Weights of the logarithms at the path's start, in payoff spans. A large one makes the path smooth; a small one keeps it from
wandering through the equilibria of games with many, such as the second grid game."""
MANY = 300
"""Games with more actions, counted over states and players, begin with the largest weight: their paths are long."""
SHORT, LONG = 500, 4_000
"""Steps of first and second attempts; paths grow with the game, so that first attempts may take four steps an action."""
TRACE_ENTRIES = 2_000_000
"""Values and policies of every step are kept in the trace up to this many numbers."""


def homotopy(
    game: StochasticGame,
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    throw: bool = True,
    progress: bool | None = None,
    path: str | None = None,
    prior: Any = None,
) -> GameSolution:
    """Find a stationary Nash equilibrium: follow a path from an easy game to this one, and settle its end to the last digits.

    Parameters
    ----------
    game : StochasticGame
        Any number of players, general-sum or not, masked or not; every discount below 1.
    tol : float, optional
        Largest certified regret, in payoff units; None: 1e-8 times the payoff span.
    max_iterations : int, optional
        Steps along one path at most; None: 20,000.
    throw : bool
        Raise where no end was certified; False: return the best one found, with its status and its certified regret.
    progress : bool, optional
        Draw a bar; None: on a terminal.
    path : {"tracing", "quantal"}, optional
        ``tracing``: the logarithmic tracing procedure, from best answers to ``prior``. ``quantal``: the principal branch of logistic
        quantal response equilibria, from uniform play. None: tracing, and quantal where it is lost from every prior.
    prior : profile, or int, optional
        What everybody believes of everybody else at first: one ``(S, A_i)`` array per player, or the seed of a random one.
        Another prior may lead to another equilibrium. None: uniform play.

    Returns
    -------
    GameSolution
        ``error_bound`` is None: the guarantee is the regret, ``certificate.epsilon``, at most ``tol``. ``trace`` has one row a step:
        ``parameter`` (``t`` from 0 to 1, or the precision in units of 1 / payoff span), ``regret`` (the largest one-step gain, in
        payoff units), and while they are small ``values`` (steps, n, S) and ``policy_0``, ``policy_1``, ... (steps, S, A_i).

    Raises
    ------
    GameError
        A discount of 1, an unknown path, a prior that is no profile of the game, or one for ``quantal``, which starts from uniform play.
    SolverError
        No path ended at an equilibrium that ``verify`` certifies.

    Notes
    -----
    Generically the path exists, and ends (Eibelshäuser & Poensgen 2023). Two deviations from their method make its end exact: the
    complementarity of probability and loss is followed in one smooth variable, in which the path has finite length, and the last stretch
    is solved as the equations of the equilibrium itself (`_tracing`, `_path_end`). Where equilibria are not isolated those are singular:
    the barrier is lowered until rounding stops it, and the quantal path goes to the equilibrium beside it. A path that is lost, or that
    has not ended after 500 steps, is tried again with other weights of the barrier, and without a ``prior`` from three random ones; then
    all with 4,000 steps, and with as many as allowed; last, if no path was asked for, comes the quantal one. In games with many actions
    first attempts have more steps.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> solution = gt.solve(gt.load_game("nosde"), "homotopy")
    >>> solution.values.round(9).tolist()
    [[4.0, 5.333333333], [5.333333333, 4.0]]
    """
    from gametheory_rl._verify import judge

    require_discounted(game, "homotopy")
    if path is not None and path not in PATHS:
        raise UnknownNameError("path", str(path), PATHS)
    if path == "quantal" and prior is not None:
        raise GameError("the quantal path starts from uniform play, a prior was given; use path='tracing'")
    tol = checked_tolerance(game, tol)
    limit = 20_000 if max_iterations is None else checked_limit(max_iterations, 0.0)
    priors = _checked_prior(game, prior)
    certify = judge(game)
    rows = action_rows(game)
    best: _End | None = None
    status = None
    try:
        with progress_bar("homotopy", 1.0, show=progress) as show:
            for attempt in _attempts(priors, "tracing" if prior is not None else path, limit, rows.num_rows):
                walk = _Walk(rows, show)
                best = _better(best, _judged(certify, _followed(rows, attempt, walk), walk))
                if status_of(best.certificate, tol, Status.LOST) is not Status.LOST:
                    break
    except KeyboardInterrupt:
        if throw or best is None:
            raise
        status = Status.INTERRUPTED
    assert best is not None
    return _solution(best, tol, throw, status)


def _checked_prior(game: StochasticGame, prior: Any) -> list[tuple[np.ndarray, ...]]:
    """Return the prior that was asked for; without a wish uniform play, and random ones for the case that its path is lost."""
    if prior is None:
        return [
            tuple(mask / mask.sum(axis=1, keepdims=True) for mask in game.legal),
            *(_random_prior(game, k) for k in range(RANDOM_PRIORS)),
        ]
    if isinstance(prior, int | np.integer) and not isinstance(prior, bool):
        if prior < 0:
            raise GameError(f"prior is {prior}, a profile or a seed from 0 up was expected")
        return [_random_prior(game, int(prior))]
    if isinstance(prior, bool | str | float):
        raise GameError(f"prior is {prior!r}, a profile or a seed from 0 up was expected")
    found = checked_profile(game, prior)
    if not isinstance(found, tuple):
        raise GameError("prior is one array, a product profile was expected: one (S, A_i) array per player")
    return [found]


def _random_prior(game: StochasticGame, seed: int) -> tuple[np.ndarray, ...]:
    """Return beliefs drawn uniformly from all mixed actions, in each state apart."""
    rng = np.random.default_rng(seed)
    weights = [np.where(mask, rng.exponential(size=mask.shape), 0.0) for mask in game.legal]
    return tuple(weight / weight.sum(axis=1, keepdims=True) for weight in weights)


class _Attempt(NamedTuple):
    """One path to follow."""

    prior: tuple[np.ndarray, ...] | None
    """None: the quantal path"""
    barrier: float
    most: int
    """Steps"""


def _attempts(priors: list[tuple[np.ndarray, ...]], path: str | None, limit: int, rows: int) -> Iterator[_Attempt]:
    """Yield the paths to try: short ones first, since a path that wanders seldom comes home."""
    if path != "quantal":
        short = max(SHORT, 4 * rows)
        for most in sorted({min(limit, short), min(limit, max(LONG, 2 * short)), limit}):
            for prior in priors:
                for barrier in sorted(BARRIERS, reverse=True) if rows > MANY else BARRIERS:
                    yield _Attempt(prior, barrier, most)
    if path != "tracing":
        yield _Attempt(None, 0.0, limit)


def _followed(rows: ActionRows, attempt: _Attempt, walk: _Walk) -> np.ndarray:
    """Return the probabilities ``(R,)`` at the end of a path."""
    if not rows.num_rows:
        return np.empty(0)
    if attempt.prior is None:
        return end_of_quantal(rows, attempt.most, walk.keep)
    return end_of_tracing(rows, attempt.prior, attempt.barrier, attempt.most, walk.keep)


@dataclass(eq=False)
class _Walk:
    """What a path passed through."""

    rows: ActionRows
    show: Advance
    visits: list[Visit] = field(default_factory=list)

    def keep(self, visit: Visit) -> None:
        """Keep a point of the path, without its arrays once the whole trace is large."""
        self.visits.append(visit)
        self.show(visit.done, f"step {len(self.visits)}, one-step gain {visit.gain:.2g}")

    def trace(self) -> dict[str, np.ndarray]:
        """Return the columns of the trace."""
        columns = {"parameter": np.array([v.parameter for v in self.visits]), "regret": np.array([v.gain for v in self.visits])}
        if len(self.visits) * (self.rows.num_rows + self.rows.num_groups) <= TRACE_ENTRIES:
            columns["values"] = np.array([self.rows.values_of(v.values) for v in self.visits])
            policies = zip(*(self.rows.profile_of(v.play) for v in self.visits), strict=True)
            columns |= {f"policy_{player}": np.array(policy) for player, policy in enumerate(policies)}
        return columns


@dataclass(frozen=True, eq=False)
class _End:
    """Where a path ended, judged."""

    profile: tuple[np.ndarray, ...]
    certificate: Certificate
    walk: _Walk


def _better(one: _End | None, other: _End) -> _End:
    return other if one is None or other.certificate.epsilon < one.certificate.epsilon else one


def _judged(certify: Callable[..., Certificate], play: np.ndarray, walk: _Walk) -> _End:
    profile = walk.rows.profile_of(play)
    return _End(profile, certify(profile), walk)


def _solution(best: _End, tol: float, throw: bool, status: Status | None) -> GameSolution:
    epsilon, certificate = best.certificate.epsilon, best.certificate
    if status is None:
        status = status_of(certificate, tol, Status.LOST)
    if throw and status is Status.LOST:
        raise SolverError(f"homotopy: {status.value} (regret at most {epsilon:.3g}, tol {tol:.3g})")
    steps = len(best.walk.visits)
    return GameSolution(certificate.values, best.profile, None, best.walk.trace(), status, "homotopy", steps, lambda: certificate)
