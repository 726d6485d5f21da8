"""All equilibria: known games, a peer's answers, rationals, and laws."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from quantecon.game_theory import NormalFormGame, Player
from quantecon.game_theory import support_enumeration as peer_supports
from quantecon.game_theory import vertex_enumeration as peer_vertices

from gametheory_rl import GameError
from gametheory_rl._support._errors import SolverError, UnknownNameError
from gametheory_rl.equilibria import _best_response_polytopes as polytopes
from gametheory_rl.equilibria import (
    exact,
    lemke_howson,
    lemke_howson_all,
    optimal_strategies,
    regret,
    support_enumeration,
    vertex_enumeration,
)
from gametheory_rl.equilibria._kernels import _vertices as kernels
from tests.equilibria.bimatrix_games import (
    CYCLING,
    DRAWS,
    SAVANI_VON_STENGEL,
    VON_STENGEL,
    VON_STENGEL_75,
    WILSON,
    sandholm_gilpin_conitzer,
)

METHODS = (support_enumeration, vertex_enumeration)
BOTH = pytest.mark.parametrize("method", METHODS)


def rows_of(found):
    return np.array([np.concatenate(profile).astype(float) for profile in found.profiles])


def assert_same(found, wanted, within=1e-9):
    """The same equilibria in whatever order, and as many."""
    mine, theirs = rows_of(found), np.asarray(wanted if isinstance(wanted, np.ndarray) else rows_of(wanted))
    assert len(mine) == len(theirs)
    far = np.abs(mine[:, None] - theirs[None]).max(axis=-1)
    assert far.min(axis=0).max() < within
    assert far.min(axis=1).max() < within


def check(A, B, found, accepted=1e-12):
    """Distributions without a gain from deviating, each player on a scale of their own; values and regrets as they should be."""
    A, B = np.asarray(A, float), np.asarray(B, float)
    assert found.complete
    assert len(found) == len(found.profiles) == len(found.regret) == found.values.shape[1] > 0
    assert found.pairs.tolist() == sorted(found.pairs.tolist())
    assert sorted(set(found.pairs[:, 0])) == list(range(len(found.x)))
    assert sorted(set(found.pairs[:, 1])) == list(range(len(found.y)))
    for k, (x, y) in enumerate(found.profiles):
        for strategy in (x, y):
            assert strategy.min() >= 0
            assert abs(strategy.sum() - 1) < 1e-14
        for player, (pays, mine, theirs) in enumerate(((A, x, y), (B.T, y, x))):
            shifted = pays / 4 - pays.min() / 4
            earns = shifted @ theirs
            assert earns.max() - earns @ mine <= accepted * shifted.max() + 1e-323
            np.testing.assert_allclose(
                found.values[player, k] / 4, earns @ mine + pays.min() / 4, rtol=1e-12, atol=1e-12 * np.abs(pays).max()
            )


@BOTH
def test_seventy_five_and_nothing_else(method):
    found = method(*VON_STENGEL_75)
    check(*VON_STENGEL_75, found)
    assert len(found) == len(found.components) == 75
    assert not found.degenerate
    assert_same(found, exact.vertex_enumeration(*VON_STENGEL_75))


@BOTH
@pytest.mark.parametrize("n", range(1, 9))
def test_coordination(method, n):
    found = method(np.eye(n), np.eye(n))
    assert (len(found), found.degenerate) == (2**n - 1, False)
    wanted = [[(mask >> k & 1) / mask.bit_count() for k in range(n)] * 2 for mask in range(1, 2**n)]
    assert_same(found, np.array(wanted))


@BOTH
def test_known_games(method):
    unequal = np.diag([3.0, 2, 1, 4]), np.diag([2.0, 2, 4, 7])
    assert len(method(*unequal)) == 15
    for game, count in ((WILSON, 3), (VON_STENGEL, 3), (SAVANI_VON_STENGEL, 1)):
        found = method(*game)
        check(*game, found)
        assert (len(found), found.degenerate) == (count, False)
    only = method(*SAVANI_VON_STENGEL).profiles[0]
    np.testing.assert_allclose(only, [np.array([1, 5, 9, 9, 5, 1]) / 30, np.array([5, 1, 9, 9, 1, 5]) / 30], atol=1e-12)


@pytest.mark.parametrize(("method", "k"), [*((method, k) for method in METHODS for k in (2, 3)), (vertex_enumeration, 4)])
def test_sandholm_gilpin_conitzer(method, k):
    A, B = sandholm_gilpin_conitzer(k)
    found = method(A, B)
    uniform = np.r_[np.full(2 * k - 1, 1 / (2 * k - 1)), np.zeros(2 * k)]
    assert_same(found, np.r_[uniform, uniform][None])


@BOTH
def test_degenerate_games(method):
    twin = method([[3, 3], [2, 5], [0, 6]], [[3, 3], [2, 6], [3, 1]])
    assert (len(twin), twin.degenerate, twin.method) == (3, True, "vertices")
    assert [(s.x, s.y) for c in twin.components for s in c.subsets] == [((0,), (0, 1)), ((1,), (2,))]
    nothing = method(np.zeros((2, 2)), np.zeros((2, 2)))
    assert (len(nothing), nothing.degenerate) == (4, True)
    assert [(s.x, s.y) for c in nothing.components for s in c.subsets] == [((0, 1), (0, 1))]
    assert nothing.components[0].convex
    cycling = method(*CYCLING)
    assert (len(cycling), cycling.degenerate) == (2, True)
    assert any(np.allclose(x, [0, 2 / 3, 1 / 3]) and np.allclose(y, [0, 1, 0]) for x, y in cycling.profiles)
    constant = method(np.full((3, 2), 7.0), [[1, 0], [0, 1], [1, 1]])
    check(np.full((3, 2), 7.0), [[1, 0], [0, 1], [1, 1]], constant)
    assert constant.degenerate


def test_a_component_that_is_not_convex():
    # Two edges of equilibria that share a corner: (x, y) with x first against any y, and any x against y first.
    found = vertex_enumeration([[1, 1], [1, 0]], [[1, 1], [1, 0]])
    (component,) = found.components
    assert not component.convex
    assert [(s.x, s.y) for s in component.subsets] == [((0,), (0, 1)), ((0, 1), (0,))]
    assert (component.x, component.y) == ((0, 1), (0, 1))


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (2, 2), (3, 3), (2, 5), (5, 3), (4, 4), (5, 5)])
def test_rationals_find_the_same(draw, shape):
    rng = np.random.default_rng(shape)
    for _ in range(8):
        A, B = DRAWS[draw](rng, shape), DRAWS[draw](rng, shape)
        wanted = exact.vertex_enumeration(A, B)
        for method in (*METHODS, exact.support_enumeration):
            found = method(A, B)
            check(A, B, found) if found.x.dtype != object else None
            assert found.degenerate == wanted.degenerate
            assert_same(found, wanted)
            assert found.components == wanted.components


@pytest.mark.parametrize("shape", [(2, 2), (3, 4), (5, 5), (6, 6), (7, 5), (9, 9)])
def test_a_peer_finds_the_same(shape):
    rng = np.random.default_rng(shape)
    for _ in range(10):
        A, B = rng.normal(size=(2, *shape))
        game = NormalFormGame((Player(A), Player(np.ascontiguousarray(B.T))))
        theirs = peer_supports(game) if sum(shape) < 13 else peer_vertices(game)
        for method in METHODS:
            found = method(A, B)
            check(A, B, found)
            assert_same(found, np.array([np.concatenate(profile) for profile in theirs]), 1e-7)
            assert len(found) % 2 == 1
            assert not found.degenerate


@BOTH
def test_lemke_howson_ends_at_one_of_them(method):
    rng = np.random.default_rng(5)
    for draw in DRAWS.values():
        A, B = draw(rng, (5, 6)), draw(rng, (5, 6))
        every = rows_of(method(A, B))
        for x, y in lemke_howson_all(A, B).profiles:
            assert np.abs(every - np.r_[x, y]).max(axis=1).min() < 1e-9


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32 - 1), st.sampled_from(sorted(DRAWS)))
def test_laws(m, n, seed, draw):
    rng = np.random.default_rng(seed)
    A, B = DRAWS[draw](rng, (m, n)), DRAWS[draw](rng, (m, n))
    found = vertex_enumeration(A, B)
    scaled = vertex_enumeration(A * 2.0**-1000, B * 2.0**1000)
    assert_same(scaled, found)
    assert scaled.degenerate == found.degenerate
    swapped = vertex_enumeration(B.T, A.T)
    assert_same(swapped, np.roll(rows_of(found), n, axis=1))
    rows, columns = rng.permutation(m), rng.permutation(n)
    permuted = vertex_enumeration(A[rows][:, columns], B[rows][:, columns])
    wanted = rows_of(found)
    assert_same(permuted, np.c_[wanted[:, :m][:, rows], wanted[:, m:][:, columns]])
    assert permuted.degenerate == found.degenerate


@pytest.mark.parametrize("draw", DRAWS)
def test_a_duplicated_action_adds_only_its_copies(draw):
    rng = np.random.default_rng(3)
    for _ in range(10):
        A, B = DRAWS[draw](rng, (4, 4)), DRAWS[draw](rng, (4, 4))
        found, twice = vertex_enumeration(A, B), vertex_enumeration(A[[0, 1, 2, 3, 3]], B[[0, 1, 2, 3, 3]])
        check(A[[0, 1, 2, 3, 3]], B[[0, 1, 2, 3, 3]], twice)
        merged = rows_of(twice)
        merged = np.c_[merged[:, :3], merged[:, 3] + merged[:, 4], merged[:, 5:]]
        far = np.abs(merged[:, None] - rows_of(found)[None]).max(axis=-1)
        assert far.min(axis=0).max() < 1e-9
        assert far.min(axis=1).max() < 1e-9
        played = (rows_of(found)[:, 3] > 0).sum()
        assert len(twice) == len(found) + played


@BOTH
@pytest.mark.parametrize("power", range(-300, 301, 50))
def test_scale_does_not_matter(method, power):
    A = np.diag([3.0, 2.0]) * 10.0**power
    (x, y) = method(A, -A).profiles[0]
    np.testing.assert_allclose([x, y], [[0.4, 0.6]] * 2, atol=1e-15)
    together = method(A, A)
    assert (len(together), together.degenerate) == (3, False)
    check(A, A, together)


@BOTH
def test_offsets_and_the_ends_of_float64(method):
    A = np.array([[0.0, 1, 2], [2, 0, 1], [1, 2, 0]])
    assert_same(method(A + 1e9, -A - 1e9), method(A, -A), 1e-13)
    swap = np.eye(2)
    for M in (swap * 5e-324, swap * 1e-310, swap * 1.79e308, (swap * 2 - 1) * 1.79e308):
        found = method(M, M)
        assert (len(found), found.degenerate) == (3, False)
        assert_same(found, method(swap, swap), 1e-15)


@BOTH
@pytest.mark.parametrize("tiny", [0.0, 1e-7, 1e-11, 1e-13, 1e-15])
def test_near_ties_are_decided_exactly(method, tiny):
    A, B = np.array([[3, 3], [2, 5], [0, 6.0]]), np.array([[3, 3 + tiny], [2, 6], [3, 1]])
    found = method(A, B)
    check(A, B, found)
    assert found.degenerate == (B[0, 0] == B[0, 1])
    wanted = exact.vertex_enumeration(A, B)
    assert_same(found, wanted)
    assert found.degenerate == wanted.degenerate


def test_ties_between_payoffs_of_many_digits():
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(2, 3, 3))
    A[0, 0] = A[1, 0] = A.max() + 0.1  # two best replies to the first column
    found, wanted = vertex_enumeration(A, B), exact.vertex_enumeration(A, B)
    assert found.exact
    assert found.degenerate == wanted.degenerate
    assert_same(found, wanted)


def test_integers_in_floats_agree_with_rationals():
    rng = np.random.default_rng(1)
    for n in (3, 4, 5):
        for _ in range(5):
            matrix = (rng.integers(0, 3, (n, n)) + 2).tolist()
            points, tight = polytopes._in_floats(np.array(matrix, float), whole=True)
            labels = {tuple(row) for row in tight.tolist()}
            assert len(labels) <= len(points)
            wanted, bits = exact._polytope.vertices(matrix, 0, n, 10_000)
            same = {tuple(map(bool, (b >> k & 1 for k in range(2 * n)))) for b in bits}
            if len({tuple(row) for row in matrix}) == n:
                assert labels == same
            assert {tuple(np.round(p, 9)) for p in points} == {tuple(np.round(np.array(p, float), 9)) for p in wanted}


def test_integers_too_large_for_floats_are_noticed():
    matrix = np.random.default_rng(0).integers(10**6, 2 * 10**6, (8, 8)).astype(float)
    points, tight = polytopes.room(8, 16, 2_000)
    _, end = kernels.polytope_vertices(matrix, np.ones(8), 0, 8, True, 64, points, tight)
    assert end == kernels.LOST


@pytest.mark.parametrize("words", [(2, 70), (70, 2), (40, 40)])
def test_more_labels_than_a_word_has_bits(words):
    m, n = words
    rng = np.random.default_rng(0)
    A, B = (rng.normal(size=words), rng.normal(size=words)) if m != n else (-np.arange(40.0) * np.ones((40, 1)), np.zeros((40, 40)))
    if m == n:
        with pytest.raises(GameError, match="a 40 x 40 game can have"):
            vertex_enumeration(A, B)
        return
    found = vertex_enumeration(A, B)
    check(A, B, found)
    assert len(found) % 2 == 1
    for label in (0, 1, m + n - 1):
        end = lemke_howson(A, B, label).profile
        assert np.abs(rows_of(found) - np.concatenate(end)).max(axis=1).min() < 1e-9


def test_wide_games_lose_what_is_no_best_reply(monkeypatch):
    from gametheory_rl.equilibria import _vertex_enumeration as module

    rng = np.random.default_rng(2)
    for shape in ((3, 20), (20, 3), (4, 12)):
        A, B = rng.normal(size=(2, *shape))
        wanted = vertex_enumeration(A, B)
        monkeypatch.setattr(module, "LARGE", 10)
        found = vertex_enumeration(A, B)
        monkeypatch.undo()
        check(A, B, found)
        assert_same(found, wanted)
    A, B = rng.normal(size=(2, 2, 3_000))
    check(A, B, vertex_enumeration(A, B))


def test_room_grows_and_ends(monkeypatch):
    A, B = np.random.default_rng(0).normal(size=(2, 8, 8))
    wanted = vertex_enumeration(A, B)
    from gametheory_rl.equilibria import _vertex_enumeration as module

    monkeypatch.setattr(module, "LARGE", 1)
    monkeypatch.setattr(polytopes._Room, "vertices", 10)
    monkeypatch.setattr(polytopes._Room.__init__, "__defaults__", (4, 3))
    assert_same(vertex_enumeration(A, B), wanted)
    monkeypatch.setattr(polytopes, "MOST_VERTICES", 20)
    with pytest.raises(SolverError, match=r"\(8 actions against 8\) has more vertices than can be listed, up to 6.6e\+02: use"):
        vertex_enumeration(A, B)


def test_how_many_vertices_there_can_be():
    assert [polytopes.most_vertices(n, n) for n in (1, 2, 3, 5, 12)] == [2, 4, 8, 42, 24_752]


@BOTH
def test_the_order_is_by_support(method):
    found = method(np.eye(3), np.eye(3))
    assert [np.flatnonzero(x).tolist() for x in found.x] == [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]]
    assert str(found) == f"EquilibriumSet(7 equilibria, all found by {found.method})"


@BOTH
@pytest.mark.parametrize(
    ("A", "B", "says"),
    [
        ([[1, 2], [3]], [[1, 2], [3, 4]], "ragged"),
        ([[1, 2]], [[1], [2]], r"\(2, 1\) but the row player's \(1, 2\)"),
        ([[1]], [[np.nan]], r"the column player's payoff matrix is nan at \(0, 0\)"),
        ([[np.inf]], [[1]], r"the row player's payoff matrix is inf at \(0, 0\)"),
        (np.zeros((0, 2)), np.zeros((0, 2)), "at least one row"),
        (np.ones((2, 2, 2)), np.ones((2, 2, 2)), r"one game \(m, n\) was expected"),
        ([["a"]], [["b"]], "real numbers"),
        (np.ones((30, 30)), np.ones((30, 30)), r"a 30 x 30 game can have 4.6e\+11 vertices.*use lemke_howson_all"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(method, A, B, says):
    with pytest.raises(GameError, match=says):
        method(A, B)


def test_supports_too_many_to_look_at():
    with pytest.raises(GameError, match="155,117,519 pairs of supports.*use vertex_enumeration"):
        support_enumeration(np.ones((15, 15)), np.ones((15, 15)))
    with pytest.raises(GameError, match="184,755 pairs of supports.*use exact.vertex_enumeration"):
        exact.support_enumeration(np.ones((10, 10)), np.ones((10, 10)))


@BOTH
def test_another_engine_beside_ours(method):
    mine, theirs = method(*WILSON), method(*WILSON, engine="nashpy")
    assert_same(theirs, mine)
    assert (theirs.complete, theirs.failure, theirs.method) == (True, None, f"nashpy {method.__name__}")
    with pytest.raises(UnknownNameError, match="unknown engine 'naspy'; did you mean 'nashpy'"):
        method(*WILSON, engine="naspy")


def test_where_another_engine_fails():
    A = np.array([[3, 3], [2, 5], [0, 6.0]])
    B = np.array([[3, 3], [2, 6], [3, 1.0]])
    theirs = support_enumeration(A, B, engine="nashpy")
    assert theirs.degenerate
    assert not theirs.complete
    assert "missed" in theirs.failure
    for x, y in theirs.profiles:
        assert regret(np.stack([A, B]), (x, y)) < 1e-9
    with pytest.raises(SolverError, match="equilibria are missing"):
        theirs.components  # noqa: B018


@pytest.mark.parametrize("draw", DRAWS)
def test_all_optimal_strategies(draw):
    rng = np.random.default_rng(4)
    for shape in ((1, 1), (1, 4), (3, 3), (5, 4), (4, 6)):
        for _ in range(6):
            A = DRAWS[draw](rng, shape)
            found, every = optimal_strategies(A), vertex_enumeration(A, -A)
            np.testing.assert_allclose(found.x, every.x, atol=1e-12)
            np.testing.assert_allclose(found.y, every.y, atol=1e-12)
            np.testing.assert_allclose(every.values[0], found.value, atol=1e-12)
            assert len(every) == len(found.x) * len(found.y)
            assert len(every.components) == 1
            assert every.components[0].convex
            assert found.unique == (len(every) == 1)


def test_optimal_strategies_refuse_in_a_sentence():
    for A, says in (([[np.nan]], "nan"), (np.ones((2, 2, 2)), "one game"), (np.ones((101, 101)), "10,201 entries.*use minimax")):
        with pytest.raises(GameError, match=says):
            optimal_strategies(A)


@pytest.mark.slow
def test_thousands_of_games():
    rng = np.random.default_rng(0)
    for _ in range(5_000):
        m, n = rng.integers(1, 7, 2)
        draws = rng.choice(list(DRAWS), 2)
        A, B = DRAWS[draws[0]](rng, (m, n)), DRAWS[draws[1]](rng, (m, n))
        wanted = exact.vertex_enumeration(A, B)
        for method in METHODS:
            found = method(A, B)
            check(A, B, found)
            assert found.degenerate == wanted.degenerate
            assert_same(found, wanted)


def test_the_plain_source_gives_the_same_bits():
    ask = (
        "import numpy as np\nfrom gametheory_rl.equilibria import support_enumeration, vertex_enumeration\nrng = np.random.default_rng(0)\n"
        "for k in range(6):\n"
        "    A, B = rng.normal(size=(2, 3, 4)) if k % 2 else rng.integers(0, 3, (2, 3, 4))\n"
        "    for method in (support_enumeration, vertex_enumeration):\n"
        "        found = method(A, B)\n"
        "        print(*(part.tobytes().hex() for part in (found.x, found.y, found.values, found.regret)), found)\n"
    )
    answers = [
        subprocess.run([sys.executable, "-c", ask], env=os.environ | {"GAMETHEORY_RL_COMPILE": compiled}, capture_output=True, check=True)
        for compiled in "10"
    ]
    assert answers[0].stdout == answers[1].stdout != b""
