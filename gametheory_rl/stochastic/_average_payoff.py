"""The average payoff in the long run of zero-sum games whose value does not depend on the state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError, SolverError
from gametheory_rl._support._memory import require_memory
from gametheory_rl._support._progress import progress_bar
from gametheory_rl.stochastic._certified import checked_tolerance, require_game
from gametheory_rl.stochastic._moves import EPS, Moves
from gametheory_rl.stochastic._recurrent import recurrent_state, separate_states

DAMPING = 0.5
"""Share of a step: a chain that stays put half of the time has no period."""
NEWTON_EVERY = 4
"""How often the values of the policy pair are tried after they did not help."""
DENSE = 1000
"""Up to so many states, linear equations are solved by dense elimination."""
STALLED_AFTER = 300
"""Iterations without progress, where convergence is not promised, after which none is expected."""


@dataclass(frozen=True, eq=False)
class AveragePayoffSolution:
    """Bounds of the average payoff to player 1 in the long run, the same from every start, and the policies that prove them."""

    lower: float
    """What player 1's policy earns on average at least, from every start, whatever the other does"""
    upper: float
    """What the other's policy concedes at most; for one player, more than which no policy earns"""
    bias: np.ndarray
    """``[S]`` how much better than the reference state it is to start here, in total; an estimate"""
    profile: tuple[np.ndarray, ...]
    """One stationary ``[S, A_i]`` per player"""
    recurrent: int | None
    """A state that all play comes back to: then the bounds must meet; None: there is none, and they met all the same"""
    trace: Mapping[str, np.ndarray]
    """Columns by name, one row an iteration: lower, upper"""
    status: Status
    iterations: int

    @property
    def gain(self) -> float:
        """The middle of the bounds."""
        return self.lower + 0.5 * (self.upper - self.lower)

    @property
    def error_bound(self) -> float:
        """How far ``gain`` can be off."""
        return 0.5 * (self.upper - self.lower) + 2 * EPS * max(abs(self.lower), abs(self.upper))

    def __repr__(self) -> str:
        """Return one line: guarantee, status."""
        found = f"{self.gain:.10g}, error at most {self.error_bound:.3g}"
        return f"AveragePayoffSolution({found}, {self.iterations} iterations: {self.status.value})"


