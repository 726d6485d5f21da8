"""Undiscounted reachability and safety against an adversary, bounded from both sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gametheory_rl._game_checks import checked_index, numbers, whole_numbers
from gametheory_rl._games import StochasticGame
from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError, SolverError
from gametheory_rl._support._memory import require_memory
from gametheory_rl._support._progress import progress_bar
from gametheory_rl.stochastic._certified import require_game
from gametheory_rl.stochastic._moves import Moves
from gametheory_rl.stochastic._patience import patient
from gametheory_rl.stochastic._reach_process import Process, least, most

SHARES = (0.0, 0.5, 1.0, 0.9, 0.0, 0.5, 1.0, 0.99)
"""Where between the bounds the values lie for which the next strategies are optimal in their stage games."""
FAINT = 1e-9
"""Probabilities of the side that prevents below this are noise, which who tries for ever would profit from."""
CRAWLS_AFTER = 24
"""Iterations that must bring the bounds ten times as close before patient play is looked for."""
STALLED_AFTER = 60
"""Iterations without progress after which no more is expected."""


@dataclass(frozen=True, eq=False)
class ReachabilitySolution:
    """Bounds of a probability that one player maximises and the other minimises, and the strategies that prove them."""

    lower: np.ndarray
    """``[S]`` what the player's policy achieves at least, whatever the other does"""
    upper: np.ndarray
    """``[S]`` what the other's policy concedes at most, whatever the player does"""
    profile: tuple[np.ndarray, ...]
    """One stationary ``[S, A_i]`` per player"""
    player: int
    """Whose probability it is"""
    error_bound: float
    """Largest ``upper - lower``"""
    trace: Mapping[str, np.ndarray]
    """Columns by name, one row an iteration: gap, lower and upper in the mean over states"""
    status: Status
    iterations: int

    @property
    def values(self) -> np.ndarray:
        """``[S]`` the middle of the bounds."""
        return 0.5 * (self.lower + self.upper)

    def __repr__(self) -> str:
        """Return one line: size, guarantee, status."""
        size = f"{len(self.lower)} states, bounds at most {self.error_bound:.3g} apart"
        return f"ReachabilitySolution({size}, {self.iterations} iterations: {self.status.value})"


def reachability(
    game: StochasticGame,
    target: Any,
    *,
    player: int = 0,
    tol: float = 1e-6,
    max_iterations: int = 300,
    throw: bool = True,
    progress: bool | None = None,
) -> ReachabilitySolution:
    """Bound the probability with which a player can reach a target, whatever the other player does.

    Parameters
    ----------
    game : StochasticGame
        Two players who move at once, in turn, or both; or one. Payoffs and discounts do not matter.
    target : array_like
        The target: ``(S,)`` bool, or the numbers of its states. Who starts there has reached it.
    player : int
        Who wants to reach it; the other wants to prevent it, for ever.
    tol : float
        How far apart the bounds may end.
    max_iterations : int
        Stage games of all states are solved so many times at most; the search for patient play comes on top, once.
    throw : bool
        Raise where the bounds are further apart; False: return them with their status. They are true in either case.
    progress : bool, optional
        Draw a bar; None: on a terminal.

    Returns
    -------
    ReachabilitySolution
        ``lower`` and ``upper`` ``(S,)`` enclose the value; each is what one of the two stationary policies of ``profile`` guarantees
        against any play at all, also play with memory, rounding allowed for.

    Raises
    ------
    GameError
        More than two players, a target that names no state or an unknown one, settings out of range.
    SolverError
        See ``throw``.

    Notes
    -----
    Policies optimal in the stage games at values between the two bounds are judged exactly, each against the other side's best reply: a
    decision process, its end components merged from above (C. Courcoubetis & M. Yannakakis 1998; S. Haddad & B. Monmege 2018).
    Per state the better policy is kept, for the player who reaches only where it is strictly better, which loses nothing (K. Chatterjee,
    L. de Alfaro & T. Henzinger 2013, "Strategy improvement for concurrent reachability and turn-based stochastic safety games").
    Where the player has no optimal policy, only one for every margin (Hide-or-Run, H. Everett 1957), and policies must be so patient that
    such steps crawl (soccer's first goal, for one), the undecided part of the game is solved again with a leak that falls to nothing, in
    integers of hundreds of bits, and its policy is proved in them: see ``_patience``.
    What stays open is said by the status: patience can be doubly exponential in the number of states (K. Hansen, R. Ibsen-Jensen &
    P. Miltersen 2011). Five rooms of their Purgatory close with chances of 1e-97, of six the bounds end 1e-5 apart, because smaller chances
    are no float64. Nor is patience tried where more than 1000 states are undecided by then, or a few hundred of which nearly each leads to
    nearly each.

    Examples
    --------
    The snowball: who hides while it is thrown gets home, so does who runs while it is not; to run into it loses.

    >>> import numpy as np
    >>> import gametheory_rl as gt
    >>> transition = np.zeros((3, 2, 2, 3))
    >>> transition[0] = [[[0, 1, 0], [1, 0, 0]], [[0, 0, 1], [0, 1, 0]]]  # rows hide, run; columns throw, wait
    >>> transition[1, :, :, 1] = transition[2, :, :, 2] = 1.0
    >>> snowball = gt.StochasticGame(np.zeros((2, 3, 2, 2)), transition, 1.0)
    >>> home = gt.stochastic.reachability(snowball, [1])
    >>> home.values.round(5).tolist(), bool(home.lower[0] < 1.0)
    ([1.0, 1.0, 0.0], True)
    """
    seeker, goal, budget = _checked("reachability", game, target, "target", player, tol, max_iterations)
    found = _enclose(game, seeker, goal, float(tol), budget, progress, "reachability")
    return _finished(replace(found, player=seeker), float(tol), throw, "reachability")


