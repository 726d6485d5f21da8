from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory_rl import GameError, Status
from gametheory_rl._support._errors import SolverError
from gametheory_rl.equilibria import exact
from gametheory_rl.equilibria import minimax as minimax_in_floats
from gametheory_rl.equilibria.exact._polytope import solve, vertices
from tests.equilibria.bimatrix_games import DRAWS, WILSON

METHODS = exact.support_enumeration, exact.vertex_enumeration


def fractions(text):
    return [Fraction(part) for part in text.split()]


@pytest.mark.parametrize("method", METHODS)
def test_fractions_in_and_out(method):
    found = method(*WILSON)
    assert found.x.tolist() == [fractions("0 0 1"), fractions("1/3 2/3 0"), fractions("1/6 1/3 1/2")]
    for x, y in found.profiles:
        assert all(type(p) is Fraction for p in (*x, *y))
        assert exact.regret(np.array(WILSON), (x, y)) == 0
    assert (len(found), found.degenerate, found.complete, found.exact) == (3, False, True, True)
    assert all(type(value) is Fraction for value in found.values.flat)
    assert found.regret.tolist() == [0, 0, 0]


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_both_methods_agree_and_nothing_has_a_regret(m, n, seed, largest):
    A, B = np.random.default_rng(seed).integers(-largest, largest + 1, (2, m, n))
    by_supports, by_vertices = exact.support_enumeration(A, B), exact.vertex_enumeration(A, B)
    assert by_supports.x.tolist() == by_vertices.x.tolist()
    assert by_supports.y.tolist() == by_vertices.y.tolist()
    assert by_supports.pairs.tolist() == by_vertices.pairs.tolist()
    for x, y in by_vertices.profiles:
        assert exact.regret(np.stack([A, B]), (x, y)) == 0
    A, B = A.astype(object), B.astype(object)
    scaled = exact.vertex_enumeration(A * Fraction(3, 7) - 10**30, B * 10**300 + Fraction(1, 10**40))
    assert scaled.x.tolist() == by_vertices.x.tolist()
    assert scaled.degenerate == by_vertices.degenerate


def degenerate_by_definition(A, B):
    """Whether some support has a mixed action with more best replies than actions: by brute force over supports and sets of replies."""
    from itertools import combinations

    from scipy.optimize import linprog

    for pays in (A.astype(float), B.T.astype(float)):
        replies, own = pays.shape
        for size in range(1, own + 1):
            for support in combinations(range(own), size):
                for best in combinations(range(replies), size + 1):
                    tie = pays[np.ix_(best[1:], support)] - pays[best[0], list(support)]
                    others = [r for r in range(replies) if r not in best]
                    worse = pays[np.ix_(others, support)] - pays[best[0], list(support)]
                    upper = np.hstack([worse, np.zeros((len(others), 1))])
                    # The largest smallest weight on the support: the support is exactly this one if it is positive.
                    margin = np.hstack([-np.eye(size), np.ones((size, 1))])
                    found = linprog(
                        [*np.zeros(size), -1.0],
                        A_ub=np.vstack([upper, margin]),
                        b_ub=np.zeros(len(others) + size),
                        A_eq=np.vstack([np.hstack([tie, np.zeros((size, 1))]), [*np.ones(size), 0.0]]),
                        b_eq=[*np.zeros(size), 1.0],
                        bounds=[(0, 1)] * (size + 1),
                    )
                    if found.status == 0 and -found.fun > 1e-9:
                        return True
    return False


def test_degenerate_is_what_the_definition_says():
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(40):
        m, n = rng.integers(1, 4, 2)
        A, B = rng.integers(0, 9, (2, m, n))
        found = exact.vertex_enumeration(A, B)
        assert found.degenerate == degenerate_by_definition(A, B)
        seen.add(found.degenerate)
    assert seen == {False, True}


def test_vertices_of_a_cube_and_of_equal_constraints():
    points, tight = vertices([[1, 1]], 0, 2, 10)
    assert sorted(zip(map(tuple, points), tight, strict=True)) == [((0, 1), 0b101), ((1, 0), 0b110)]
    _, twice = vertices([[1, 1], [1, 1]], 0, 2, 10)
    assert sorted(twice) == [0b1101, 0b1110]
    with pytest.raises(SolverError, match="more than 3 bases"):
        vertices([[2, 1], [1, 2]], 0, 2, 3)


def test_linear_systems():
    assert solve([[2, 0], [0, 4], [2, 4]], [1, 1, 2]) == [Fraction(1, 2), Fraction(1, 4)]
    assert solve([[2, 0], [0, 4], [2, 4]], [1, 1, 3]) is None
    assert solve([[1, 1], [2, 2]], [1, 2]) is None


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1), st.sampled_from(sorted(DRAWS)))
def test_minimax_is_the_value_of_the_other_solvers(m, n, seed, draw):
    A = DRAWS[draw](np.random.default_rng(seed), (m, n))
    solution, every = exact.minimax(A), exact.optimal_strategies(A)
    x, y = solution.profile
    assert x.sum() == y.sum() == 1
    assert min(x) >= 0
    assert min(y) >= 0
    whole = np.array([[Fraction(a) for a in row] for row in A.tolist()], object)
    assert min(x @ whole) == max(whole @ y) == solution.value == every.value
    assert (solution.gap, solution.status) == (0, Status.SOLVED)
    assert abs(float(solution.value) - float(minimax_in_floats(A).value)) < 1e-12
    for corner in every.x:
        assert min(corner @ whole) == every.value
    for corner in every.y:
        assert max(whole @ corner) == every.value


def test_corners_of_the_sets_of_optimal_strategies():
    found = exact.optimal_strategies([[0, 1, 0, 1], [1, 0, 0, 1], [0, 0, 0, 0]])
    assert found.value == 0
    assert found.x.tolist() == np.eye(3, dtype=int).tolist()
    assert found.y.tolist() == [[0, 0, 1, 0]]
    assert not found.unique
    assert exact.optimal_strategies([[3, 0], [0, 2]]).unique
    everything = exact.optimal_strategies(np.full((3, 2), 5))
    assert (everything.x.tolist(), everything.y.tolist()) == (np.eye(3, dtype=int).tolist(), np.eye(2, dtype=int).tolist())


@pytest.mark.parametrize("method", [*METHODS])
@pytest.mark.parametrize(
    ("A", "B", "says"),
    [
        ([[1, 2], [3]], [[1, 2], [3, 4]], "ragged"),
        ([[1]], [[float("nan")]], "nan at"),
        ([[1, 2]], [[1], [2]], "must agree"),
        ([], [], "shape"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(method, A, B, says):
    with pytest.raises(GameError, match=says):
        method(A, B)


@pytest.mark.parametrize("method", [exact.minimax, exact.optimal_strategies])
def test_bad_matrices_are_refused_in_a_sentence(method):
    for A, says in (([[1, 2], [3]], "ragged"), ([[float("inf")]], "inf at"), ([1, 2], "shape")):
        with pytest.raises(GameError, match=says):
            method(A)
