"""One equilibrium of a bimatrix game, chosen by a named rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError, SolverError, UnknownNameError
from gametheory_rl.equilibria._bimatrix import COLUMN_PAYOFFS, ROW_PAYOFFS, bimatrix
from gametheory_rl.equilibria._checks import require_finite
from gametheory_rl.equilibria._entropy import EQUALLY_MIXED, entropies, most_mixed
from gametheory_rl.equilibria._equilibrium_set import EquilibriumSet
from gametheory_rl.equilibria._judges import regret
from gametheory_rl.equilibria._kernels._pairs import judge_pairs
from gametheory_rl.equilibria._lemke_howson import lemke_howson
from gametheory_rl.equilibria._scaling import ULPS, normalised
from gametheory_rl.equilibria._vertex_enumeration import vertex_enumeration

EQUALLY_GOOD = 1e-9
"""Differences up to this, in spans of payoffs (or of probability), are a tie."""

Scores = list[tuple[np.ndarray, float]]
"""What a rule maximises, one after the other among what ties: numbers ``[K]``, and up to which difference they tie."""


@dataclass(frozen=True, eq=False)
class Selection:
    """The equilibrium that a rule chooses."""

    profile: tuple[np.ndarray, np.ndarray]
    """``[m]`` and ``[n]`` mixed actions."""
    values: np.ndarray
    """``[2]`` what it pays to each player."""
    regret: float
    """The most that one player gains by a deviation, in payoff units."""
    rule: str
    tied: int
    """How many extreme equilibria (maximal Nash subsets, for the entropy of a degenerate game) are equally good by all that the rule looks
    at; the first of them is given."""


def select(A: Any, B: Any, rule: str = "first", *, among: EquilibriumSet | None = None) -> Selection:
    """Choose one equilibrium of one bimatrix game.

    Parameters
    ----------
    A, B : (m, n) arrays
        Payoffs of the row and of the column player.
    rule : str
        ``first``: where the method of Lemke and Howson ends that drops label 0; the only rule that needs no enumeration.
        ``best_for_1``, ``best_for_2``: the player's largest payoff; ties go to the other player's.
        ``welfare``: the largest sum of payoffs; ties go to the larger minimum.
        ``egalitarian``: the largest minimum of both payoffs; ties go to the larger sum.
        ``risk_dominant``: the least risk, see below; ties go to the larger sum of payoffs.
        ``max_entropy``: the largest sum of both mixed actions' entropies, over all equilibria and not the extreme ones only.
    among : EquilibriumSet, optional
        The game's equilibria, where they have been enumerated already.

    Returns
    -------
    Selection
        ``profile``, ``values`` (2,), ``regret``, ``rule``, ``tied``. What still ties is given in the order of an `EquilibriumSet`.

    Raises
    ------
    UnknownNameError
        No such rule.
    GameError, SolverError
        As `vertex_enumeration` does; or ``among`` are equilibria of another game, or not all of them.

    Notes
    -----
    *Degenerate games.* On a maximal Nash subset conv(U) x conv(V) every x is a best reply to every y, so that the row player's payoff
    x'A y does not change with x and is linear in y, and the other player's is linear in x. Each payoff, their sum, and their
    minimum are therefore largest at an extreme equilibrium: nothing is lost by looking at those only. Entropy is different, and
    maximised over each subset by convex programming.

    *Risk.* Let p1 be the least probability such that the row player's action is a best reply to every belief that puts at least p1
    on the column player's, and p2 likewise: the pair is (p1, p2)-dominant (S. Morris, R. Rob & H. Shin 1995). The rule takes
    the smallest p1 + p2 among the extreme equilibria. In 2x2 games with two strict equilibria that is risk dominance
    (J. Harsanyi & R. Selten 1988): the larger product of losses from deviating. In larger games an equilibrium with p1 + p2 < 1 is
    the only one, and the only one robust to incomplete information (A. Kajii & S. Morris 1997). A player who mixes has a p of 1,
    equivalent actions apart, so that the equilibria of a game without pure ones tie. This is not the tracing procedure, which
    compares two equilibria at a time and can go round in circles. Where two strict equilibria of a 2x2 game tie, Harsanyi and
    Selten take the mixed one; here the larger sum of payoffs decides.

    Ties are differences below 1e-9 of a player's span of payoffs, plus what rounding of the payoffs explains.

    Examples
    --------
    >>> stag_hunt = [[4, 0], [3, 3]], [[4, 3], [0, 3]]
    >>> [select(*stag_hunt, rule).values.tolist() for rule in ("welfare", "risk_dominant")]
    [[4.0, 4.0], [3.0, 3.0]]
    """
    if rule not in RULES:
        raise UnknownNameError("rule", str(rule), RULES)
    A, B = bimatrix(A, B)
    if A.ndim != 2 or B.ndim != 2:
        raise GameError(f"the payoffs have shapes {A.shape} and {B.shape}, one game (m, n) was expected")
    if rule == "first":
        found = lemke_howson(A, B)
        return Selection(found.profile, found.values, float(found.regret), rule, 1)
    among = _checked(A, B, among)
    if rule == "max_entropy" and among.degenerate:
        return _most_mixed(A, B, among)
    best, tied = _best(RULES[rule](A, B, among))
    return Selection(among.profiles[best], among.values[:, best], float(among.regret[best]), rule, tied)


def selector(rule: str) -> Callable[..., Selection]:
    """Return the function (A, B) -> Selection of a rule, see `select`; an unknown name is refused at once.

    Examples
    --------
    >>> selector("welfare")([[2, 0], [0, 1]], [[2, 0], [0, 1]]).profile[0].tolist()
    [1.0, 0.0]
    """
    if rule not in RULES:
        raise UnknownNameError("rule", str(rule), RULES)
    return partial(select, rule=rule)


def _checked(A: np.ndarray, B: np.ndarray, among: EquilibriumSet | None) -> EquilibriumSet:
    """Return the set to choose from: the one given, if it can be that of this game, or a new one."""
    if among is None:
        return vertex_enumeration(A, B)
    if not isinstance(among, EquilibriumSet):
        raise GameError(f"among is {among!r}, an EquilibriumSet was expected, as vertex_enumeration returns")
    require_finite(A, ROW_PAYOFFS)
    require_finite(B, COLUMN_PAYOFFS)
    shape = among.x.shape[1], among.y.shape[1]
    if shape != A.shape:
        raise GameError(f"the equilibria given are of a game {shape}, of a game {A.shape} was expected")
    if not among.complete:
        raise SolverError("some of the equilibria are missing from those given: leave out among, or enumerate with engine=None")
    x, y = (np.ascontiguousarray(part, dtype=np.float64) for part in (among.x, among.y))
    values, gains = np.empty((2, len(among))), np.empty(len(among))
    worst = judge_pairs(A, B, x, y, among.pairs, values, gains)
    if not worst <= EQUALLY_GOOD:
        raise GameError(f"the equilibria given are of another game: in this one somebody gains {worst:.3g} spans of payoffs by leaving one")
    return EquilibriumSet(x, y, among.pairs, values, gains, True, among.degenerate, among.method, among.exact)


def _best(scores: Scores) -> tuple[int, int]:
    """Return the first of those that are best by each score in turn, and how many tie."""
    left = np.arange(len(scores[0][0]))
    for numbers, tie in scores:
        left = left[numbers[left] >= numbers[left].max() - tie]
    return int(left[0]), len(left)


def _payoffs(A: np.ndarray, B: np.ndarray, found: EquilibriumSet) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Return both players' payoffs ``[K]`` and up to which difference they tie, halved so that a sum cannot overflow."""
    return found.values[0] / 2, found.values[1] / 2, _tie(A), _tie(B)


