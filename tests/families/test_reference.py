"""The reference itself against linear programming, degenerate games included."""

import numpy as np
import pytest
from scipy.optimize import linprog

from tests.families.reference import zero_sum_values


def by_linear_programming(stage):
    m, n = stage.shape
    objective, bounds = np.append(np.zeros(m), -1), [(0, 1)] * m + [(None, None)]
    answer = linprog(objective, np.c_[-stage.T, np.ones(n)], np.zeros(n), [[1] * m + [0]], [1], bounds)
    return -answer.fun


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (3, 2), (3, 3), (5, 5)])
def test_values_of_random_stage_games(shape):
    rng = np.random.default_rng(0)
    stages = np.concatenate([rng.standard_normal((20, *shape)), rng.integers(-1, 2, (20, *shape)), np.ones((1, *shape))])
    assert zero_sum_values(stages) == pytest.approx([by_linear_programming(stage) for stage in stages], abs=1e-9)