def average_payoff(
    game: StochasticGame,
    *,
    tol: float | None = None,
    max_iterations: int = 10_000,
    throw: bool = True,
    progress: bool | None = None,
) -> AveragePayoffSolution:
    """Solve a zero-sum game, or a decision process, for the average payoff per stage in the long run.

    Parameters
    ----------
    game : StochasticGame
        Two players whose payoffs sum to zero, or one; its discount does not matter. The average should not depend on the start: see
        Notes.
    tol : float, optional
        How far apart the bounds may end, in payoff units; None: 1e-8 times the payoff span.
    max_iterations : int
        Stage games of all states are solved so many times at most.
    throw : bool
        Raise where the bounds are further apart; False: return them with their status. They are true in either case.
    progress : bool, optional
        Draw a bar; None: on a terminal.

    Returns
    -------
    AveragePayoffSolution
        ``lower`` and ``upper`` hold in every game that is not refused, and from every start: each is what a stationary policy of
        ``profile`` guarantees against any play, also play with memory, of the expected average of the first T payoffs as T grows.

    Raises
    ------
    GameError
        A general-sum game, more than two players, two parts that never meet whatever is played (their averages differ in general).
    SolverError
        See ``throw``.

    Notes
    -----
    For any vector v, with T the values of the stage games continued with v, undiscounted, ``min(Tv - v)`` and ``max(Tv - v)`` bound the
    average (A. Hoffman & R. Karp 1966; A. Odoni 1969): what v gains over a stage adds up to something bounded. Here they are taken from
    what the stage policies secure, rounding allowed for. The iterates are relative value iteration with steps of one half, which
    periods cannot disturb (P. Schweitzer 1971), and the relative values of the policy pair where these bring the bounds closer.

    The bounds must meet where some state is reached from everywhere with certainty whatever is played, as in irreducible games that have
    such a state: this is checked, in polynomial time, and named in ``recurrent``. It is sufficient, not necessary. Whether *every*
    stationary pair has a single recurrent class is a hard question (J. Tsitsiklis 2007) and not asked. Elsewhere the average may depend
    on the start, or need memory (the Big Match); then the bounds stay apart and the status says so.

    Examples
    --------
    >>> import numpy as np
    >>> import gametheory_rl as gt
    >>> payoff = np.array([[[3.0, 0.0], [0.0, 2.0]], [[0.0, 1.0], [1.0, 0.0]]])
    >>> swap = np.zeros((2, 2, 2, 2))
    >>> swap[0, :, :, 1] = swap[1, :, :, 0] = 1.0
    >>> found = gt.stochastic.average_payoff(gt.StochasticGame(np.stack([payoff, -payoff]), swap, 1.0))
    >>> round(found.gain, 9), found.recurrent  # the mean of 6/5 and 1/2
    (0.85, 0)
    """
    require_game(game, "average_payoff")
    _require_class(game)
    tol = checked_tolerance(game, tol)
    if not isinstance(max_iterations, int | np.integer) or isinstance(max_iterations, bool) or max_iterations < 1:
        raise GameError(f"max_iterations is {max_iterations!r}, an integer of at least 1 was expected")
    moves = Moves.of(game)
    apart = separate_states(moves)
    if apart is not None:
        raise GameError(
            f"states {apart[0]} and {apart[1]} lead to no common state whatever is played, so that the average depends on the start; make "
            "each part a game of its own, or solve with a discount near 1"
        )
    search = _Search(moves, game.payoff[0].reshape(game.num_states, *moves.sizes), recurrent_state(moves))
    status = search.run(tol, int(max_iterations), progress)
    found = search.solution(game.num_players, status)
    if throw and not status.ok:
        raise SolverError(f"average_payoff {status.value} (bounds {found.upper - found.lower:.3g} apart, tol {tol:.3g}{_why(found)})")
    return found


def _why(found: AveragePayoffSolution) -> str:
    """Return what makes it hard, if so."""
    if found.recurrent is not None:
        return ""
    return "; every state can be avoided for ever, so the average may depend on the start: solve with a discount near 1"


def _require_class(game: StochasticGame) -> None:
    if game.num_players > 2:
        raise GameError(f"average_payoff takes one player or two, this game has {game.num_players}; use homotopy with a discount near 1")
    if game.num_players == 2:
        total = np.abs(game.payoff[0] + game.payoff[1]).max()
        if total > 1e-12 * np.abs(game.payoff).max():
            raise GameError(
                f"average_payoff needs payoffs that sum to zero, here they sum to {total:.3g}; use homotopy with a discount near 1"
            )
    require_memory((game.num_states * game.num_joint_actions, 4), "the stage games", "give a smaller game")


@dataclass(frozen=True, eq=False)
class _Point:
    """Relative values, their stage games' solution, and the bounds that follow."""

    values: np.ndarray
    backed: np.ndarray
    x: np.ndarray
    y: np.ndarray
    lower: float
    upper: float
    rounding: float

    @property
    def width(self) -> float:
        return self.upper - self.lower


