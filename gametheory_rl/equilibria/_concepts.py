"""Solution concepts by name, in one form: what the command line prints and the contract tests judge.

Every function takes payoffs ``(n, A_1, ..., A_n)``, floats or Fractions, and options of its own, and returns an `Answer`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice, product
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError, SolverError
from gametheory_rl.equilibria import _correlated as devices
from gametheory_rl.equilibria import _nash as many
from gametheory_rl.equilibria import _pure as pure_actions
from gametheory_rl.equilibria import _quantal as quantal
from gametheory_rl.equilibria import _security as levels
from gametheory_rl.equilibria import _stackelberg as commitment
from gametheory_rl.equilibria import exact
from gametheory_rl.equilibria._dominance import dominance as eliminate
from gametheory_rl.equilibria._judges import obedience, regret
from gametheory_rl.equilibria._lemke_howson import lemke_howson
from gametheory_rl.equilibria._minimax import minimax as solve_zero_sum
from gametheory_rl.equilibria._selection import select as choose
from gametheory_rl.equilibria._sizes import most_vertices
from gametheory_rl.equilibria._structure import constant_sum
from gametheory_rl.equilibria._vertex_enumeration import vertex_enumeration

EXACTLY_UP_TO = 36
"""Games of two with so many cells are solved in rationals."""
LISTED_UP_TO = 1_000_000
"""Vertices that a polytope can have for all equilibria to be listed: 16 x 16."""
OPTIMAL_EXACTLY_UP_TO = 400
"""Zero-sum games with so many cells are solved in rationals: one program each, not every vertex."""
RECOGNISED_UP_TO = 200
"""So many equilibria found in floats are looked at for fractions."""
MOST_PROFILES = 10_000

Profile = tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Answer:
    """What a concept says of one stage game."""

    says: str
    """One sentence: what this is, and whether it is all there is."""
    profiles: tuple[Profile, ...] = ()
    """K profiles, each n mixed actions ``[A_i]``, floats or Fractions."""
    distribution: np.ndarray | None = None
    """``[A_1, ..., A_n]`` what a device draws."""
    survivors: tuple[np.ndarray, ...] = ()
    """The actions left to each player."""
    values: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    """``[n, K]`` payoffs; one column for a device."""
    shortfall: float = 0.0
    """By the concept's judge: the most that anyone it speaks for could gain, in payoff units; NaN where it asks for no such thing."""
    complete: bool = False
    """Whether these are all, or all extreme ones."""
    degenerate: bool | None = None
    """Whether the game of two has ties that make equilibria non-generic; None where that was not looked at."""
    components: tuple[Any, ...] = ()
    """The connected sets of equilibria by the numbers of their profiles, where a degenerate game was enumerated."""


def nash(payoffs: np.ndarray, *, select: str | None = None, label: int | None = None) -> Answer:
    """Return all equilibria of two players, by enumeration; of more, all pure ones and one that mixes, certified."""
    if select is not None and label is not None:
        raise GameError("a selection and a label were given, which do not go together: a label is where a path begins")
    if len(payoffs) != 2:
        if select is not None or label is not None:
            raise GameError(f"selections and labels are for two players, the game has {len(payoffs)}")
        return _nash_of_many(payoffs)
    A, B = payoffs
    if label is not None:
        found = lemke_howson(*_pair(payoffs), label)
        says = f"one equilibrium: where the method of Lemke and Howson ends from label {label}, after {int(found.path_length)} pivots"
        return _profiles(payoffs, [found.profile], says)
    if select is not None:
        chosen = choose(*_pair(payoffs), select)
        tied = f"; {chosen.tied} were equally good" if chosen.tied > 1 else ""
        return _profiles(payoffs, [chosen.profile], f"one equilibrium, selected by {select}{tied}")
    m, n = A.shape
    if A.size <= EXACTLY_UP_TO:
        return _all(exact.vertex_enumeration(A, B))
    if max(most_vertices(m, n), most_vertices(n, m)) <= LISTED_UP_TO:
        with suppress(SolverError):  # ties that only rationals decide, too many of them
            found = _all(vertex_enumeration(*_pair(payoffs)))
            if len(found.profiles) > RECOGNISED_UP_TO:
                return found
            judged = _profiles(payoffs, found.profiles, found.says, complete=True)
            return replace(judged, degenerate=found.degenerate, components=found.components)
    found = many.nash(_floats(payoffs))
    says = f"one equilibrium, by {found.method}; there may be others: the game is too large to list all"
    return _profiles(payoffs, [found.profile], says)


