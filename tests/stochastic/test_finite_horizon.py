"""Backward induction: against plain recursion, against endless games, and by what deviations gain."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import GameError, StochasticGame
from gametheory_rl import equilibria as eq
from gametheory_rl._results import Status
from gametheory_rl._support._errors import SolverError, UnknownNameError
from gametheory_rl.stochastic import finite_horizon


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
    np.testing.assert_allclose(gt.verify(dilemma, cooperate).gains, 2 * temptation)
    joint = np.zeros((2, 1, 2, 2))
    joint[:, 0, 0, 0] = 1.0
    np.testing.assert_allclose(gt.verify(dilemma, joint).gains, 2 * temptation)


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
    gains = gt.verify(game, profile).gains
    for player in range(2):
        plans = [np.eye(2)[np.reshape(plan, (3, 2))] for plan in itertools.product(range(2), repeat=6)]
        earned = [expected(game, [*profile[:player], plan, *profile[player + 1 :]], player) for plan in plans]
        np.testing.assert_allclose(gains[player], np.max(earned, axis=0) - expected(game, profile, player), atol=1e-12)


@pytest.mark.parametrize("concept", ["nash", "correlated", "coarse"])
def test_stages_judged_as_one_game_that_never_returns(concept):
    # Every stage has states of its own, and after the last one play rests in states that pay the final values once.
    rng = np.random.default_rng(4)
    game = StochasticGame(rng.normal(size=(2, 2, 2, 2)), rng.dirichlet(np.ones(2), (2, 2, 2)), [0.9, 0.6])
    final, stages = rng.normal(size=(2, 2)), 3
    count = 2 * stages + 3
    payoff, transition = np.zeros((2, count, 2, 2)), np.zeros((count, 2, 2, count))
    for stage in range(stages):
        own = slice(2 * stage, 2 * stage + 2)
        payoff[:, own] = game.payoff
        transition[own, ..., 2 * stage + 2 : 2 * stage + 4] = game.transition
    payoff[:, 2 * stages : 2 * stages + 2] = final[:, :, None, None]
    transition[2 * stages :, ..., -1] = 1.0
    long = StochasticGame(payoff, transition, game.discount)
    joint = rng.dirichlet(np.ones(4), (stages, 2)).reshape(stages, 2, 2, 2)
    profile = tuple(rng.dirichlet(np.ones(2), (stages, 2)) for _ in range(2)) if concept == "nash" else joint
    after = np.full((3, 2), 0.5) if concept == "nash" else np.full((3, 2, 2), 0.25)
    if concept == "nash":
        endless = gt.verify(long, tuple(np.concatenate([policy.reshape(-1, 2), after]) for policy in profile))
    else:
        endless = gt.verify(long, np.concatenate([joint.reshape(-1, 2, 2), after]), concept=concept)
    judged = gt.verify(game, profile, concept=None if concept == "nash" else concept, final=final)
    np.testing.assert_allclose(judged.values, endless.values[:, :2], atol=1e-12)
    np.testing.assert_allclose(judged.gains, endless.gains[:, :2], atol=1e-12)
    assert judged.concept == endless.concept
    assert judged.error_bound < 1e-12
    assert judged.epsilon == pytest.approx(max(0.0, judged.gains.max()), abs=1e-12)


def test_the_bound_over_stages_is_a_proof():
    rng = np.random.default_rng(9)
    game = StochasticGame(rng.normal(size=(2, 2, 2, 2)), rng.dirichlet(np.ones(2), (2, 2, 2)), [1.0, 0.7])
    profile = tuple(rng.dirichlet(np.ones(2), (60, 2)) for _ in range(2))
    judged = gt.verify(game, profile)
    exact = [[Fraction(0)] * 2 for _ in range(2)]
    for stage in range(59, -1, -1):
        exact = [
            [
                sum(
                    weight * (Fraction(game.payoff[i, s, a, b]) + Fraction(game.discount[i]) * sum(
                        Fraction(p) * v for p, v in zip(game.transition[s, a, b], exact[i], strict=True)
                    ))
                    for a, b in itertools.product(range(2), range(2))
                    for weight in [Fraction(profile[0][stage, s, a]) * Fraction(profile[1][stage, s, b])]
                )
                for s in range(2)
            ]
            for i in range(2)
        ]  # fmt: skip
    off = max(abs(Fraction(judged.values[i, s]) - exact[i][s]) for i in range(2) for s in range(2))
    # The rows of the profile were rescaled by the judge, which moves them by a rounding.
    assert off <= Fraction(judged.error_bound)
    assert judged.error_bound < 1e-11


def test_plans_that_cannot_be_judged():
    game = random_game(5)
    plan = finite_horizon(game, 3).profile
    assert gt.verify(game, plan).epsilon <= 1e-8 * game.payoff_span
    with pytest.raises(GameError, match="2 and 3 stages"):
        gt.verify(game, (plan[0], plan[1][:2]))
    broken = plan[0].copy()
    broken[1, 2] = 0.7
    with pytest.raises(GameError, match="at stage 1: the policy of player 0 in state 2"):
        gt.verify(game, (broken, plan[1]))
    with pytest.raises(GameError, match="no time axis"):
        gt.verify(game, tuple(policy[0] for policy in plan), final=np.zeros((2, 4)))
    with pytest.raises(GameError, match="time axis in front"):
        gt.verify(game, tuple(policy[0] for policy in plan))
    with pytest.raises(GameError, match="finite numbers"):
        gt.verify(game, plan, final=np.full((2, 4), np.inf))
    with pytest.raises(GameError, match="more than float64 holds"):
        gt.verify(StochasticGame(1e308 * np.sign(game.payoff), game.transition, 1.0), plan)


def test_every_plan_of_a_tiny_game_does_worse():
    """Zero-sum, two states, three stages: against the solution no plan of either player does better, among all of them."""
    rng = np.random.default_rng(6)
    own = rng.normal(size=(2, 2, 2))
    game = StochasticGame(np.stack([own, -own]), rng.dirichlet(np.ones(2), (2, 2, 2)), 1.0)
    solution = finite_horizon(game, 3, concept="foe")
    plans = [np.eye(2)[np.reshape(plan, (3, 2))] for plan in itertools.product(range(2), repeat=6)]
    value = solution.values[0, 0]
    best = np.max([expected(game, [plan, solution.profile[1]], 0) for plan in plans], axis=0)
    worst = np.min([expected(game, [solution.profile[0], plan], 0) for plan in plans], axis=0)
    np.testing.assert_allclose([best, worst], [value, value], atol=1e-12)


@pytest.mark.parametrize(("players", "concept"), [(2, "stackelberg"), *itertools.product((2, 3), ("nash", "foe", "friend"))])
def test_tiny_games_unrolled(players, concept):
    """Ragged actions, final values, discounts of one's own: what a player gains is what the best of all its legal plans does."""
    rng = np.random.default_rng(players)
    shape = (2, *(2,) * players)
    legal = [np.ones((2, 2), bool) for _ in range(players)]
    legal[0][1, 0] = False
    game = StochasticGame(rng.normal(size=(players, *shape)), rng.dirichlet(np.ones(2), shape), [1.0, 0.5, 0.0][:players], legal=legal)
    final = rng.normal(size=(players, 2))
    solution = finite_horizon(game, 2, concept=concept, final=final)
    for player in range(players):
        earned = backwards(game, solution.profile, player, final)
        plans = [np.eye(2)[np.reshape(plan, (2, 2))] for plan in itertools.product(range(2), repeat=4)]
        own = [plan for plan in plans if not (plan * ~legal[player]).any()]
        best = [backwards(game, [*solution.profile[:player], plan, *solution.profile[player + 1 :]], player, final) for plan in own]
        np.testing.assert_allclose(solution.gains[player], np.max(best, axis=0) - earned, atol=1e-12)
        if concept in ("nash", "stackelberg"):
            np.testing.assert_allclose(solution.values[0, player], earned, atol=1e-9)
        if concept == "nash":
            assert solution.gains[player].max() < 1e-8


def backwards(game, profile, player, final):
    """What a plan pays from each state, for any number of players."""
    values = final[player]
    for play in zip(*(policy[::-1] for policy in profile), strict=True):
        joint = play[0]
        for policy in play[1:]:
            joint = joint[..., None] * policy.reshape(2, *[1] * (joint.ndim - 1), 2)
        values = (joint * (game.payoff[player] + game.discount[player] * game.transition @ values)).reshape(2, -1).sum(axis=1)
    return values


@pytest.mark.parametrize("scale", [1e-290, 1e290])
def test_payoffs_near_the_ends_of_float64(scale):
    game = random_game(7)
    solution = finite_horizon(StochasticGame(scale * game.payoff, game.transition, 1.0), 3, throw=False)
    assert solution.epsilon <= 1e-10 * scale
    assert np.isfinite(solution.values).all()


@pytest.mark.parametrize(("size", "final"), [(1e308, None), (1.0, np.full((2, 4), 1e308))])
def test_sums_that_float64_cannot_hold(size, final):
    game = random_game(8)
    with pytest.raises(GameError, match="more than float64 holds"):
        finite_horizon(StochasticGame(size * np.sign(game.payoff), game.transition, 1.0), 3, final=final)


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
