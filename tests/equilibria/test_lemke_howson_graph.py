from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gametheory_rl as gt
from gametheory_rl import GameError
from gametheory_rl.equilibria import exact, lemke_howson, lemke_howson_all, lemke_howson_graph
from tests.equilibria.bimatrix_games import CYCLING, DRAWS, SAVANI_VON_STENGEL, SAVANI_VON_STENGEL_PATHS, VON_STENGEL, WILSON


def check(A, B, graph):
    """A graph of degree m + n whose paths join nodes of opposite index, and whose first paths are those of the method itself."""
    m, n = np.shape(A)
    assert graph.complete
    assert 2 * len(graph.edges) == len(graph.nodes) * (m + n)
    ends = np.concatenate([graph.edges[:, [0, 2]], graph.edges[:, [1, 2]]])
    assert len({(int(node), int(label)) for node, label in ends}) == len(ends)
    assert (graph.index[graph.edges[:, 0]] == -graph.index[graph.edges[:, 1]]).all()
    assert graph.index.sum() == 0
    assert graph.nodes[0] == -1
    assert sorted(set(graph.nodes[1:].tolist())) == list(range(graph.reached))
    for label in range(m + n):
        single = exact.lemke_howson(A, B, label)
        (edge,) = (edge for edge in graph.edges if edge[0] == 0 and edge[2] == label)
        assert edge[3] == single.path_length
        for mine, theirs in zip(graph.profiles[graph.nodes[edge[1]]], single.profile, strict=True):
            np.testing.assert_allclose(mine.astype(float), theirs.astype(float), atol=1e-12)


def test_all_75_equilibria_are_reached():
    A, B = gt.load_game("von_stengel_75").payoff[:, 0]
    graph = lemke_howson_graph(A, B)
    check(A, B, graph)
    assert graph.reached == 75
    assert (graph.regret <= 1e-14 * np.ptp(A)).all()
    assert len(lemke_howson_all(A, B).profiles) < 75


@pytest.mark.parametrize(
    ("game", "reached"),
    [
        (SAVANI_VON_STENGEL, 1),
        (WILSON, 1),
        (VON_STENGEL, 3),
        (CYCLING, 1),
        ((np.eye(1), np.eye(1)), 1),
        ((np.eye(4), np.eye(4)), 15),
        ((np.diag([3, 2, 1, 4]), np.diag([2, 2, 4, 7])), 15),
        ((np.zeros((2, 2)), np.zeros((2, 2))), 1),
    ],
)
def test_named_games(game, reached):
    graph = exact.lemke_howson_graph(*game)
    check(*game, graph)
    assert graph.reached == reached
    assert all(worst == 0 for worst in graph.regret)


def test_path_lengths_of_the_hard_game():
    graph = lemke_howson_graph(*SAVANI_VON_STENGEL)
    assert graph.edges[np.argsort(graph.edges[:, 2]), 3].tolist() == SAVANI_VON_STENGEL_PATHS


@settings(max_examples=40)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32 - 1), st.sampled_from(sorted(DRAWS)))
def test_random_games(m, n, seed, draw):
    rng = np.random.default_rng(seed)
    A, B = DRAWS[draw](rng, (m, n)), DRAWS[draw](rng, (m, n))
    graph = lemke_howson_graph(A, B)
    check(A, B, graph)
    if draw == "gaussian":  # without ties every node is an equilibrium of its own, and their number is odd
        assert graph.reached == len(graph.nodes) - 1
        assert graph.reached % 2 == 1
    assert (graph.regret <= 1e-13 * (np.ptp(A) + np.ptp(B))).all()


def test_scale_and_offset_do_not_matter():
    A, B = np.random.default_rng(0).integers(0, 9, (2, 4, 5)).astype(object)
    plain, moved = exact.lemke_howson_graph(A, B), exact.lemke_howson_graph(A * Fraction(7, 10**200) - 3, B * 10**200)
    np.testing.assert_array_equal(plain.edges, moved.edges)
    assert [[*map(tuple, profile)] for profile in plain.profiles] == [[*map(tuple, profile)] for profile in moved.profiles]


def test_it_stops_at_a_bound_and_says_so():
    A, B = np.random.default_rng(0).random((2, 6, 6))
    whole = lemke_howson_graph(A, B)
    part = lemke_howson_graph(A, B, max_pivots=10)
    assert not part.complete
    assert part.edges[:, 3].sum() <= 10
    np.testing.assert_array_equal(part.edges, whole.edges[: len(part.edges)])
    nothing = lemke_howson_graph(A, B, max_pivots=1)
    assert (nothing.reached, nothing.values.shape, nothing.edges.shape) == (0, (2, 0), (0, 4))


@pytest.mark.parametrize("solve", [lemke_howson_graph, exact.lemke_howson_graph])
def test_bad_input_is_refused(solve):
    for arguments, says in (
        ((np.eye(2), np.eye(3)), "must agree"),
        ((np.array([[np.nan]]), np.eye(1)), "nan"),
        ((np.zeros((0, 2)), np.zeros((0, 2))), "at least one row"),
        ((np.ones((2, 2, 2)), np.ones((2, 2, 2))), r"\(m, n\)"),
    ):
        with pytest.raises(GameError, match=says):
            solve(*arguments)
    for bound in (0, -1, 2.5, True):
        with pytest.raises(GameError, match="max_pivots"):
            solve(np.eye(2), np.eye(2), max_pivots=bound)


def test_neighbours_are_those_of_the_batched_method():
    A, B = np.random.default_rng(4).normal(size=(2, 7, 5))
    graph = lemke_howson_graph(A, B)
    lengths = {int(label): int(length) for node, _, label, length in graph.edges if node == 0}
    assert [lengths[label] for label in range(12)] == lemke_howson(A, B, np.arange(12)).path_length.tolist()
