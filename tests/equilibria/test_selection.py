import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory_rl import GameError
from gametheory_rl._support._errors import SolverError, UnknownNameError
from gametheory_rl.equilibria import exact, lemke_howson, regret, select, selector, support_enumeration, vertex_enumeration
from gametheory_rl.equilibria._components import components
from gametheory_rl.equilibria._entropy import entropies, most_mixed_in
from gametheory_rl.equilibria._selection import RULES, needed_belief
from tests.equilibria.bimatrix_games import DRAWS, WILSON

STAG_HUNT = [[4, 0], [3, 3]], [[4, 3], [0, 3]]
CHICKEN = [[6, 2], [7, 0]], [[6, 7], [2, 0]]
EXTREMES = ("best_for_1", "best_for_2", "welfare", "egalitarian")


def test_textbook_answers():
    assert [select(*STAG_HUNT, rule).values.tolist() for rule in ("welfare", "risk_dominant")] == [[4, 4], [3, 3]]
    assert [select(*CHICKEN, rule).values.tolist() for rule in ("best_for_1", "best_for_2")] == [[7, 2], [2, 7]]
    # Both pure ones pay 9 in all; the mixed one pays 14/3 to each.
    for rule in ("welfare", "egalitarian"):
        np.testing.assert_allclose(select(*CHICKEN, rule).values, [14 / 3, 14 / 3])
    np.testing.assert_allclose(select(*CHICKEN, "max_entropy").profile, [[2 / 3, 1 / 3]] * 2)
    assert select(*CHICKEN, "risk_dominant").tied == 2


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("draw", DRAWS)
def test_every_rule_gives_an_equilibrium_of_any_game(rule, draw):
    rng = np.random.default_rng(0)
    for shape in ((1, 1), (2, 2), (3, 2), (2, 4), (4, 4)):
        for _ in range(3):
            A, B = DRAWS[draw](rng, shape), DRAWS[draw](rng, shape)
            chosen = select(A, B, rule)
            assert regret(np.stack([A, B]), chosen.profile) <= 1e-12
            assert chosen.regret <= 1e-12
            x, y = chosen.profile
            np.testing.assert_allclose(chosen.values, [x @ A @ y, x @ B @ y], atol=1e-12)
            assert (chosen.rule, chosen.tied >= 1) == (rule, True)
            again = selector(rule)(A, B)
            np.testing.assert_array_equal(again.profile[0], x)


@given(st.integers(2, 4), st.integers(2, 4), st.integers(0, 2**32 - 1), st.sampled_from(sorted(DRAWS)))
def test_nothing_in_a_component_is_better_than_what_is_chosen(m, n, seed, draw):
    rng = np.random.default_rng(seed)
    A, B = DRAWS[draw](rng, (m, n)), DRAWS[draw](rng, (m, n))
    found = vertex_enumeration(A, B)
    chosen = {rule: select(A, B, rule, among=found) for rule in (*EXTREMES, "max_entropy")}
    mixing = entropies(chosen["max_entropy"].profile[0]) + entropies(chosen["max_entropy"].profile[1])
    for component in found.components:
        for subset in component.subsets:
            x = rng.dirichlet(np.ones(len(subset.x))) @ found.x[list(subset.x)]
            y = rng.dirichlet(np.ones(len(subset.y))) @ found.y[list(subset.y)]
            assert regret(np.stack([A, B]), (x, y)) < 1e-12
            one, two = x @ A @ y, x @ B @ y
            for rule, worth in zip(EXTREMES, (one, two, one + two, min(one, two)), strict=True):
                u, v = chosen[rule].values
                assert worth <= dict(zip(EXTREMES, (u, v, u + v, min(u, v)), strict=True))[rule] + 1e-8
            assert entropies(x) + entropies(y) <= mixing + 1e-6


@given(st.integers(0, 2**32 - 1))
def test_risk_dominance_is_the_larger_product_of_losses(seed):
    A, B = np.random.default_rng(seed).normal(size=(2, 2, 2))
    found = vertex_enumeration(A, B)
    if len(found) == 1:
        return
    x, y = select(A, B, "risk_dominant", among=found).profile
    i, j = int(x.argmax()), int(y.argmax())
    assert x.max() == y.max() == 1
    here = (A[i, j] - A[1 - i, j]) * (B[i, j] - B[i, 1 - j])
    there = (A[1 - i, 1 - j] - A[i, 1 - j]) * (B[1 - i, 1 - j] - B[1 - i, j])
    assert here >= there


