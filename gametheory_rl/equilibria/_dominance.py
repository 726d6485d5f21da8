"""Iterated elimination of dominated actions, n players, by mixed actions; and what two rational players can play."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl.equilibria._checks import payoff_pair, payoff_tensor
from gametheory_rl.equilibria._devices import greatest_least
from gametheory_rl.equilibria._minimax import minimax
from gametheory_rl.equilibria._scaling import normalised, rounding

MARGIN = 1e-10
"""By how much a mixture has to be better, in the player's span of payoffs left in the game, rounding of the payoffs apart."""
NOT_WORSE = 1e-12
"""By how much a mixture may be worse and still dominate weakly, for its probabilities are rounded."""


@dataclass(frozen=True, eq=False)
class Elimination:
    """One dominated action, and why."""

    round: int
    """From 0; all eliminations of one round are made at once."""
    player: int
    action: int
    """Number of the action in the game as it was given."""
    dominator: np.ndarray
    """``[A_i]`` mixed action that dominates it, over the actions left when the round began"""


@dataclass(frozen=True, eq=False)
class DominanceSolution:
    """What iterated elimination leaves of a game."""

    survivors: tuple[np.ndarray, ...]
    """One ascending ``(k_i,)`` array of action numbers per player; never empty."""
    eliminated: list[Elimination]
    """In the order of elimination."""
    payoffs: np.ndarray
    """``[n, k_1, ..., k_n]`` what is left of the game"""

    @property
    def solvable(self) -> bool:
        """Whether a single action is left to each player."""
        return all(len(left) == 1 for left in self.survivors)


def dominance(payoffs: Any, *, strict: bool = True) -> DominanceSolution:
    """Eliminate dominated actions, round after round, until none is left.

    In each round all actions of all players that are dominated in the game so far go at once. An action is strictly dominated if
    some mixed action earns more whatever the others do, and weakly if some mixed action earns never less and sometimes more.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Payoffs, player axis first.
    strict : bool
        Eliminate strictly dominated actions only. What that leaves does not depend on the order; what weak dominance leaves can,
        and may lack equilibria of the game.

    Returns
    -------
    DominanceSolution
        ``survivors``, ``eliminated`` with the dominating mixtures, ``payoffs`` (n, k_1, ..., k_n) of what is left, ``solvable``.

    Raises
    ------
    GameError
        Payoffs that are not ``(n, A_1, ..., A_n)`` or not finite.

    Notes
    -----
    One zero-sum game (strict) or linear program (weak) per action: D. Gale, H. Kuhn and A. Tucker 1950; D. Pearce 1984, lemma 3.
    Against several opponents the survivors are those of correlated beliefs. A margin below 1e-10 of the player's span of payoffs,
    as far as it is still in the game, is taken for none; duplicates never eliminate one another.

    Examples
    --------
    >>> prisoners = [[[-1, -3], [0, -2]], [[-1, 0], [-3, -2]]]
    >>> found = dominance(prisoners)
    >>> [left.tolist() for left in found.survivors], [(e.round, e.player, e.action) for e in found.eliminated]
    ([[1], [1]], [(0, 0, 0), (0, 1, 0)])
    """
    payoffs = payoff_tensor(payoffs)
    survivors = tuple(np.arange(count) for count in payoffs.shape[1:])
    eliminated: list[Elimination] = []
    number = 0
    while True:
        left = payoffs[np.ix_(np.arange(len(payoffs)), *survivors)]
        found = [_dominated(payoff, i, strict) for i, payoff in enumerate(left)]
        if not any(found):
            return DominanceSolution(survivors, eliminated, left)
        for player, dominators in enumerate(found):
            for action, mixture in dominators.items():
                mixed = np.zeros(payoffs.shape[player + 1])
                mixed[survivors[player]] = mixture
                eliminated.append(Elimination(number, player, int(survivors[player][action]), mixed))
        survivors = tuple(np.delete(left, list(gone)) for left, gone in zip(survivors, found, strict=True))
        number += 1


