"""Games that end after a number of stages: backward induction, with any solution of stage games, and policies that depend on time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl._game_checks import checked_values
from gametheory_rl._games import StochasticGame
from gametheory_rl._results import Certificate, Profile, Status
from gametheory_rl._support._errors import GameError, SolverError, UnknownNameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl._support._progress import progress_bar
from gametheory_rl._verify import verify
from gametheory_rl.stochastic import _stage_rules as rules
from gametheory_rl.stochastic._certified import checked_tolerance, require_game
from gametheory_rl.stochastic._regret import status_of
from gametheory_rl.stochastic._sweeps import Sweeps

CONCEPTS: dict[str, Callable[[Any, int], rules.Rule]] = {
    "nash": rules.nash_rule,
    "correlated": rules.correlated_rule,
    "friend": rules.friend_rule,
    "foe": rules.foe_rule,
    "stackelberg": rules.stackelberg_rule,
}


@dataclass(frozen=True, eq=False)
class FiniteHorizonSolution:
    """Solution of a game of ``T`` stages."""

    values: np.ndarray
    """``[T + 1, n, S]`` what each player expects when ``T - t`` stages are left; the last are the final values"""
    profile: Profile
    """One ``[T, S, A_i]`` per player, or ``[T, S, A_1, ..., A_n]`` of joint actions"""
    gains: np.ndarray
    """``[n, S]`` what each player gains at most by deviating, from the first stage on, at all stages"""
    epsilon: float
    """Largest gain, rounding allowed for: the profile is an epsilon-equilibrium wherever play begins, as ``verify(game, profile)`` finds"""
    matched: np.ndarray
    """``[T, S]`` bool: whether all players had the same equilibrium in mind"""
    status: Status


def finite_horizon(
    game: StochasticGame,
    horizon: int,
    *,
    concept: str = "nash",
    select: Any = None,
    final: Any = None,
    tol: float | None = None,
    throw: bool = True,
    progress: bool | None = None,
) -> FiniteHorizonSolution:
    """Solve a game of ``horizon`` stages by backward induction.

    Parameters
    ----------
    game : StochasticGame
        Any number of players, any discounts from 0 to 1.
    horizon : int
        Number of stages, at least 1.
    concept : {"nash", "correlated", "friend", "foe", "stackelberg"}
        How every stage game is played, its continuation values being those of the stages that follow.
    select : str or pair of str, optional
        Which equilibrium: what ``nash_iteration`` takes (a rule, or one for each of two players), or ``correlated_iteration`` (an
        objective).
    final : array_like, shape (n, S), optional
        What a state is worth when all stages are over; None: nothing.
    tol : float, optional
        Largest gain of a Nash or correlated equilibrium, in payoff units; None: 1e-8 times the payoff span.
    throw : bool
        Raise where the gain is larger, or players have different equilibria in mind; False: return the answer with its status.
    progress : bool, optional
        Draw a bar; None: on a terminal.

    Returns
    -------
    FiniteHorizonSolution
        Time comes first: at stage ``t`` players follow ``profile[i][t]``. For ``nash`` it is a subgame-perfect equilibrium; for
        ``foe`` in a zero-sum game too, and ``values`` are the game's; ``friend`` and ``stackelberg`` are what their stage rules make of
        it, ``gains`` say how far from equilibrium.

    Raises
    ------
    GameError
        A horizon below 1, an unknown concept or selection, a ``tol`` out of range, final values of another shape, arrays that would
        not fit in memory.
    SolverError
        See ``throw``.

    Notes
    -----
    Unlike stationary equilibria of endless games, these always exist by backward induction (L. Shapley 1953 for zero-sum games). The
    gains come from policy evaluation and from the best replies' own backward induction, not from the stage solutions.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> twice = gt.stochastic.finite_horizon(gt.StochasticGame.from_matrix_game([[2, 0], [0, 1]], discount=1.0), 3)
    >>> twice.values[:, 0, 0].round(12).tolist()
    [2.0, 1.333333333333, 0.666666666667, 0.0]
    """
    require_game(game, "finite_horizon")
    if not isinstance(horizon, int | np.integer) or isinstance(horizon, bool) or horizon < 1:
        raise GameError(f"horizon is {horizon!r}, a whole number of stages from 1 up was expected")
    if not isinstance(concept, str) or concept not in CONCEPTS:
        raise UnknownNameError("concept", str(concept), CONCEPTS)
    joint = concept == "correlated"
    shape = (int(horizon), game.num_states, game.num_joint_actions if joint else sum(game.num_actions))
    require_memory(shape, "the policies of all stages", "choose a shorter horizon")
    last, tol = _checked_final(game, final), checked_tolerance(game, tol)
    _require_representable(game, int(horizon), last)
    sweeps = Sweeps.of(game, CONCEPTS[concept](select, game.num_players))
    values, plays, matched = [last], [], []
    with progress_bar("finite_horizon", float(horizon), show=progress) as advance:
        for stage in range(int(horizon)):
            values.append(sweeps.sweep(values[-1]))
            plays.append(tuple(part.copy() for part in sweeps.parts()))
            matched.append(sweeps.matched.copy())
            advance(stage + 1.0, f"{horizon - stage - 1} stages left")
    parts = tuple(np.stack(part[::-1]) for part in zip(*plays, strict=True))
    profile = parts[0] if joint else parts
    certificate = verify(game, profile, final=last)
    agreed = np.stack(matched[::-1])
    status = _status(concept, certificate, agreed, tol)
    if throw and status in (Status.MISMATCH, Status.UNREACHED):
        raise SolverError(f"finite_horizon {status.value} (gain {certificate.epsilon:.3g}, tol {tol:.3g})")
    return FiniteHorizonSolution(np.stack(values[::-1]), profile, certificate.gains, certificate.epsilon, agreed, status)


def _checked_final(game: StochasticGame, final: Any) -> np.ndarray:
    if final is None:
        return np.zeros((game.num_players, game.num_states))
    values = checked_values(final, game.num_players, game.num_states, "final values")
    if not np.isfinite(values).all():
        raise GameError("final values are not all finite, finite numbers were expected")
    return values


def _require_representable(game: StochasticGame, horizon: int, final: np.ndarray) -> None:
    """Refuse payoffs whose sums over all stages leave no room for their differences."""
    largest = np.abs(game.payoff.reshape(game.num_players, -1)).max(axis=1)
    stages = [float(horizon) if d >= 1.0 else min(float(horizon), 1.0 / (1.0 - d)) for d in game.discount.tolist()]
    room = float(np.finfo(np.float64).max) / 8.0
    if not (largest <= (room - np.abs(final).max(axis=1)) / np.array(stages)).all():
        raise GameError("payoffs over so many stages add up to more than float64 holds; rescale them")


def _status(concept: str, certificate: Certificate, matched: np.ndarray, tol: float) -> Status:
    if concept not in ("nash", "correlated"):
        return Status.SOLVED
    return status_of(certificate, tol) if matched.all() else Status.MISMATCH