def safety(
    game: StochasticGame,
    safe: Any,
    *,
    player: int = 0,
    tol: float = 1e-6,
    max_iterations: int = 300,
    throw: bool = True,
    progress: bool | None = None,
) -> ReachabilitySolution:
    """Bound the probability with which a player can stay within a set of states for ever, whatever the other player does.

    Parameters
    ----------
    game : StochasticGame
        As ``reachability`` takes it.
    safe : array_like
        ``(S,)`` bool, or the numbers of the safe states.
    player : int
        Who wants to stay.
    tol, max_iterations, throw, progress : optional
        As ``reachability`` takes them.

    Returns
    -------
    ReachabilitySolution
        The other player's ``reachability`` of all other states, seen from this side: 1 minus its bounds. Here it is the player who has an
        optimal stationary policy.

    Raises
    ------
    GameError, SolverError
        As ``reachability``.

    Examples
    --------
    >>> import numpy as np
    >>> import gametheory_rl as gt
    >>> leave_or_wait = [[0, 0.75, 0.25], [0.5, 0, 0.5]]
    >>> ice = gt.StochasticGame(np.zeros((1, 3, 2)), [leave_or_wait, [[0, 1, 0]] * 2, [[0, 0, 1]] * 2], 1.0)
    >>> gt.stochastic.safety(ice, [0, 1]).values.round(6).tolist()
    [0.75, 1.0, 0.0]
    """
    keeper, kept, budget = _checked("safety", game, safe, "safe", player, tol, max_iterations)
    found = _enclose(game, 1 - keeper, ~kept, float(tol), budget, progress, "safety")
    low, high = (np.where(bound == whole, 1.0 - bound, np.nextafter(1.0 - bound, whole)) for bound, whole in _complements(found))
    found = replace(found, lower=np.clip(low, 0.0, 1.0), upper=np.clip(high, 0.0, 1.0), player=keeper)
    trace = {"gap": found.trace["gap"], "lower": 1.0 - found.trace["upper"], "upper": 1.0 - found.trace["lower"]}
    return _finished(replace(found, trace=trace), float(tol), throw, "safety")


def _complements(found: ReachabilitySolution) -> tuple[tuple[np.ndarray, float], tuple[np.ndarray, float]]:
    """Return the bounds that become lower and upper, and which way to round: away from the value."""
    return (found.upper, 0.0), (found.lower, 1.0)