def _all(found: Any) -> Answer:
    count, several = len(found), "s" if len(found) > 1 else ""
    number = {tuple(pair): k for k, pair in enumerate(found.pairs.tolist())}
    sets = [[sorted(number[i, j] for i in s.x for j in s.y) for s in part.subsets] for part in found.components] if found.degenerate else []
    kind = f"{count} extreme equilibri{'a' if several else 'um'}" if found.degenerate else f"{count} equilibri{'a' if several else 'um'}"
    says = f"{kind}, and no other{' but mixtures of them' if found.degenerate and count > 1 else ''}"
    worst = float(max(found.regret))
    return Answer(
        says, found.profiles, values=found.values, shortfall=worst, complete=True, degenerate=found.degenerate, components=tuple(sets)
    )


def _nash_of_many(payoffs: np.ndarray) -> Answer:
    flat = _floats(payoffs)
    found = pure_actions.pure(flat)
    profiles: list[Profile] = list(islice(found.mixed, MOST_PROFILES))
    if len(payoffs) == 1:
        return _profiles(payoffs, profiles, "all best actions; mixtures of them are as good", complete=True)
    says = f"all pure equilibria ({len(found)})" if len(found) else "no equilibrium is pure"
    # From a start that is not uniform the branch is followed even where a pure equilibrium is at hand.
    mixed = many.nash(flat, start=[_tilted(count) for count in flat.shape[1:]], throw=False)
    if mixed.status.ok and not any(_same(mixed.profile, other) for other in profiles):
        says += f", and one that mixes, by {mixed.method}"
        profiles.append(mixed.profile)
    if not profiles:
        raise SolverError(f"no equilibrium was found: {mixed.status.value}")
    return _profiles(payoffs, profiles, f"{says}; others that mix may be missing: with more than two players they are not all listed")


def pure(payoffs: np.ndarray) -> Answer:
    """Return all equilibria in which nobody randomises."""
    found = pure_actions.pure(_floats(payoffs))
    says = f"{len(found)} pure equilibri{'um' if len(found) == 1 else 'a'}, and no other pure one"
    profiles = list(islice(found.mixed, MOST_PROFILES))
    return _profiles(payoffs, profiles, says if len(found) else "no equilibrium is pure: in each somebody mixes", complete=True)


def minimax(payoffs: np.ndarray) -> Answer:
    """Return the value of a zero-sum or constant-sum game of two players, and all optimal strategies."""
    flat = _floats(payoffs)
    total = constant_sum(flat)
    if len(payoffs) != 2 or not total:
        why = f"it has {len(payoffs)} players" if len(payoffs) != 2 else total.reason
        raise GameError(f"minimax needs a zero-sum game of two players: {why}; ask for nash, or for security")
    if flat[0].size > OPTIMAL_EXACTLY_UP_TO:
        found = solve_zero_sum(flat[0])
        return _profiles(payoffs, [found.profile], "one pair of optimal strategies; every optimal one goes with every other")
    sets = exact.optimal_strategies(payoffs[0])
    pairs = list(islice(product(sets.x, sets.y), MOST_PROFILES))
    how = "the only optimal strategies" if sets.unique else "the corners of both players' optimal strategies, which go with each other"
    return _profiles(payoffs, pairs, how, complete=True)


def correlated(payoffs: np.ndarray, *, objective: Any = "welfare", player: int | None = None) -> Answer:
    """Return the correlated equilibrium that is best for an objective."""
    return _device(devices.correlated(_floats(payoffs), objective, player=player), payoffs, objective, coarse=False)


def coarse(payoffs: np.ndarray, *, objective: Any = "welfare", player: int | None = None) -> Answer:
    """Return the coarse correlated equilibrium that is best for an objective."""
    return _device(devices.coarse_correlated(_floats(payoffs), objective, player=player), payoffs, objective, coarse=True)


def _device(found: Any, payoffs: np.ndarray, objective: Any, *, coarse: bool) -> Answer:
    named = objective if isinstance(objective, str) else "the given objective"
    says = f"a {'coarse ' if coarse else ''}correlated equilibrium; none of its kind is better for {named}"
    drawn = exact.recognise_device(payoffs, found.distribution, coarse=coarse)
    if drawn is not None:
        return Answer(says, distribution=drawn, values=np.array([[(payoff * drawn).sum()] for payoff in exactly(payoffs)]))
    worst = obedience(_floats(payoffs), found.distribution, coarse=coarse)
    return Answer(says, distribution=found.distribution, values=found.values[:, np.newaxis], shortfall=worst)


def stackelberg(payoffs: np.ndarray, *, leader: int = 0, strong: bool = True) -> Answer:
    """Return the best mixed action to announce, and the follower's reply."""
    _two(payoffs, "stackelberg")
    found = commitment.stackelberg(*_pair(payoffs), leader=leader, strong=strong)
    ties = "ties of the follower go to the leader" if strong else "ties of the follower go against the leader: a supremum"
    values = np.asarray(found.values, dtype=np.float64)[:, np.newaxis]
    return Answer(f"player {leader + 1} commits; {ties}", (found.profile,), values=values, shortfall=float(found.slack))


