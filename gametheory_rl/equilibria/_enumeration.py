"""What the enumerations of a bimatrix game's equilibria share: the door, the judge, the order, another engine beside ours."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl.equilibria._bimatrix import COLUMN_PAYOFFS, ROW_PAYOFFS, bimatrix
from gametheory_rl.equilibria._checks import require_finite
from gametheory_rl.equilibria._equilibrium_set import EquilibriumSet
from gametheory_rl.equilibria._kernels._pairs import DIGITS, judge_pairs, put_in_order
from gametheory_rl.equilibria._sizes import require_listable
from gametheory_rl.equilibria.exact._polytope import solve
from gametheory_rl.equilibria.exact._rationals import normalised, rationals

REGRET_ACCEPTED = 1e-12
"""Largest regret, in spans of the player's payoffs, of a profile that is not computed again in rationals."""
FEW = 32
"""So many strategies are put in order by a kernel."""
SAME_WITHIN = 1e-6
"""Profiles of another engine whose probabilities differ by less from one of ours are that one."""


def one_game(A: Any, B: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the finite payoffs (m, n) of one game of a size whose equilibria can be listed."""
    A, B = bimatrix(A, B)
    if A.ndim != 2 or B.ndim != 2:
        raise GameError(f"the payoffs have shapes {A.shape} and {B.shape}, one game (m, n) was expected")
    require_finite(A, ROW_PAYOFFS)
    require_finite(B, COLUMN_PAYOFFS)
    require_listable(*A.shape)
    return A, B


def payoff_integers(A: np.ndarray, B: np.ndarray) -> tuple[list[list[int]], list[list[int]]]:
    """Return both players' payoffs as the smallest positive integers that a positive affine rescaling makes of them."""
    return normalised(rationals(A, ROW_PAYOFFS)), normalised(rationals(B, COLUMN_PAYOFFS))


def transposed(matrix: list[list[int]]) -> list[list[int]]:
    """Return the columns of a matrix as rows."""
    return [list(column) for column in zip(*matrix, strict=True)]


def equilibrium_set(
    A: np.ndarray, B: np.ndarray, x: np.ndarray, y: np.ndarray, pairs: np.ndarray, *, degenerate: bool, method: str, exact: bool = False
) -> EquilibriumSet:
    """Return the profiles x[i], y[j], (i, j) in ``pairs`` (K, 2), each x and y once, in order and judged; weights need not add up to 1."""
    if not degenerate and len(pairs) <= FEW:
        count = len(pairs)
        some_x, some_y, numbers = np.empty((count, x.shape[1])), np.empty((count, y.shape[1])), np.empty((count, 2), np.int64)
        put_in_order(x, y, pairs, some_x, some_y, numbers)
        x, y = some_x, some_y
    else:
        chosen = pairs.tolist()
        x, place_x = _each_once(x, [i for i, _ in chosen])
        y, place_y = _each_once(y, [j for _, j in chosen])
        numbers = np.array(sorted([(place_x[i], place_y[j]) for i, j in chosen]), np.int64).reshape(-1, 2)
    values, regret = np.empty((2, len(numbers))), np.empty(len(numbers))
    worst = judge_pairs(A, B, x, y, numbers, values, regret)
    if worst > REGRET_ACCEPTED:
        _sharpen(A, B, x, y, numbers)
        judge_pairs(A, B, x, y, numbers, values, regret)
    return EquilibriumSet(x, y, numbers, values, regret, True, degenerate, method, exact)


def _each_once(strategies: np.ndarray, which: list[int]) -> tuple[np.ndarray, dict[int, int]]:
    """Return the rows numbered in ``which``, each once and in order, as distributions; and the place of each number."""
    distinct = list(dict.fromkeys(which))
    chosen = strategies[distinct]
    chosen /= chosen.sum(axis=1, keepdims=True)
    # Fewer actions first, then more weight on the first action, on the second, ...: the last key counts first.
    order = np.lexsort((*-np.rint(chosen * DIGITS).T[::-1], np.count_nonzero(chosen, axis=1)))
    return chosen[order], {distinct[k]: place for place, k in enumerate(order.tolist())}


def _sharpen(A: np.ndarray, B: np.ndarray, x: np.ndarray, y: np.ndarray, pairs: np.ndarray) -> None:
    """Compute again in rationals each strategy whose support determines it: ill-conditioned games lose digits in floats."""
    rows_pay, columns_pay = payoff_integers(A, B)
    columns_pay = transposed(columns_pay)
    for i, j in pairs.tolist():
        rows, columns = np.flatnonzero(x[i]).tolist(), np.flatnonzero(y[j]).tolist()
        if len(rows) == len(columns):
            _sharpen_one(y[j], rows_pay, rows, columns)
            _sharpen_one(x[i], columns_pay, columns, rows)


def _sharpen_one(strategy: np.ndarray, pays: list[list[int]], actions: list[int], support: list[int]) -> None:
    """Write the weights on ``support`` against which the other player's ``actions`` pay the same."""
    weights = solve([[pays[r][c] for c in support] for r in actions], [1] * len(actions))
    if weights is not None and min(weights) >= 0:
        strategy[support] = [float(w / sum(weights)) for w in weights]


def with_engine(engine: str, function: str, A: np.ndarray, B: np.ndarray, ours: EquilibriumSet, time_limit: float) -> EquilibriumSet:
    """Return what another engine's ``function`` found, only its verified equilibria, and what it got wrong by comparison with ``ours``."""
    if engine != "nashpy":
        raise UnknownNameError("engine", str(engine), ["nashpy"])
    from gametheory_rl.equilibria._nashpy import run_nashpy

    answer = run_nashpy(function, A, B, time_limit=time_limit)
    fine = [profile for profile, good in zip(answer.profiles, answer.equilibria, strict=True) if good]
    x = np.array([x for x, _ in fine]).reshape(len(fine), A.shape[0])
    y = np.array([y for _, y in fine]).reshape(len(fine), A.shape[1])
    pairs = np.stack([np.arange(len(fine))] * 2, axis=1)
    missed = _missed(ours, x, y)
    complaints = [] if answer.failure is None else [answer.failure]
    if missed:
        complaints.append(f"nashpy's {function} missed {missed} of the {len(ours)} extreme equilibria")
    values, regret = np.empty((2, len(fine))), np.empty(len(fine))
    judge_pairs(A, B, x, y, pairs, values, regret)
    failure = "; ".join(complaints) or None
    return EquilibriumSet(x, y, pairs, values, regret, not missed, ours.degenerate, f"nashpy {function}", False, failure)


def _missed(ours: EquilibriumSet, x: np.ndarray, y: np.ndarray) -> int:
    """Count our equilibria that no profile x[k], y[k] is near to."""
    theirs = np.concatenate([x, y], axis=1)
    mine = (np.concatenate(profile) for profile in ours.profiles)
    return sum(not (np.abs(theirs - profile).max(axis=1, initial=0.0) < SAME_WITHIN).any() for profile in mine)