def _checked(verb: str, game: StochasticGame, states: Any, what: str, player: int, tol: Any, limit: Any) -> tuple[int, np.ndarray, int]:
    """Return the player, the set of states as a mask, and the iteration limit."""
    require_game(game, verb)
    if game.num_players > 2:
        raise GameError(
            f"reachability and safety take one player or two, this game has {game.num_players}; merge the others into one who plays jointly"
        )
    player = checked_index(player, game.num_players, "player")
    if not (isinstance(tol, int | float | np.floating) and 0.0 < tol < 1.0):
        raise GameError(f"tol is {tol!r}, a number between 0 and 1 was expected: how far apart probabilities may end")
    if not isinstance(limit, int | np.integer) or isinstance(limit, bool) or limit < 1:
        raise GameError(f"max_iterations is {limit!r}, an integer of at least 1 was expected")
    require_memory((game.num_states * game.num_joint_actions, 4), "the stage games", "give a smaller game")
    return player, _state_mask(game.num_states, states, what), int(limit)


def _state_mask(num_states: int, states: Any, what: str) -> np.ndarray:
    given = np.asarray(states) if isinstance(states, np.ndarray | list | tuple | range) else np.asarray([states])
    if given.dtype == np.bool_:
        if given.shape != (num_states,):
            raise GameError(f"{what} has shape {given.shape}, one bool for each of {num_states} states was expected")
        mask = given.copy()
    else:
        chosen = whole_numbers(numbers(states, what), what).ravel()
        if chosen.size and not 0 <= chosen.min() <= chosen.max() < num_states:
            wrong = chosen.max() if chosen.min() >= 0 else chosen.min()
            raise GameError(f"{what} names state {wrong}, states from 0 to {num_states - 1} were expected")
        mask = np.zeros(num_states, dtype=bool)
        mask[chosen] = True
    if not mask.any():
        raise GameError(f"{what} names no state, at least one was expected")
    return mask


@dataclass(eq=False)
class _Search:
    """The best policies so far and what they guarantee."""

    moves: Moves
    mirrored: Moves
    target: np.ndarray
    x: np.ndarray
    lower: np.ndarray
    y: np.ndarray
    upper: np.ndarray

    @classmethod
    def of(cls, moves: Moves, target: np.ndarray) -> _Search:
        own, other = moves.legal
        nothing = target.astype(float)
        search = cls(moves, moves.swapped(), target, _even(own), nothing, _even(other), np.ones(len(target)))
        search.lower, search.upper = search.achieved(search.x), search.conceded(search.y)
        return search

    def achieved(self, x: np.ndarray) -> np.ndarray:
        """Return what ``x`` reaches at least."""
        return least(Process.of(self.mirrored.against(x), self.mirrored.legal[0], self.target, self.moves.rounding))

    def conceded(self, y: np.ndarray) -> np.ndarray:
        """Return what can be reached against ``y`` at most."""
        return most(Process.of(self.moves.against(y), self.moves.legal[0], self.target, self.moves.rounding))

    def step(self, share: float) -> None:
        """Try the policies that are optimal for values at a share of the way from the lower to the upper bound."""
        undecided = np.flatnonzero(self.upper > self.lower)
        between = self.lower + share * (self.upper - self.lower)
        stages = self.moves.expected(between)
        values, x, y = self.moves.optimal(stages, undecided)
        taken = _clear(values - between) if share == 0.0 else values >= 0.0
        self.try_x(np.where(taken[:, np.newaxis], x, self.x))
        taken = _clear(between - values) if share == 1.0 else values >= 0.0
        self.try_y(np.where(taken[:, np.newaxis], _plain(y, FAINT), self.y))
        if share == 0.0:
            gap = np.clip(self.upper - self.lower, FAINT, 0.02)[:, np.newaxis]
            self.try_y(np.where(taken[:, np.newaxis], _plain(y, gap), self.y))

    def be_patient(self, tol: float) -> None:
        """Reach more by chances too small for float64's sums; who is paid more than before plays so, which fits the play of the rest."""
        found = patient(self.moves, self.lower, self.upper, tol)
        if found is not None:
            better = found.lower > self.lower[found.states]
            chosen = found.states[better]
            self.x, self.lower = self.x.copy(), self.lower.copy()
            self.x[chosen], self.lower[chosen] = found.x[better], found.lower[better]

    def try_x(self, x: np.ndarray) -> None:
        """Keep ``x`` where it is strictly better, and all of it or nothing where that, judged again, is not."""
        reached = self.achieved(x)
        better = reached > self.lower + 1e-15
        if not better.any():
            return
        choices = [(self.lower.sum(), self.x, self.lower), (reached.sum(), x, reached)]
        if (reached < self.lower).any():
            both = np.where(better[:, np.newaxis], x, self.x)
            reached = self.achieved(both)
            choices.append((reached.sum(), both, reached))
        _, self.x, self.lower = max(choices, key=lambda choice: choice[0])

    def try_y(self, y: np.ndarray) -> None:
        """As ``try_x``, for the side that prevents."""
        reached = self.conceded(y)
        better = reached < self.upper - 1e-15
        if not better.any():
            return
        choices = [(self.upper.sum(), self.y, self.upper), (reached.sum(), y, reached)]
        if (reached > self.upper).any():
            both = np.where(better[:, np.newaxis], y, self.y)
            reached = self.conceded(both)
            choices.append((reached.sum(), both, reached))
        _, self.y, self.upper = min(choices, key=lambda choice: choice[0])


