"""Special classes have methods of their own: each against the general ones."""

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import GameError, StochasticGame


def draw(seed, sizes, *, states=5, players=2):
    rng = np.random.default_rng(seed)
    return rng, rng.normal(size=(players, states, *sizes)), rng.dirichlet(np.full(states, 0.4), (states, *sizes))


@pytest.mark.parametrize("controller", [0, 1])
@pytest.mark.parametrize("seed", range(4))
def test_single_controller(seed, controller):
    _, payoff, transition = draw(seed, (3, 2))
    still = (slice(None), slice(0, 1)) if controller == 1 else (slice(None), slice(None), slice(0, 1))
    transition = np.broadcast_to(transition[still], transition.shape)
    legal = (np.ones((5, 3), bool), np.ones((5, 2), bool))
    legal[0][1, 0] = legal[1][2, 1] = False
    game = StochasticGame(np.stack([payoff[0], -payoff[0]]), transition, 0.9, legal=legal)
    assert gt.classify(game).single_controller
    program, newton = gt.solve(game, "linear_program", tol=1e-9), gt.solve(game, "newton", tol=1e-9)
    np.testing.assert_allclose(program.values, newton.values, atol=2e-9)
    assert program.error_bound <= 1e-9
    assert program.iterations <= 3
    assert program.certificate.epsilon <= 1e-7


def test_a_decision_process_is_controlled_by_one():
    _, payoff, transition = draw(0, (4,), players=1)
    game = StochasticGame(payoff, transition, 0.9)
    np.testing.assert_allclose(gt.solve(game, "linear_program", tol=1e-9).values, gt.solve(game, "newton", tol=1e-9).values, atol=2e-9)


def test_team():
    _, payoff, transition = draw(1, (2, 3, 2), players=3)
    game = StochasticGame(np.stack([payoff[0]] * 3), transition, 0.8)
    solution = gt.solve(game)
    assert solution.method == "team"
    assert solution.error_bound <= 1e-8 * game.payoff_span
    assert solution.certificate.epsilon <= 1e-8 * game.payoff_span
    np.testing.assert_allclose(solution.values, gt.solve(game, "friend_iteration").values, atol=1e-6)
    with pytest.raises(GameError, match="earn the same"):
        gt.solve(StochasticGame(payoff, transition, 0.8), "team")


@pytest.mark.parametrize("players", [2, 3])
def test_separable_payoffs_and_transitions_that_forget_the_state(players):
    rng, payoff, transition = draw(2, (2,) * players, players=players)
    by_state = rng.normal(size=(players, 5, *(1,) * players))
    game = StochasticGame(by_state + payoff[:, :1], np.broadcast_to(transition[:1], transition.shape), [0.9, 0.5, 0.7][:players])
    assert gt.classify(game).separable
    solution = gt.solve(game)
    assert solution.method == "stage_game"
    assert solution.certificate.epsilon <= 1e-9 * game.payoff_span
    for policy in solution.profile:
        np.testing.assert_array_equal(policy, np.broadcast_to(policy[:1], policy.shape))


@pytest.mark.parametrize(("select", "value"), [(None, 10.0), ("welfare", 10.0), ("risk_dominant", 10.0)])
def test_one_state_repeated(select, value):
    game = StochasticGame.from_matrix_game([[[2.0, 0], [0, 1]], [[2.0, 0], [0, 1]]], discount=0.8)
    game = StochasticGame(game.payoff * [[[[1.0]]], [[[0.5]]]], game.transition, 0.8)
    solution = gt.solve(game, select=select) if select else gt.solve(game)
    assert solution.method == "stage_game"
    np.testing.assert_allclose(solution.values[:, 0], [value, value / 2])


def test_what_is_picked():
    assert gt.solve(gt.load_game("soccer")).method == "newton"
    assert gt.solve(gt.load_game("prisoners_dilemma")).method == "stage_game"
    assert gt.solve(gt.load_game("climbing")).method == "team"
    assert gt.solve(gt.load_game("nosde")).method == "homotopy"


def test_methods_that_do_not_apply():
    _, payoff, transition = draw(3, (2, 2))
    general = StochasticGame(payoff, transition, 0.9)
    with pytest.raises(GameError, match="zero-sum"):
        gt.solve(general, "linear_program")
    with pytest.raises(GameError, match="one player alone"):
        gt.solve(StochasticGame(np.stack([payoff[0], -payoff[0]]), transition, 0.9), "linear_program")
    with pytest.raises(GameError, match="one state, or separable"):
        gt.solve(general, "stage_game")
