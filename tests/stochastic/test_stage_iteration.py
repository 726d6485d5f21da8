"""Iterations over stage solutions: where they end, where they go round, and what is said of it."""

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import GameError, StochasticGame
from gametheory_rl._results import Status
from gametheory_rl._support._errors import SolverError, UnknownNameError

METHODS = ["nash_iteration", "correlated_iteration", "friend_iteration", "foe_iteration", "stackelberg_iteration"]


def random_game(seed, states=4, sizes=(3, 2), players=2, discount=0.8, **options):
    rng = np.random.default_rng(seed)
    payoff = rng.normal(size=(players, states, *sizes))
    return StochasticGame(payoff, rng.dirichlet(np.ones(states), (states, *sizes)), discount, **options)


def at_start(game, solution):
    return (solution.values @ game.start).round(3).tolist()


@pytest.mark.parametrize("method", ["nash_iteration", "correlated_iteration", "stackelberg_iteration"])
def test_nosde_goes_round_with_period_5(method):
    game = gt.load_game("nosde")
    solution = gt.solve(game, method, throw=False)
    assert solution.status is Status.CYCLES
    assert solution.period == 5
    assert not solution.status.ok
    with pytest.raises(SolverError, match="cycles with period 5"):
        gt.solve(game, method)


@pytest.mark.parametrize("select", ["first", "best_for_1", "best_for_2", "welfare", "egalitarian", "max_entropy"])
def test_nosde_never_converges_whatever_is_selected(select):
    assert gt.solve(gt.load_game("nosde"), "nash_iteration", select=select, throw=False).status is Status.CYCLES


@pytest.mark.parametrize(
    ("select", "values"),
    [("best_for_1", [98.01, 49.005]), ("best_for_2", [49.005, 98.01]), ("first", [98.01, 49.005])],
)
def test_grid_game_2_by_selection(select, values):
    game = gt.load_game("grid_game_2")
    solution = gt.solve(game, "nash_iteration", select=select)
    assert solution.status is Status.SOLVED
    assert solution.certificate.epsilon <= 1e-8 * game.payoff_span
    assert at_start(game, solution) == values


def test_players_with_different_equilibria_in_mind_are_reported():
    game = gt.load_game("grid_game_2")
    solution = gt.solve(game, "nash_iteration", select=("best_for_1", "best_for_2"), throw=False)
    assert solution.status is Status.MISMATCH
    assert solution.trace["mismatch"][game.start > 0].all()
    assert solution.certificate.epsilon > 1.0
    with pytest.raises(SolverError, match="different equilibria in mind"):
        gt.solve(game, "nash_iteration", select=("best_for_1", "best_for_2"))


def test_a_pair_of_the_same_rule_is_that_rule():
    game = random_game(0)
    one, two = (gt.solve(game, "nash_iteration", select=s, throw=False) for s in ("welfare", ("welfare", "welfare")))
    np.testing.assert_array_equal(one.values, two.values)


@pytest.mark.parametrize("select", [None, "welfare", "egalitarian", "risk_dominant"])
def test_grid_game_1(select):
    game = gt.load_game("grid_game_1")
    solution = gt.solve(game, "nash_iteration", select=select)
    np.testing.assert_allclose(solution.values @ game.start, 97.0299, atol=1e-9)


@pytest.mark.parametrize("method", ["nash_iteration", "correlated_iteration", "foe_iteration"])
def test_zero_sum_games_have_their_value(method):
    game = random_game(1)
    game = StochasticGame(np.stack([game.payoff[0], -game.payoff[0]]), game.transition, 0.8)
    solution = gt.solve(game, method, tol=1e-9)
    np.testing.assert_allclose(solution.values, gt.solve(game, tol=1e-10).values, atol=1e-8)
    assert solution.certificate.epsilon < 1e-8


@pytest.mark.parametrize("method", METHODS)
def test_no_future_means_one_stage_game_a_state(method):
    game = random_game(2, discount=0.0)
    solution = gt.solve(game, method, throw=False)
    assert solution.status in (Status.SOLVED, Status.ROUNDING)
    eq = gt.equilibria
    A, B = game.payoff[0], game.payoff[1]
    expected = {
        "nash_iteration": lambda s: eq.lemke_howson(A[s], B[s]).values,
        "correlated_iteration": lambda s: eq.correlated(np.stack([A[s], B[s]])).values,
        "friend_iteration": lambda s: [A[s].max(), B[s].max()],
        "foe_iteration": lambda s: [eq.minimax(A[s]).value, eq.minimax(B[s].T).value],
        "stackelberg_iteration": lambda s: eq.stackelberg(A[s], B[s]).values,
    }[method]
    np.testing.assert_allclose(solution.values.T, [expected(s) for s in range(4)], atol=1e-9)