def _clear(gains: np.ndarray) -> np.ndarray:
    """Return where one more step gains more than the bounds' own slack, which would pass for a gain everywhere."""
    return gains > max(1e-13, 0.01 * float(np.nanmax(gains)))


def _even(legal: np.ndarray) -> np.ndarray:
    return legal / legal.sum(axis=1, keepdims=True)


def _plain(policy: np.ndarray, faint: float | np.ndarray) -> np.ndarray:
    """Return ``policy`` without probabilities below ``faint``; rows that are all zero stay."""
    kept = np.where(policy >= np.minimum(faint, policy.max(axis=1, keepdims=True)), policy, 0.0)
    sums = kept.sum(axis=1, keepdims=True)
    return kept / np.where(sums > 0.0, sums, 1.0)


def _enclose(
    game: StochasticGame, seeker: int, target: np.ndarray, tol: float, limit: int, progress: bool | None, method: str
) -> ReachabilitySolution:
    moves = Moves.of(game)
    search = _Search.of(moves if seeker == 0 else moves.swapped(), target)
    trace: list[tuple[float, float, float]] = []
    patience = False
    with progress_bar(method, 1.0, show=progress) as advance:
        while True:
            gap = float((search.upper - search.lower).max())
            trace.append((gap, float(search.lower.mean()), float(search.upper.mean())))
            advance(_share_done(gap, tol), f"bounds {gap:.2g} apart")
            if gap <= tol or len(trace) > limit or _stalls(trace):
                break
            if not patience and _crawls(trace):
                patience = True
                search.be_patient(tol)
            else:
                search.step(SHARES[(len(trace) - 1) % len(SHARES)])
    status = Status.SOLVED if gap <= tol else Status.MAX_ITERATIONS if len(trace) > limit else Status.APART
    columns: dict[str, np.ndarray] = dict(zip(("gap", "lower", "upper"), np.array(trace).T, strict=True))
    play = (search.x, search.y) if seeker == 0 else (search.y, search.x)
    profile = play[: game.num_players]
    return ReachabilitySolution(search.lower, search.upper, profile, seeker, gap, columns, status, len(trace) - 1)


def _share_done(gap: float, tol: float) -> float:
    """Return how much of the way from 1 to ``tol`` lies behind, on a logarithmic scale."""
    return float(np.clip(np.log(max(gap, tol)) / np.log(tol), 0.0, 1.0))


def _stalls(trace: list[tuple[float, float, float]]) -> bool:
    if len(trace) <= STALLED_AFTER:
        return False
    (_, low, high), (_, lower, upper) = trace[-1], trace[-1 - STALLED_AFTER]
    return high - low > 0.99 * (upper - lower)


def _crawls(trace: list[tuple[float, float, float]]) -> bool:
    """Return whether the bounds from above have come to rest while those from below have not met them."""
    if len(trace) <= CRAWLS_AFTER:
        return False
    (gap, _, high), (before, _, upper) = trace[-1], trace[-1 - CRAWLS_AFTER]
    return gap > 0.1 * before and upper - high <= 0.01 * gap


def _finished(found: ReachabilitySolution, tol: float, throw: bool, method: str) -> ReachabilitySolution:
    found = replace(found, error_bound=float((found.upper - found.lower).max()))
    if throw and not found.status.ok:
        raise SolverError(f"{method} {found.status.value} (bounds {found.error_bound:.3g} apart, tol {tol:.3g}); throw=False returns them")
    return found
