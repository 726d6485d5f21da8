"""Backward induction: against plain recursion, against endless games, and by what deviations gain."""

import itertools

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import GameError, StochasticGame
from gametheory_rl import equilibria as eq
from gametheory_rl._results import Status
from gametheory_rl._support._errors import SolverError, UnknownNameError
from gametheory_rl.stochastic import finite_horizon
from gametheory_rl.stochastic._finite_horizon import deviation_gains


def random_game(seed, sizes=(2, 3), discount=1.0, *, players=None):
    rng = np.random.default_rng(seed)
    shape = (players or len(sizes), 4, *sizes)
    return StochasticGame(rng.normal(size=shape), rng.dirichlet(np.ones(4), shape[1:]), discount)


def test_zero_sum_is_plain_recursion():
    game = random_game(0)
    game = StochasticGame(np.stack([game.payoff[0], -game.payoff[0]]), game.transition, 1.0)
    solution = finite_horizon(game, 5, concept="foe")
    values = np.zeros(4)
    for _ in range(5):
        values = eq.minimax(game.payoff[0] + game.transition @ values).value
    np.testing.assert_allclose(solution.values[0, 0], values, atol=1e-10)
    np.testing.assert_allclose(solution.values[:, 1], -solution.values[:, 0], atol=1e-10)
    assert solution.epsilon < 1e-10
    assert solution.profile[1].shape == (5, 4, 3)


@pytest.mark.parametrize("concept", ["nash", "correlated"])
@pytest.mark.parametrize("sizes", [(2, 3), (2, 2, 2), (3,)])
def test_nobody_gains_by_deviating(concept, sizes):
    game = random_game(1, sizes, discount=np.linspace(0.5, 1.0, len(sizes)))
    solution = finite_horizon(game, 6, concept=concept)
    assert solution.status is Status.SOLVED
    assert solution.gains.min() > -1e-12
    assert solution.epsilon <= 1e-8 * game.payoff_span


def test_a_long_horizon_is_the_endless_game():
    game = gt.load_game("soccer")
    long = finite_horizon(game, 200, concept="foe")
    np.testing.assert_allclose(long.values[0], gt.solve(game, tol=1e-10).values, atol=1e-8)


def test_nosde_ends_though_endless_iteration_does_not():
    game = gt.load_game("nosde")
    solution = finite_horizon(game, 40)
    assert solution.epsilon < 1e-12
    np.testing.assert_allclose(solution.values[35], solution.values[30], atol=20 * 0.75**5)
    assert np.abs(solution.values[1] - solution.values[0]).max() > 0.1


def test_final_values_and_one_stage():
    game = random_game(2)
    final = np.arange(8.0).reshape(2, 4)
    solution = finite_horizon(game, 1, final=final)
    for state in range(4):
        expected = eq.lemke_howson(*game.stage(state, final)).values
        np.testing.assert_allclose(solution.values[0, :, state], expected)
    np.testing.assert_array_equal(solution.values[1], final)


def test_gains_by_hand():
    dilemma = gt.load_game("prisoners_dilemma")
    dilemma = StochasticGame(dilemma.payoff, dilemma.transition, 1.0)
    cooperate = tuple(np.tile([1.0, 0.0], (2, 1, 1)) for _ in range(2))
    temptation = dilemma.payoff[0, 0, 1, 0] - dilemma.payoff[0, 0, 0, 0]
    np.testing.assert_allclose(deviation_gains(dilemma, cooperate, np.zeros((2, 1))), 2 * temptation)
    joint = np.zeros((2, 1, 2, 2))
    joint[:, 0, 0, 0] = 1.0
    np.testing.assert_allclose(deviation_gains(dilemma, joint, np.zeros((2, 1))), 2 * temptation)


def test_different_equilibria_in_mind():
    game = StochasticGame.from_matrix_game([[[2.0, 0], [0, 1]], [[1.0, 0], [0, 2]]], discount=1.0)
    select = ("best_for_1", "best_for_2")
    with pytest.raises(SolverError, match="different equilibria in mind"):
        finite_horizon(game, 3, select=select)
    solution = finite_horizon(game, 3, select=select, throw=False)
    assert not solution.matched.any()
    assert solution.epsilon > 0


def test_stage_rules_of_other_kinds():
    game = random_game(3)
    for concept in ("friend", "stackelberg"):
        assert finite_horizon(game, 3, concept=concept).status is Status.SOLVED


def test_bad_input():
    game = random_game(4)
    for horizon in (0, -1, 2.5, True, None):
        with pytest.raises(GameError, match="whole number of stages"):
            finite_horizon(game, horizon)
    with pytest.raises(UnknownNameError, match="concept"):
        finite_horizon(game, 2, concept="nush")
    with pytest.raises(GameError, match="values"):
        finite_horizon(game, 2, final=np.zeros((3, 4)))
    with pytest.raises(GameError, match="shorter horizon"):
        finite_horizon(game, 10**13)


@pytest.mark.parametrize("seed", range(4))
def test_gains_are_those_of_the_best_of_all_plans(seed):
    rng = np.random.default_rng(seed)
    payoff, transition = rng.normal(size=(2, 2, 2, 2)), rng.dirichlet(np.ones(2), (2, 2, 2))
    game = StochasticGame(payoff, transition, [1.0, 0.7])
    profile = tuple(rng.dirichlet(np.ones(2), (3, 2)) for _ in range(2))
    gains = deviation_gains(game, profile, np.zeros((2, 2)))
    for player in range(2):
        plans = [np.eye(2)[np.reshape(plan, (3, 2))] for plan in itertools.product(range(2), repeat=6)]
        earned = [expected(game, [*profile[:player], plan, *profile[player + 1 :]], player) for plan in plans]
        np.testing.assert_allclose(gains[player], np.max(earned, axis=0) - expected(game, profile, player), atol=1e-12)


def expected(game, profile, player):
    """What a time-dependent profile pays from each state, forward: the distribution over states is carried along, not values back."""
    paid = np.zeros(game.num_states)
    for first in range(game.num_states):
        likely = np.eye(game.num_states)[first]
        for stage, (x, y) in enumerate(zip(*profile, strict=True)):
            joint = likely[:, None, None] * x[:, :, None] * y[:, None, :]
            paid[first] += game.discount[player] ** stage * (joint * game.payoff[player]).sum()
            likely = np.einsum("sab,sabt->t", joint, game.transition)
    return paid