def rationalizable(A: Any, B: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return which actions of two players are rationalizable: best replies to beliefs in best replies to beliefs, and so on.

    Parameters
    ----------
    A, B : (..., m, n) arrays
        Payoffs of the row player and of the column player; leading axes are broadcast.

    Returns
    -------
    (..., m), (..., n) bool arrays
        True for the rationalizable actions of each player; at least one each.

    Raises
    ------
    GameError
        Matrices of different shapes, no actions, or entries that are not finite.

    Notes
    -----
    With two players these are the actions that survive iterated strict dominance (D. Pearce 1984, proposition 2; B. D. Bernheim
    1984). With more, ``dominance`` answers for beliefs in which the others' actions may be correlated.

    Examples
    --------
    >>> rows, columns = rationalizable([[3, 0], [0, 3], [1, 1]], [[1, 0], [0, 1], [2, 2]])
    >>> rows.tolist(), columns.tolist()
    ([True, True, False], [True, True])
    """
    pair = payoff_pair(A, B)
    batch, shape = pair.shape[1:-2], pair.shape[-2:]
    masks = tuple(np.zeros((*batch, count), np.bool_) for count in shape)
    for k in np.ndindex(*batch):
        for mask, left in zip(masks, dominance(pair[:, *k]).survivors, strict=True):
            mask[(*k, left)] = True
    return masks[0], masks[1]


def _dominated(payoff: np.ndarray, player: int, strict: bool) -> dict[int, np.ndarray]:
    """Return the dominated actions of one player and a mixture that dominates each."""
    earns = np.moveaxis(payoff, player, 0).reshape(payoff.shape[player], -1)
    noise = float(rounding(earns[np.newaxis])[0])
    earns = normalised(earns[np.newaxis])[0]
    search = _strictly if strict else _weakly
    # The action with the largest sum of payoffs is never among them: a mixture that dominates has a larger sum.
    return {a: mixture for a in range(len(earns)) if (mixture := search(earns - earns[a], a, noise)) is not None}


def _strictly(gains: np.ndarray, action: int, noise: float) -> np.ndarray | None:
    """Return a mixture of the rows that is positive in every column, if there is one; row ``action`` is zero."""
    del action
    margin = MARGIN + noise
    pure = int(np.argmax(gains.min(axis=1)))
    if gains[pure].min() > margin:
        return np.eye(len(gains))[pure]
    if (gains.max(axis=0) <= margin).any():  # the best action against something
        return None
    solution = minimax(gains)
    mixture = solution.profile[0]
    return mixture if (mixture @ gains).min() > margin else None


def _weakly(gains: np.ndarray, action: int, noise: float) -> np.ndarray | None:
    """Return a mixture of the rows that is nowhere negative and somewhere positive, if there is one; row ``action`` is zero."""
    lossless = np.flatnonzero((gains >= -noise).all(axis=1) & (gains > MARGIN + noise).any(axis=1) & (gains.sum(axis=1) > 0.0))
    if lossless.size:
        return np.eye(len(gains))[lossless[0]]
    others = np.delete(gains, action, axis=0)
    if (others < -noise - NOT_WORSE).all(axis=0).any():  # the only best action against something
        return None
    if len(others) < 2:
        return None
    columns = _in_units(others, noise)
    for method in ("compiled", "highs"):
        found = greatest_least(columns.mean(axis=0, keepdims=True), columns, method)
        if found is not None:
            mixture = np.insert(found.drawn, action, 0.0)
            better = mixture @ gains
            if better.min() >= -noise - NOT_WORSE:
                return mixture if better.max() > MARGIN + noise and better.sum() > 0.0 else None
    return None


def _in_units(others: np.ndarray, noise: float) -> np.ndarray:
    """Return ``[the others' actions, mixed action]`` gains, each in units of the largest there; a mixture may have none below zero."""
    others = np.where(np.abs(others) <= noise, 0.0, others)
    size = np.abs(others).max(axis=0)
    return np.ascontiguousarray((others / np.where(size > 0.0, size, 1.0)).T)
