"""Evolutionary stability of a mixed action in a symmetric game of two players."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl.equilibria._checks import mixed_actions, payoff_matrices
from gametheory_rl.equilibria._scaling import normalised, rounding

PLAYED = 1e-9
"""Smallest probability of an action that counts as played."""
TIE = 1e-9
"""Payoffs are called equal up to so much of the span, rounding of the payoffs apart."""
UNPLAYED_UP_TO = 15
"""Most best replies that are not played: one small linear system is solved for each of their subsets."""


@dataclass(frozen=True, eq=False)
class Stability:
    """Whether a mixed action is evolutionarily stable, and why."""

    stable: bool
    reason: str
    """One sentence."""
    mutant: np.ndarray | None
    """``[m]`` a mixed action that invades, or is as good by both tests; None if stable"""

    def __bool__(self) -> bool:
        """Return whether it is stable."""
        return self.stable


def is_ess(A: Any, x: Any) -> Stability:
    """Return whether ``x`` is an evolutionarily stable strategy, true or false in a condition, with the reason.

    Every mutant y earns less against x than x does, or as much and then less than x against y (J. Maynard Smith and
    G. R. Price 1973).

    Parameters
    ----------
    A : (m, m) array
        Payoffs of the row action against the column action in one population.
    x : (m,) array
        The incumbent mixed action.

    Returns
    -------
    Stability
        ``stable``, the ``reason`` in a sentence, and a ``mutant`` that invades where it is not.

    Raises
    ------
    GameError
        A matrix that is not square or not finite, an ``x`` that is no distribution over its actions, or more than 15 best
        replies that ``x`` does not play.

    Notes
    -----
    With z = y - x over the best replies, the form z' A z has to be negative wherever z sums to zero and is not negative at
    actions that x does not play (J. Haigh 1975, A. Abakuks 1980): the played ones are eliminated, and what is left has to be
    strictly copositive. Differences below 1e-9 of the span of payoffs count as none.

    Examples
    --------
    >>> hawk_dove = [[-1, 4], [0, 2]]
    >>> bool(is_ess(hawk_dove, [2 / 3, 1 / 3])), is_ess(hawk_dove, [1, 0]).reason
    (True, 'not an equilibrium: against it action 1 earns 1 more than it does.')
    """
    A = payoff_matrices(A)
    if A.ndim != 2 or A.shape[0] != A.shape[1]:
        raise GameError(f"the payoff matrix has shape {A.shape}, (m, m) was expected: both players choose from the same actions")
    x = mixed_actions(x, A.shape[:1], "the strategy")
    game, noise = normalised(A[np.newaxis])[0], TIE + float(rounding(A[np.newaxis])[0])
    earns = game @ x
    best = int(np.argmax(earns))
    more = float(earns[best] - x @ earns)
    if more > noise:
        gain = more * float(A.max()) - more * float(A.min())
        return Stability(False, f"not an equilibrium: against it action {best} earns {gain:.6g} more than it does.", np.eye(len(x))[best])
    replies = np.flatnonzero((earns >= earns[best] - noise) | (x > PLAYED))
    if len(replies) == 1:
        return Stability(True, "evolutionarily stable: a strict equilibrium, every other action earns less against it.", None)
    step = _invasion(game, x, replies, noise)
    if step is None:
        return Stability(
            True, "evolutionarily stable: every mutant that earns as much against it earns less than it does against the mutant.", None
        )
    return _unstable(game, x, step, noise)


def _invasion(game: np.ndarray, x: np.ndarray, replies: np.ndarray, noise: float) -> np.ndarray | None:
    """Return a direction from ``x`` in which a mutant invades, or None where there is none."""
    played = replies[x[replies] > PLAYED]
    free, unplayed = played[1:], np.setdiff1d(replies, played)
    if len(unplayed) > UNPLAYED_UP_TO:
        raise GameError(f"{len(unplayed)} best replies are not played, at most {UNPLAYED_UP_TO} were expected: their subsets are too many")
    form, pivot = -(game + game.T) / 2.0, played[0]
    reduced = form - form[:, [pivot]] - form[[pivot]] + form[pivot, pivot]
    sizes, directions = np.linalg.eigh(reduced[np.ix_(free, free)])
    if len(free) and sizes[0] <= noise:
        return _direction(len(x), pivot, free, directions[:, 0])
    answer = -np.linalg.solve(reduced[np.ix_(free, free)], reduced[np.ix_(free, unplayed)])
    left = reduced[np.ix_(unplayed, unplayed)] + reduced[np.ix_(unplayed, free)] @ answer
    weights = _least_on_simplex((left + left.T) / 2.0, noise)
    if weights is None:
        return None
    return _direction(len(x), pivot, np.append(free, unplayed), np.append(answer @ weights, weights))


def _least_on_simplex(form: np.ndarray, noise: float) -> np.ndarray | None:
    """Return weights at which the quadratic form is not positive, or None where it is strictly copositive.

    On the simplex it is least where its gradient is the same at all weights that are positive: one linear system per subset.
    """
    numbers = range(len(form))
    for subset in chain.from_iterable(combinations(numbers, k) for k in range(1, len(form) + 1)):
        size = len(subset)
        system = np.zeros((size + 1, size + 1))
        system[:size, :size] = form[np.ix_(subset, subset)]
        system[:size, size], system[size, :size] = -1.0, 1.0
        solution = np.linalg.lstsq(system, np.append(np.zeros(size), 1.0), rcond=None)[0]
        weights = np.zeros(len(form))
        weights[list(subset)] = solution[:size]
        if weights.min() >= -TIE and weights.sum() > 0.5 and weights @ form @ weights <= noise:
            return np.maximum(weights, 0.0)
    return None


def _direction(actions: int, pivot: int, others: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Return steps at ``others`` with what makes them sum to zero at ``pivot``."""
    direction = np.zeros(actions)
    direction[others] = steps
    direction[pivot] = -steps.sum()
    return direction


def _unstable(game: np.ndarray, x: np.ndarray, step: np.ndarray, noise: float) -> Stability:
    """Return the mutant as far along the step as probabilities go, with the reason."""
    falls = step < 0.0
    mutant = np.maximum(x + step * np.min(x[falls] / -step[falls]), 0.0)
    mutant /= mutant.sum()
    more = float((mutant - x) @ game @ mutant) > noise
    named = ", ".join(f"{p:.6g}" for p in mutant)
    how = "more than" if more else "as much as"
    return Stability(
        False, f"not evolutionarily stable: the mutant ({named}) earns as much against it, and {how} it does against the mutant.", mutant
    )
