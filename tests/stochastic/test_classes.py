"""What kind of game a game is: by construction, by definition, and with its reason."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gametheory_rl as gt
from gametheory_rl.equilibria._structure import potential_function
from gametheory_rl.families import blotto, congestion, coordination, covariant, garnet

STAGE = ("zero_sum", "constant_sum", "common_interest", "symmetric", "potential", "dominance_solvable", "degenerate")


def matrix_game(*payoffs, **kwargs):
    return gt.StochasticGame.from_matrix_game(np.array(payoffs, dtype=float), **kwargs)


def kinds(game):
    return {name for name in gt.classify(game).names if name in STAGE}


@pytest.mark.parametrize("name", gt.list_games())
def test_every_answer_has_its_reason(name):
    classes = gt.classify(gt.load_game(name))
    for each in fields(classes):
        trait = getattr(classes, each.name)
        assert trait.holds in (True, False, None)
        assert trait.reason
        assert bool(trait) == (trait.holds is True)
    assert str(classes).count("\n") == len(fields(classes)) - 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("prisoners_dilemma", {"symmetric", "potential", "dominance_solvable"}),
        ("rock_paper_scissors", {"zero_sum", "constant_sum", "symmetric"}),
        ("matching_pennies", {"zero_sum", "constant_sum"}),
        ("oneill", {"zero_sum", "constant_sum", "degenerate"}),
        ("chicken", {"symmetric", "potential"}),
        ("climbing", {"common_interest", "potential"}),
        ("zero_game", {"zero_sum", "constant_sum", "common_interest", "symmetric", "potential", "degenerate"}),
        ("three_by_two", set()),
        ("three_by_two_degenerate", {"degenerate"}),
        ("ties", {"dominance_solvable", "degenerate"}),
        ("jordan", set()),
    ],
)
def test_known_games(name, expected):
    assert kinds(gt.load_game(name)) == expected


def test_reasons_name_what_decides():
    classes = gt.classify(gt.load_game("ties"))
    assert classes.dominance_solvable.reason.startswith("by weak dominance: out go 0 of player 1; then 0 of player 2")
    assert "gains add up to" in classes.potential.reason
    assert gt.classify(matrix_game([[1, 2], [3, 4]], [[4, 3], [2, 1]])).constant_sum.reason == "payoffs add up to 5 everywhere"
    assert "defined here for two players" in gt.classify(gt.load_game("nau")).degenerate.reason
    assert gt.classify(covariant(40)).dominance_solvable.holds is None


@settings(max_examples=30)
@given(st.data())
def test_potentials_by_construction(data):
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    common = rng.normal(size=sizes)
    payoffs = np.stack([common + rng.normal(size=sizes).mean(axis=i, keepdims=True) for i in range(len(sizes))])
    game = gt.StochasticGame.from_matrix_game(payoffs) if len(sizes) > 1 else gt.StochasticGame.from_matrix_game(payoffs[:, :])
    assert gt.classify(game).potential.holds
    difference = potential_function(payoffs) - common
    assert difference == pytest.approx(np.full(sizes, difference.flat[0]), abs=1e-12)
    if sum(size > 1 for size in sizes) > 1:
        broken = payoffs.copy()
        broken[next(i for i, size in enumerate(sizes) if size > 1), *[size - 1 for size in sizes]] += 1e-6
        assert not gt.classify(gt.StochasticGame.from_matrix_game(broken)).potential.holds


def test_families_are_of_their_kind():
    assert gt.classify(congestion(3, 3, 2)).potential
    assert gt.classify(congestion(3, 2)).symmetric
    assert gt.classify(coordination(3, 3)).common_interest
    assert gt.classify(blotto()).zero_sum
    assert gt.classify(blotto()).symmetric
    assert gt.classify(blotto(values=[1, 2, 3], troops=(3, 2))).zero_sum
    assert gt.classify(covariant(3, 3, -0.5)).zero_sum
    assert not gt.classify(covariant(3, 3, -0.4)).constant_sum


@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1.0, 1e9, 1e300])
def test_scales_do_not_matter(scale):
    for name in ("prisoners_dilemma", "rock_paper_scissors", "chicken", "zero_game", "three_by_two_degenerate"):
        game = gt.load_game(name)
        assert kinds(gt.StochasticGame.from_matrix_game(game.payoff[:, 0] * scale)) == kinds(game)


def test_dominance_is_not_claimed_where_rounding_decides():
    trait = gt.classify(matrix_game([[1e300, -1e300], [3, 4]], [[-1e300, 1e300], [-3, -4]])).dominance_solvable
    assert trait.holds is None
    assert "rounding decides" in trait.reason
    mixed = [[3, 0], [0, 3], [1, 1]], [[1, 2], [2, 1], [0, 0]]
    assert not gt.classify(matrix_game(*mixed)).dominance_solvable
    assert gt.classify(matrix_game([[3, 0], [0, 3], [1, 1]], [[1, 0], [1, 0], [1, 0]])).dominance_solvable


# ---- several states --------------------------------------------------------------------------------------------------


def test_stochastic_games_of_the_catalogue():
    assert {"turn_based", "switching_control"} <= set(gt.classify(gt.load_game("nosde")).names)
    soccer = gt.classify(gt.load_game("soccer"))
    assert soccer.zero_sum
    assert not soccer.turn_based
    assert not soccer.single_controller
    assert "A and B" in soccer.switching_control.reason
    assert soccer.symmetric.holds is False
    assert soccer.potential.holds is False
    assert gt.classify(gt.load_game("grid_game_1")).symmetric.holds is False


def two_states(transition, payoff=None, discount=0.9):
    rng = np.random.default_rng(0)
    return gt.StochasticGame(rng.normal(size=(2, 2, 2, 2)) if payoff is None else payoff, transition, discount)


def rows(table):
    """Transitions whose chance of state 0 is ``table`` (S, A, B)."""
    table = np.asarray(table, dtype=float)
    return np.stack([table, 1 - table], axis=-1)


@pytest.mark.parametrize("sparse", [False, True])
def test_who_controls_transitions(sparse):
    by_one = rows([[[0.2, 0.2], [0.7, 0.7]], [[0.5, 0.5], [0.1, 0.1]]])
    by_turns = rows([[[0.2, 0.2], [0.7, 0.7]], [[0.5, 0.6], [0.5, 0.6]]])
    by_both = rows([[[0.2, 0.3], [0.7, 0.7]], [[0.5, 0.5], [0.5, 0.5]]])
    by_nobody = rows(np.full((2, 2, 2), 0.3))
    names = []
    for transition in (by_one, by_turns, by_both, by_nobody):
        game = two_states(transition)
        classes = gt.classify(game.sparse() if sparse else game)
        names.append((bool(classes.single_controller), bool(classes.switching_control), bool(classes.turn_based)))
    assert names == [(True, True, False), (False, True, False), (False, False, False), (True, True, False)]
    assert gt.classify(two_states(by_one)).single_controller.reason == "transitions depend on player 1 alone"
    own = np.zeros((2, 2, 2, 2))
    own[:, 0], own[:, 1] = [[1.0, 1.0], [2.0, 2.0]], [[3.0, 4.0], [3.0, 4.0]]
    assert gt.classify(two_states(by_turns, own)).turn_based


def test_separable_rewards_and_state_independent_transitions():
    rng = np.random.default_rng(1)
    by_action = np.broadcast_to(rng.random((1, 2, 2)), (2, 2, 2))
    payoff = rng.normal(size=(2, 2, 1, 1)) + rng.normal(size=(2, 1, 2, 2))
    assert gt.classify(two_states(rows(by_action), payoff)).separable
    bent = payoff.copy()
    bent[0, 1, 1, 1] += 0.1
    assert not gt.classify(two_states(rows(by_action), bent)).separable
    assert not gt.classify(two_states(rows(rng.random((2, 2, 2))), payoff)).separable


def test_teams_and_discounts():
    common = np.broadcast_to(np.random.default_rng(2).normal(size=(1, 2, 2, 2)), (2, 2, 2, 2))
    team = two_states(rows(np.full((2, 2, 2), 0.3)), common)
    assert gt.classify(team).common_interest
    assert gt.classify(team).potential
    apart = two_states(rows(np.full((2, 2, 2), 0.3)), common, [0.9, 0.8])
    assert "discount differently" in gt.classify(apart).common_interest.reason
    assert gt.classify(garnet(5)).zero_sum


def test_players_can_change_places_in_every_state():
    rng = np.random.default_rng(3)
    own = rng.normal(size=(3, 2, 2))
    payoff = np.stack([own, own.swapaxes(1, 2)])
    table = rng.random((3, 2, 2))
    for transition, expected in ((table + table.swapaxes(1, 2), True), (2 * table, False)):
        chance = transition / 3
        game = gt.StochasticGame(payoff, np.stack([chance, 1 - chance, 0 * chance], axis=-1), 0.9)
        assert gt.classify(game).symmetric.holds is expected
        assert gt.classify(game.sparse()).symmetric.holds is expected
    assert not gt.classify(gt.StochasticGame(rng.normal(size=payoff.shape), game.transition, 0.9)).symmetric
    legal = (np.array([[True, True], [True, False], [True, True]]), np.ones((3, 2), bool))
    symmetric = gt.StochasticGame(payoff, np.full((3, 2, 2, 3), 1 / 3), 0.9)
    assert gt.classify(symmetric).symmetric
    masked = gt.StochasticGame(payoff, symmetric.transition, 0.9, legal=legal)
    assert "different legal actions" in gt.classify(masked).symmetric.reason
    apart = gt.StochasticGame(payoff, symmetric.transition, [0.9, 0.8])
    assert "discount differently" in gt.classify(apart).symmetric.reason


def test_illegal_actions_do_not_count():
    payoff = np.array([[[[9, 9], [1, 0], [0, 1]]], [[[9, 9], [-1, 0], [0, -1]]]], dtype=float)
    game = gt.StochasticGame(payoff, np.ones((1, 3, 2, 1)), 0.0, legal=[[[False, True, True]], [[True, True]]])
    assert kinds(game) == {"zero_sum", "constant_sum"}


def test_only_games_are_classified():
    with pytest.raises(gt.GameError, match="StochasticGame was expected"):
        gt.classify([[1, 2], [3, 4]])