def test_foe_bounds_security_levels():
    game = random_game(3)
    solution = gt.solve(game, "foe_iteration", tol=1e-9)
    exact = [
        gt.solve(StochasticGame(np.stack([u, -u]), p, 0.8), tol=1e-10).values[0]
        for u, p in [(game.payoff[0], game.transition), (game.payoff[1].swapaxes(1, 2), game.transition.swapaxes(1, 2))]
    ]
    assert np.abs(solution.values - exact).max() <= solution.error_bound + 1e-10
    assert solution.error_bound <= 1e-9


def test_friends_of_a_team_find_its_optimum():
    game = random_game(4)
    team = StochasticGame(np.stack([game.payoff[0]] * 2), game.transition, 0.8)
    solution = gt.solve(team, "friend_iteration", tol=1e-9)
    np.testing.assert_allclose(solution.values[0], gt.solve(team.centralised(), tol=1e-10).values[0], atol=2e-9)
    assert solution.certificate.epsilon < 1e-8
    assert not solution.trace["mismatch"].any()


def test_three_players_and_menus():
    rng = np.random.default_rng(5)
    legal = tuple(rng.random((3, 3)) < 0.6 for _ in range(3))
    for mask in legal:
        mask[:, 0] = True
    payoff = rng.normal(size=(3, 3, 3, 3, 3))
    game = StochasticGame(payoff, rng.dirichlet(np.ones(3), (3, 3, 3, 3)), [0.3, 0.2, 0.1], legal=legal)
    for method in ("nash_iteration", "correlated_iteration"):
        solution = gt.solve(game, method)
        assert solution.certificate.epsilon <= 1e-8 * game.payoff_span
    np.testing.assert_array_equal(solution.profile[~np.ones_like(solution.profile, bool)], [])
    for method in ("friend_iteration", "foe_iteration"):
        assert gt.solve(game, method).status is Status.SOLVED


def test_one_player():
    game = random_game(6, sizes=(3,), players=1)
    for method in ("nash_iteration", "foe_iteration", "friend_iteration", "correlated_iteration"):
        np.testing.assert_allclose(gt.solve(game, method, tol=1e-9).values, gt.solve(game, tol=1e-10).values, atol=1e-8)


def test_players_who_look_ahead_differently():
    game = random_game(7, discount=[0.6, 0.1])
    solution = gt.solve(game, "nash_iteration", throw=False)
    assert solution.status in (Status.SOLVED, Status.CYCLES, Status.MAX_ITERATIONS)
    assert solution.status is not Status.SOLVED or solution.certificate.epsilon <= 1e-8 * game.payoff_span


@pytest.mark.parametrize(("method", "seed"), [("nash_iteration", 0), ("nash_iteration", 1), ("correlated_iteration", 0)])
def test_discounts_near_1_end_as_soon_as_others(method, seed):
    game = random_game(seed, discount=0.999)
    solution = gt.solve(game, method, throw=False)
    assert solution.status is Status.SOLVED
    assert solution.iterations <= 100
    assert solution.certificate.epsilon <= 1e-8 * game.payoff_span
    # The values are a fixed point of the rule: what the profile earns, and once more backed up.
    np.testing.assert_allclose(solution.values, solution.certificate.values, rtol=1e-12)


def test_what_is_tried_ahead_changes_no_step_of_an_iteration_that_goes_on():
    game = gt.load_game("nosde")
    game = StochasticGame(game.payoff, game.transition, 0.97, legal=game.legal)
    tried = gt.solve(game, "nash_iteration", throw=False, max_iterations=400)
    plain = gt.solve(game, "stackelberg_iteration", throw=False, max_iterations=400)
    assert tried.status is plain.status
    assert tried.iterations == plain.iterations
    np.testing.assert_array_equal(tried.trace["residual"], plain.trace["residual"])


def test_what_cannot_be_asked():
    game = random_game(8)
    with pytest.raises(UnknownNameError, match="selection 'best'"):
        gt.solve(game, "nash_iteration", select="best")
    with pytest.raises(GameError, match="one rule, or one for each of two players"):
        gt.solve(game, "nash_iteration", select=("first",))
    with pytest.raises(UnknownNameError, match="objective"):
        gt.solve(game, "correlated_iteration", select="first")
    with pytest.raises(GameError, match="nothing to select"):
        gt.solve(game, "foe_iteration", select="first")
    with pytest.raises(GameError, match="discounts below 1"):
        gt.solve(StochasticGame(game.payoff, game.transition, 1.0), "foe_iteration")
    three = random_game(9, sizes=(2, 2, 2), players=3)
    with pytest.raises(GameError, match="use 'first'"):
        gt.solve(three, "nash_iteration", select="welfare")
    with pytest.raises(GameError, match="leader and a follower"):
        gt.solve(three, "stackelberg_iteration")