def test_risk_in_larger_games():
    # The middle action is the best reply to any belief with at least 2/5 on it.
    A = np.array([[5, 0, 0], [0, 3, 0], [0, 0, 4]]) / 5 + np.array([0, 0.2, 0])[:, None]
    assert needed_belief(A, np.eye(3)[0], np.eye(3)[0]) == pytest.approx(max(0.2 / (0.2 + 0.8), 0.8 / 1.8, 0.8 / 1.6))
    assert needed_belief(np.array([[1.0, 1.0], [0.5, 0.0]]), np.eye(2)[0], np.eye(2)[1]) == 0  # dominant
    assert needed_belief(np.eye(2), np.full(2, 0.5), np.full(2, 0.5)) == 1


@pytest.mark.parametrize("rule", [*EXTREMES, "risk_dominant", "max_entropy", "first"])
def test_scale_and_offset_do_not_change_the_choice(rule):
    A, B = np.random.default_rng(2).normal(size=(2, 3, 3))
    A, B = A + 3 * np.eye(3), B + 3 * np.eye(3)
    plain, scaled = select(A, B, rule), select(A * 2.0**-900, B * 2.0**-900, rule)
    np.testing.assert_allclose(plain.profile, scaled.profile, atol=1e-9)
    far = select(np.round(A * 64) + 1e9, np.round(B * 64) + 1e9, rule)
    near = select(np.round(A * 64), np.round(B * 64), rule)
    np.testing.assert_allclose(far.profile, near.profile, atol=1e-9)


def test_first_is_where_lemke_and_howson_end():
    np.testing.assert_array_equal(select(*WILSON).profile, lemke_howson(*WILSON).profile)
    assert select(*WILSON).rule == "first"
    large = np.random.default_rng(0).normal(size=(2, 50, 50))
    assert select(*large).regret < 1e-12
    with pytest.raises(GameError, match="50 x 50 game can have"):
        select(*large, "welfare")


def test_the_equilibria_can_be_given():
    for method in (support_enumeration, vertex_enumeration, exact.vertex_enumeration):
        chosen = select(*STAG_HUNT, "welfare", among=method(*STAG_HUNT))
        assert chosen.values.tolist() == [4, 4]
        assert chosen.values.dtype == np.float64
    with pytest.raises(GameError, match=r"of a game \(2, 2\), of a game \(3, 3\) was expected"):
        select(*WILSON, "welfare", among=vertex_enumeration(*STAG_HUNT))
    incomplete = support_enumeration([[3, 3], [2, 5], [0, 6]], [[3, 3], [2, 6], [3, 1]], engine="nashpy")
    with pytest.raises(SolverError, match="some of the equilibria are missing"):
        select([[3, 3], [2, 5], [0, 6]], [[3, 3], [2, 6], [3, 1]], "welfare", among=incomplete)


def test_the_most_mixed_point_of_a_hull():
    np.testing.assert_allclose(most_mixed_in(np.eye(4)), np.full(4, 0.25), atol=1e-6)
    corners = np.array([[1.0, 0, 0], [0, 0.5, 0.5]])
    np.testing.assert_allclose(most_mixed_in(corners), np.full(3, 1 / 3), atol=1e-6)


def test_components_of_any_graph():
    square = components([(0, 0), (0, 1), (1, 0), (1, 1), (2, 2), (1, 3)])
    assert [[(s.x, s.y) for s in c.subsets] for c in square] == [[((0, 1), (0, 1)), ((1,), (0, 1, 3))], [((2,), (2,))]]
    # Every corner of one side but its own: as many maximal subsets as there are proper subsets.
    many = components([(i, j) for i in range(5) for j in range(5) if i != j])
    assert len(many) == 1
    assert len(many[0].subsets) == 2**5 - 2
    with pytest.raises(SolverError, match="more than 100,000 maximal"):
        components([(i, j) for i in range(18) for j in range(18) if i != j])


def test_bad_input_is_refused_in_a_sentence():
    for choose in (lambda: select(*WILSON, "welfar"), lambda: selector("welfar")):
        with pytest.raises(UnknownNameError, match="unknown rule 'welfar'; did you mean 'welfare'"):
            choose()
    with pytest.raises(GameError, match="one game"):
        select(np.ones((2, 2, 2)), np.ones((2, 2, 2)))
    with pytest.raises(GameError, match="nan at"):
        select([[np.nan]], [[1]], "welfare", among=vertex_enumeration([[1]], [[1]]))
