"""Linear programs of games beside HiGHS through highspy, its model built in numpy: correlated play, commitment, large zero-sum games.

Each row notes how far the two values are from each other, in spans of the objective.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import highspy
import numpy as np

from benchmarks.timing import compare
from gametheory_rl.equilibria import correlated, minimax, stackelberg

CORRELATED = ((3, 3), (5, 5), (10, 10), (3, 3, 3))
ZERO_SUM = ((300, 5), (500, 3), (1000, 1))
"""Actions, and how often both are run."""


def rows() -> list[dict[str, Any]]:
    """Return one row a size."""
    rng = np.random.default_rng(0)
    return [_correlated(rng, shape) for shape in CORRELATED] + [_committed(rng)] + [_zero_sum(rng, n, times) for n, times in ZERO_SUM]


def highs(cost: np.ndarray, matrix: np.ndarray, lower: np.ndarray, upper: np.ndarray, solver: str = "choose") -> float:
    """Minimise cost @ p over p >= 0, lower <= matrix @ p <= upper; infinite where nothing is feasible."""
    program, places = highspy.HighsLp(), np.nonzero(matrix)
    program.num_row_, program.num_col_ = matrix.shape
    program.col_cost_, program.col_lower_ = cost, np.zeros(len(cost))
    program.col_upper_ = np.full(len(cost), highspy.kHighsInf)
    program.row_lower_, program.row_upper_ = lower, upper
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.append(0, np.cumsum(np.count_nonzero(matrix, axis=1)))
    program.a_matrix_.index_, program.a_matrix_.value_ = places[1], matrix[places]
    model = highspy.Highs()
    for option, value in (("output_flag", False), ("threads", 1), ("solver", solver)):
        model.setOptionValue(option, value)
    model.passModel(program)
    model.run()
    optimal = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(model.getInfo().objective_function_value) if optimal else np.inf


def best_welfare(payoffs: np.ndarray) -> float:
    """Return the largest sum of payoffs of a correlated equilibrium, as an expert would write it for HiGHS."""
    shape, obeyed = payoffs.shape[1:], []
    for i, own in enumerate(shape):
        earns = np.moveaxis(payoffs[i], i, 0)
        for told, played in product(range(own), repeat=2):
            if told != played:
                row = np.zeros((own, *earns.shape[1:]))
                row[told] = earns[told] - earns[played]
                obeyed.append(np.moveaxis(row, 0, i).ravel())
    matrix = np.vstack([*obeyed, np.ones(payoffs[0].size)])
    lower, upper = np.zeros(len(matrix)), np.full(len(matrix), highspy.kHighsInf)
    lower[-1] = upper[-1] = 1.0
    return -highs(-payoffs.sum(axis=0).ravel(), matrix, lower, upper)


def best_commitment(A: np.ndarray, B: np.ndarray) -> float:
    """Return the strong leader's payoff: one program for each reply."""
    found = []
    for j in range(A.shape[1]):
        matrix = np.vstack([(B[:, [j]] - np.delete(B, j, axis=1)).T, np.ones(len(A))])
        lower, upper = np.zeros(len(matrix)), np.full(len(matrix), highspy.kHighsInf)
        lower[-1] = upper[-1] = 1.0
        found.append(-highs(-A[:, j], matrix, lower, upper))
    return max(found)


def value(A: np.ndarray, solver: str) -> float:
    """Return the value of a zero-sum game with payoffs in [0, 1]."""
    m, n = A.shape
    return -1.0 / highs(-np.ones(n), A + 1.0, np.full(m, -highspy.kHighsInf), np.ones(m), solver) - 1.0


def _correlated(rng: np.random.Generator, shape: tuple[int, ...]) -> dict[str, Any]:
    games = rng.random((20, len(shape), *shape))
    size = "x".join(map(str, shape))
    row = compare(
        f"correlated equilibrium of largest welfare, {size}",
        lambda: [correlated(game) for game in games],
        lambda: [best_welfare(game) for game in games],
        peer_name="HiGHS",
    )
    apart = max(abs(correlated(game).values.sum() - best_welfare(game)) / np.ptp(game.sum(axis=0)) for game in games)
    return _each(row, len(games), apart)


def _committed(rng: np.random.Generator) -> dict[str, Any]:
    A, B = rng.random((2, 2_000, 5, 5))
    row = compare(
        "best commitments in 2,000 games 5x5",
        lambda: stackelberg(A, B),
        lambda: [best_commitment(*game) for game in zip(A, B, strict=True)],
        repeats=3,
        peer_name="HiGHS, one program a reply",
    )
    apart = np.abs(stackelberg(A, B).values[0] - [best_commitment(*game) for game in zip(A, B, strict=True)]).max()
    return _each(row, 1, float(apart))


def _zero_sum(rng: np.random.Generator, n: int, times: int) -> dict[str, Any]:
    game = rng.random((n, n))
    solvers = [
        compare(f"one zero-sum game {n}x{n}", lambda: minimax(game), lambda s=s: value(game, s), repeats=times, peer_name=f"HiGHS {s}")
        for s in ("simplex", "ipm")
    ]
    return _each(min(solvers, key=lambda row: row["peer_s"]), 1, abs(float(minimax(game).value) - value(game, "choose")))


def _each(row: dict[str, Any], calls: int, apart: float) -> dict[str, Any]:
    """Return a row for one call, with the note."""
    return row | {"ours_s": row["ours_s"] / calls, "peer_s": row["peer_s"] / calls, "note": f"values {apart:.0e} apart"}