def logit(payoffs: np.ndarray, *, precision: float | None = None) -> Answer:
    """Return the logit equilibrium at a precision; without one, the Nash equilibrium at the end of the branch."""
    flat = _floats(payoffs)
    if precision is not None:
        found = quantal.logit(flat, precision)
        says = f"the logit equilibrium at precision {precision:g}, on the branch that starts at uniform play"
        return Answer(says, (found.profile,), values=found.values[:, np.newaxis], shortfall=float("nan"))
    path = quantal.logit_path(flat)
    says = f"where the branch of logit equilibria that starts at uniform play leads, at precision {path.precisions[-1]:.3g}"
    return _profiles(payoffs, [path.profile], says)


def dominance(payoffs: np.ndarray, *, strict: bool = True) -> Answer:
    """Return the actions that survive iterated elimination of dominated ones."""
    found = eliminate(_floats(payoffs), strict=strict)
    kind = "strictly" if strict else "weakly"
    gone = len(found.eliminated)
    says = f"what iterated elimination of {kind} dominated actions leaves: {gone} action{'s' if gone != 1 else ''} went"
    return Answer(says if gone else f"no action is {kind} dominated", survivors=found.survivors, complete=True)


def rationalizable(payoffs: np.ndarray) -> Answer:
    """Return the actions that two rational players can play."""
    _two(payoffs, "rationalizable")
    found = eliminate(_floats(payoffs))
    return Answer("actions that are best replies to beliefs in best replies, and so on", survivors=found.survivors, complete=True)


def security(payoffs: np.ndarray) -> Answer:
    """Return what each player can guarantee alone."""
    says = "what each player can guarantee alone, whatever the others do together"
    if payoffs[0].size > EXACTLY_UP_TO:
        found = [levels.security(_floats(payoffs), i) for i in range(len(payoffs))]
        values = np.array([[level.value] for level in found])
        return Answer(says, (tuple(level.strategy for level in found),), values=values, shortfall=float("nan"))
    # Against all others as one: their joint actions are the columns.
    alone = [np.moveaxis(payoff, i, 0).reshape(payoff.shape[i], -1) for i, payoff in enumerate(payoffs)]
    exactly_found = [exact.minimax(table) for table in alone]
    values = np.array([[solution.value] for solution in exactly_found])
    return Answer(says, (tuple(solution.profile[0] for solution in exactly_found),), values=values, shortfall=float("nan"))


def _profiles(payoffs: np.ndarray, profiles: Sequence[Any], says: str, *, complete: bool = False) -> Answer:
    """Return profiles with what they pay, in rationals where they are such, and their largest regret."""
    kept: list[Profile] = [_recognised(payoffs, tuple(np.asarray(x) for x in profile)) for profile in profiles]
    values = np.array([[_earned(payoff, profile) for profile in kept] for payoff in payoffs]).reshape(len(payoffs), len(kept))
    flat = _floats(payoffs)
    worst = [0.0 if profile[0].dtype == object else regret(flat, profile) for profile in kept]
    return Answer(says, tuple(kept), values=values, shortfall=max(worst, default=0.0), complete=complete)


def _recognised(payoffs: np.ndarray, profile: Profile) -> Profile:
    return exact.recognise(payoffs, profile) or profile


def _earned(payoff: np.ndarray, profile: Profile) -> Any:
    for mixed in reversed(profile):
        payoff = payoff @ mixed
    return payoff


def _floats(payoffs: np.ndarray) -> np.ndarray:
    return np.asarray(payoffs, dtype=np.float64) if np.asarray(payoffs).dtype == object else payoffs


def _pair(payoffs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    flat = _floats(payoffs)
    return flat[0], flat[1]


def _two(payoffs: np.ndarray, concept: str) -> None:
    if len(payoffs) != 2:
        raise GameError(f"{concept} is for two players, the game has {len(payoffs)}")


def _tilted(count: int) -> np.ndarray:
    weights = np.arange(count, 0, -1.0) + 10 * count
    return weights / weights.sum()


def _same(one: Profile, other: Profile) -> bool:
    return all(np.abs(a - b).max() < 1e-9 for a, b in zip(one, other, strict=True))


def exactly(payoffs: Any) -> np.ndarray:
    """Return payoffs as Fractions, floats taken at their word."""
    array = np.asarray(payoffs)
    found = np.empty(array.size, dtype=object)
    found[:] = [Fraction(entry) for entry in array.ravel().tolist()]
    return found.reshape(array.shape)