class _Search:
    """The point that the iteration has reached, and the best bound of each side."""

    def __init__(self, moves: Moves, payoff: np.ndarray, recurrent: int | None) -> None:
        self.moves, self.payoff, self.recurrent = moves, payoff, recurrent
        self.now = self.low = self.high = self.at(np.zeros(moves.num_states))
        self.trace = [(self.now.lower, self.now.upper)]

    def at(self, values: np.ndarray) -> _Point:
        """Solve the stage games continued with ``values``."""
        stages = self.payoff + self.moves.expected(values)
        backed, x, y = self.moves.optimal(stages, np.arange(len(values)))
        low, high = self.moves.secured(stages, x, y)
        rounding = 2.0 * (self.moves.rounding + 8 * EPS) * float(np.abs(self.payoff).max() + 2.0 * np.abs(values).max())
        return _Point(values, backed, x, y, float((low - values).min()) - rounding, float((high - values).max()) + rounding, rounding)

    def run(self, tol: float, limit: int, progress: bool | None) -> Status:
        """Iterate until the bounds are within ``tol``."""
        first, since = max(self.width, tol), 0
        with progress_bar("average_payoff", 1.0, show=progress) as advance:
            while True:
                done = 1.0 if self.width <= tol else np.log(first / self.width) / np.log(first / tol)
                advance(float(done), f"bounds {self.width:.2g} apart")
                status = self._status(tol, limit)
                if status is not None:
                    return status
                since = self._newton(since) if since % NEWTON_EVERY == 0 else self._damped(since)
                self.trace.append((self.low.lower, self.high.upper))

    @property
    def width(self) -> float:
        """Distance of the best bounds."""
        return self.high.upper - self.low.lower

    def _newton(self, since: int) -> int:
        """Try the relative values of the policy pair; return 0 where they brought the bounds closer."""
        values = relative_values(self.moves, self.payoff, self.now.x, self.now.y, self.recurrent or 0)
        if values is None:
            return self._damped(since)
        trial = self._seen(self.at(values))
        if trial.width < 0.9 * self.now.width:
            self.now = trial
            return 0
        return since + 1

    def _damped(self, since: int) -> int:
        now = self.now
        values = now.values + DAMPING * (now.backed - now.values)
        self.now = self._seen(self.at(values - values[self.recurrent or 0]))
        return since + 1

    def _seen(self, point: _Point) -> _Point:
        self.low = point if point.lower > self.low.lower else self.low
        self.high = point if point.upper < self.high.upper else self.high
        return point

    def _status(self, tol: float, limit: int) -> Status | None:
        if self.width <= tol:
            return Status.SOLVED
        if self.width <= 3.0 * max(self.low.rounding, self.high.rounding):
            return Status.ROUNDING
        if len(self.trace) > limit:
            return Status.MAX_ITERATIONS
        if self.recurrent is None and len(self.trace) > STALLED_AFTER:
            low, high = self.trace[-STALLED_AFTER]
            return Status.APART if self.width > 0.95 * (high - low) else None
        return None

    def solution(self, players: int, status: Status) -> AveragePayoffSolution:
        """Return what was found."""
        bias = self.now.values - self.now.values[self.recurrent or 0]
        lower, upper = np.array(self.trace).T
        profile = (self.low.x, self.high.y)[:players]
        trace: dict[str, np.ndarray] = {"lower": lower, "upper": upper}
        return AveragePayoffSolution(self.low.lower, self.high.upper, bias, profile, self.recurrent, trace, status, len(self.trace))


def relative_values(moves: Moves, payoff: np.ndarray, x: np.ndarray, y: np.ndarray, reference: int) -> np.ndarray | None:
    """Return ``h`` with ``h + gain = reward + P h`` and ``h[reference] = 0`` of a policy pair; None where it has none to tell."""
    from scipy.sparse import csr_array, diags_array, eye_array

    states, own = moves.num_states, moves.sizes[0]
    mixed = csr_array((x.ravel(), np.arange(states * own), np.arange(0, states * own + 1, own)), shape=(states, states * own))
    chain = mixed @ moves.against(y)
    rewards = np.einsum("sm,smn,sn->s", x, payoff, y)
    # The reference state's value is 0, so its column is free for the gain.
    keep = np.arange(states) != reference
    gain = csr_array((np.ones(states), (np.arange(states), np.full(states, reference))), shape=(states, states))
    return _solved(((eye_array(states) - chain) @ diags_array(keep.astype(float)) + gain).tocsc(), rewards, reference)


def _solved(system: Any, rewards: np.ndarray, reference: int) -> np.ndarray | None:
    from scipy.sparse.linalg import splu

    try:
        values = np.linalg.solve(system.toarray(), rewards) if len(rewards) <= DENSE else splu(system).solve(rewards)
    except (np.linalg.LinAlgError, RuntimeError):
        return None
    values[reference] = 0.0
    limit = 1e9 * max(1e-300, float(np.abs(rewards).max()))
    return values if np.isfinite(values).all() and np.abs(values).max() <= limit else None
