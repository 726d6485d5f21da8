"""The best distribution that is obeyed, with a bound on any other: a compiled dual simplex method, HiGHS, and cvxpy for entropy."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl._support._errors import SolverError
from gametheory_rl.equilibria._kernels import _programs
from gametheory_rl.equilibria._zero_sum import distribution

METHODS = "compiled", "highs", "highs-ds", "highs-ipm", "highs-ipm plain", "highs-ds plain"
"""Tried in this order where an answer is not good enough. The plain ones are without HiGHS's presolve, which takes a game of payoffs that
are nearly equal for infeasible."""
LEAN_FROM = 20_000
"""Matrices with more entries go to HiGHS and cvxpy without their zeros: making a small one sparse takes longer than solving."""
FEASIBILITY = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
IN_SUPPORT = 1e-7
"""A joint action whose probability can be no larger, in a cone where 1 is possible for others, is never drawn."""


@dataclass(frozen=True, eq=False)
class Device:
    """A distribution of joint actions, flat, and how much better another one could be at most."""

    drawn: np.ndarray
    """``[cells]``"""
    gap: float
    """In units of the objective that was given: worth, or nats."""


def greatest_least(worth: np.ndarray, rows: Any, method: str) -> Device | None:
    """Maximise min_k worth[k] @ p over the distributions with rows @ p >= 0; None where the method gives up.

    Entries of both lie in [-1, 1]. The bound is weak duality's, computed here: whatever the multipliers, no distribution has more
    than the largest entry of mu @ worth + lambda @ rows.
    """
    found = _compiled(worth, rows) if method == "compiled" else _by_highs(worth, _lean(rows), method)
    if found is None:
        return None
    drawn, multipliers = found
    goals = len(worth)
    shares = multipliers[:goals] if goals > 1 else np.ones(1)
    total = shares.sum()
    bound = np.max(shares @ worth + multipliers[goals:] @ rows) / total if total > 0.0 else worth.max()
    return Device(drawn, max(float(bound - (worth @ drawn).min()), 0.0))


def _compiled(worth: np.ndarray, rows: Any) -> tuple[np.ndarray, np.ndarray] | None:
    """Return a distribution and the multipliers of goals and rows; None where the program is too large, or was lost."""
    if not isinstance(rows, np.ndarray):
        return None
    drawn, multipliers, ended = _programs.greatest_least(np.ascontiguousarray(worth), np.ascontiguousarray(rows))
    total = drawn.sum()
    return (drawn / total, multipliers) if ended == _programs.BEST and total > 0.0 else None


def _by_highs(worth: np.ndarray, rows: Any, method: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the same by HiGHS; the multiplier of a single goal is 1."""
    from scipy.optimize import linprog

    goals, cells, told = len(worth), worth.shape[1], rows.shape[0]
    engine, _, plain = method.partition(" ")
    options = dict.fromkeys(FEASIBILITY, 1e-09) | {"presolve": False} if plain else FEASIBILITY
    found = linprog(**_program(worth, rows), method=engine, options=options)
    if found.x is None or found.ineqlin.marginals is None:
        return None
    multipliers = np.maximum(-found.ineqlin.marginals, 0.0)
    shares = multipliers[told:] if goals > 1 else np.ones(1)
    return distribution(found.x[:cells]), np.append(shares, multipliers[:told])


def _lean(rows: Any) -> Any:
    """Return a large matrix without its zeros."""
    if not isinstance(rows, np.ndarray) or rows.size <= LEAN_FROM:
        return rows
    from scipy.sparse import csr_array

    return csr_array(rows)


def _program(worth: np.ndarray, rows: Any) -> dict[str, Any]:
    """Return the linear program: over p alone where there is one goal, else over p and the least, which lies below every goal."""
    goals, cells = worth.shape
    total = np.ones((1, cells))
    if goals == 1:
        return {"c": -worth[0], "A_ub": -rows, "b_ub": np.zeros(rows.shape[0]), "A_eq": total, "b_eq": [1.0], "bounds": (0.0, None)}
    above, below, right = np.zeros((rows.shape[0], 1)), np.ones((goals, 1)), np.zeros(rows.shape[0] + goals)
    if isinstance(rows, np.ndarray):
        upper: Any = np.block([[-rows, above], [-worth, below]])
    else:
        from scipy.sparse import block_array, csr_array

        upper = block_array([[-rows, csr_array(above)], [csr_array(-worth), csr_array(below)]], format="csr")
    bounds = [(0.0, None)] * cells + [(None, None)]
    cost = np.append(np.zeros(cells), -1.0)
    return {"c": cost, "A_ub": upper, "b_ub": right, "A_eq": np.append(total, [[0.0]], axis=1), "b_eq": [1.0], "bounds": bounds}


def most_random(rows: Any) -> Device:
    """Maximise the entropy of p over the distributions with rows @ p >= 0.

    Joint actions that no such distribution draws are taken out first: at them the slope of the entropy is infinite, and
    interior-point methods lose their digits.
    """
    import cvxpy as cp

    drawn = np.zeros(rows.shape[1])
    support = _can_be_drawn(rows)
    inside = _lean(rows[:, support])
    p = cp.Variable(int(support.sum()))
    obeyed: Any = inside @ p >= 0
    rules: list[Any] = [cp.sum(p) == 1, obeyed] if rows.shape[0] else [cp.sum(p) == 1]
    problem = cp.Problem(cp.Maximize(cp.sum(cp.entr(p))), rules)
    tight = {"tol_gap_abs": 1e-12, "tol_gap_rel": 1e-12, "tol_feas": 1e-12, "tol_ktratio": 1e-10}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that an answer may be inaccurate: it is judged by who asked
        problem.solve(solver=cp.CLARABEL, **tight)
    if p.value is None:
        raise SolverError(f"cvxpy ended with {problem.status!r} and no distribution; choose another objective than 'entropy'")
    drawn[support] = distribution(np.asarray(p.value))
    multipliers = np.maximum(np.asarray(obeyed.dual_value), 0.0) if rows.shape[0] else np.zeros(0)
    exponents = multipliers @ inside
    bound = exponents.max() + np.log(np.exp(exponents - exponents.max()).sum())
    positive = drawn[drawn > 0.0]
    return Device(drawn, max(float(bound + positive @ np.log(positive)), 0.0))


def _can_be_drawn(rows: Any) -> np.ndarray:
    """Return which joint actions some obeyed distribution draws: maximise sum(t), t <= 1, rows @ (t + s) >= 0, t and s >= 0."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, hstack

    cells = rows.shape[1]
    if rows.shape[0] == 0:
        return np.ones(cells, np.bool_)
    found = linprog(
        np.append(-np.ones(cells), np.zeros(cells)),
        A_ub=-hstack([csr_array(rows)] * 2, format="csr"),
        b_ub=np.zeros(rows.shape[0]),
        bounds=[(0.0, 1.0)] * cells + [(0.0, None)] * cells,
        options=FEASIBILITY,
    )
    support = found.x[:cells] > IN_SUPPORT if found.x is not None else np.ones(cells, np.bool_)
    return support if support.any() else np.ones(cells, np.bool_)