def _tie(M: np.ndarray) -> float:
    low, high = float(M.min()) / 2, float(M.max()) / 2
    return EQUALLY_GOOD * (high - low) + ULPS * float(np.finfo(float).eps) * max(-low, high)


def _first_player(A: np.ndarray, B: np.ndarray, found: EquilibriumSet) -> Scores:
    one, two, tie_one, tie_two = _payoffs(A, B, found)
    return [(one, tie_one), (two, tie_two)]


def _second_player(A: np.ndarray, B: np.ndarray, found: EquilibriumSet) -> Scores:
    return _first_player(A, B, found)[::-1]


def _welfare(A: np.ndarray, B: np.ndarray, found: EquilibriumSet) -> Scores:
    one, two, tie_one, tie_two = _payoffs(A, B, found)
    return [(one + two, tie_one + tie_two), (np.minimum(one, two), max(tie_one, tie_two))]


def _egalitarian(A: np.ndarray, B: np.ndarray, found: EquilibriumSet) -> Scores:
    return _welfare(A, B, found)[::-1]


def _risk_dominant(A: np.ndarray, B: np.ndarray, found: EquilibriumSet) -> Scores:
    A, B = normalised(np.stack([A, B]))
    risk = np.array([needed_belief(A, x, y) + needed_belief(B.T, y, x) for x, y in found.profiles])
    return [(-risk, EQUALLY_GOOD), _welfare(A, B, found)[0]]


def needed_belief(pays: np.ndarray, mine: np.ndarray, theirs: np.ndarray) -> float:
    """Return the least p such that ``mine`` is a best reply to every belief with weight p or more on ``theirs``.

    ``pays`` (own actions, other's actions) lies in [0, 1], and ``mine`` is a best reply to ``theirs``.
    """
    # What is lost by changing to each action: against theirs, and against each action of the other player.
    loss = np.maximum(mine @ pays @ theirs - pays @ theirs, 0.0)[:, None]
    elsewhere = mine @ pays - pays
    gains = np.where(elsewhere < -EQUALLY_GOOD, -elsewhere, 0.0)
    return float((gains / np.where(gains > 0.0, loss + gains, 1.0)).max())


def _entropy(A: np.ndarray, B: np.ndarray, found: EquilibriumSet) -> Scores:
    del A, B
    return [(entropies(found.x)[found.pairs[:, 0]] + entropies(found.y)[found.pairs[:, 1]], EQUALLY_MIXED)]


def _most_mixed(A: np.ndarray, B: np.ndarray, found: EquilibriumSet) -> Selection:
    """Return the equilibrium of largest entropy in a game whose equilibria form convex sets."""
    x, y, tied = most_mixed(found)
    with np.errstate(over="ignore"):
        values = np.array([x @ (M / 2) @ y * 2 for M in (A, B)])
    return Selection((x, y), values, regret(np.stack([A, B]), (x, y)), "max_entropy", tied)


def _first(A: np.ndarray, B: np.ndarray, found: EquilibriumSet) -> Scores:
    del A, B
    return [(np.zeros(len(found)), 0.0)]


RULES: dict[str, Callable[[np.ndarray, np.ndarray, EquilibriumSet], Scores]] = {
    "first": _first,
    "best_for_1": _first_player,
    "best_for_2": _second_player,
    "welfare": _welfare,
    "egalitarian": _egalitarian,
    "risk_dominant": _risk_dominant,
    "max_entropy": _entropy,
}
