"""One zero-sum game beside the calls that people use today; each answer is checked against ours."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.timing import compare
from gametheory_rl.equilibria import minimax

SIZES = (5, 25)


def rows() -> list[dict[str, Any]]:
    """Return one row for each library that is installed, at each size."""
    rng = np.random.default_rng(1)
    return [_row(name, peer, rng.random((n, n))) for n in SIZES for name, peer in peers().items()]


def _row(name: str, peer: Callable[[np.ndarray], float], game: np.ndarray) -> dict[str, Any]:
    difference = abs(float(minimax(game).value) - peer(game))
    if difference > 1e-6:
        raise AssertionError(f"{name} and minimax differ by {difference:.3g}")
    n, repeats = len(game), 50
    row = compare(f"one game {n}x{n}", lambda: [minimax(game) for _ in range(repeats)], lambda: peer(game), repeats=5, peer_name=name)
    return row | {"ours_s": row["ours_s"] / repeats, "ratio": row["ratio"] * repeats}


def peers() -> dict[str, Callable[[np.ndarray], float]]:
    """Return what each library calls to solve a zero-sum game; its answer is the value."""
    found: dict[str, Callable[[np.ndarray], float]] = {"scipy linprog": by_scipy, "highspy": by_highspy, "nashpy": by_nashpy}
    return found | ({"open_spiel": by_open_spiel} if find_spec("pyspiel") else {})


def by_scipy(game: np.ndarray) -> float:
    from scipy.optimize import linprog

    m, n = game.shape
    found = linprog(
        np.r_[np.zeros(m), -1.0],
        A_ub=np.hstack([-game.T, np.ones((n, 1))]),
        b_ub=np.zeros(n),
        A_eq=np.r_[np.ones(m), 0.0][None],
        b_eq=[1.0],
        bounds=[(0, None)] * m + [(None, None)],
    )
    return -float(found.fun)


def by_highspy(game: np.ndarray) -> float:
    import highspy

    m, n = game.shape
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    inf = highspy.kHighsInf
    for _ in range(m):
        model.addVar(0.0, inf)
    model.addVar(-inf, inf)
    model.changeColCost(m, -1.0)
    everything = np.arange(m + 1, dtype=np.int32)
    for j in range(n):
        model.addRow(0.0, inf, m + 1, everything, np.r_[game[:, j], -1.0])
    model.addRow(1.0, 1.0, m, everything[:m], np.ones(m))
    model.run()
    return -float(model.getInfo().objective_function_value)


def by_nashpy(game: np.ndarray) -> float:
    import nashpy

    x, y = nashpy.Game(game).linear_program()
    return float(x @ game @ y)


def by_open_spiel(game: np.ndarray) -> float:
    import pyspiel  # pyright: ignore[reportMissingImports]
    from open_spiel.python.algorithms import lp_solver  # pyright: ignore[reportMissingImports]

    return float(lp_solver.solve_zero_sum_matrix_game(pyspiel.create_matrix_game(game, -game))[2])
