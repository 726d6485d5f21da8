"""Independent policy gradient: the step is the gradient it claims to be; teams and dilemmas settle, matching pennies does not."""

import numpy as np
import pytest

from gametheory_rl import GameError, StochasticGame, learn, load_game
from gametheory_rl.learners import IndependentPolicyGradient
from tests.learners.games import random_game


@pytest.mark.parametrize("name", ["prisoners_dilemma", "stag_hunt", "battle_of_the_sexes"])
def test_games_with_stable_pure_equilibria_settle(name):
    run = learn(load_game(name), "independent_policy_gradient", steps=100_000, seeds=4, records=1)
    assert (run.trace["nash_gap"][:, -1] < 0.01).all()


@pytest.mark.parametrize("seed", [1, 2])
def test_teams_in_many_states_settle(seed):
    game = random_game(seed, (2, 3, 2), 5)
    team = StochasticGame(game.payoff[:1].repeat(3, axis=0), game.transition, game.discount, legal=game.legal)
    run = learn(team, "independent_policy_gradient", steps=500_000, seeds=2, records=[3000])
    assert (run.trace["nash_gap"][:, -1] < 0.02).all()
    assert (run.trace["nash_gap"][:, -1] < 0.2 * run.trace["nash_gap"][:, 0]).all()


def test_one_player_finds_the_optimum():
    game = random_game(5, (4,), 6, discount=0.7)
    run = learn(game, "independent_policy_gradient", steps=300_000, seeds=2, records=1)
    assert (run.trace["nash_gap"][:, -1] < 0.01).all()
    assert (run.trace["value_error"][:, -1] < 0.1).all()  # the critic's subject explores


def test_matching_pennies_goes_round():
    run = learn(load_game("matching_pennies"), "independent_policy_gradient", steps=300_000, seeds=4, records=30)
    assert (run.trace["nash_gap"][:, 10:].mean(axis=1) > 0.3).all()


def test_the_expected_step_is_the_gradient_of_what_is_played():
    # One state, one player, a critic held at the policy's value: sum over actions of probability times step = policy gradient.
    rewards, chance = np.array([1.0, -0.5, 2.0]), 0.3
    game = StochasticGame.from_matrix_game([rewards.tolist()])
    learner = IndependentPolicyGradient(0.0, 0.01, chance)
    start = np.array([0.3, -1.0, 0.4])

    def played(logits):
        weights = np.exp(logits)
        return (1 - chance) * weights / weights.sum() + chance / 3

    expected = np.zeros(3)
    for action, probability in enumerate(played(start)):
        tables = learner.init(game.spec)
        tables.logits[0, 0] = start
        tables.value[0, 0] = 0.7  # a baseline biases nothing
        policy = (played(start) - chance / 3) / (1 - chance)
        tables.play.policy[0, 0] = policy
        tables.play.visits[0] += 1
        learner.update(tables, 0, 0, np.array([action]), rewards[action : action + 1], 0, False)
        expected += probability * (tables.logits[0, 0] - start) / 0.01
    eye, h = np.eye(3), 1e-6
    gradient = [(played(start + h * e) - played(start - h * e)) @ rewards / (2 * h) for e in eye]
    np.testing.assert_allclose(expected, gradient, atol=1e-8)


def test_what_is_refused():
    for bad in (-0.1, 1.5, float("nan"), None):
        with pytest.raises(GameError, match="policy_step_size"):
            IndependentPolicyGradient(policy_step_size=bad)
