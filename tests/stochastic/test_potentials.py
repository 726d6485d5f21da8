"""Potentials of several states: by construction, by the definition on all deterministic policies, and by what breaks them."""

import itertools

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import GameError, StochasticGame
from gametheory_rl._results import Status
from gametheory_rl._support._errors import SolverError


def dummies(rng, players, states, sizes):
    """Parts of payoffs that a player's own action does not change."""
    return np.stack(
        [rng.normal(size=(states, *(1 if k == i else size for k, size in enumerate(sizes)))) * np.ones(sizes) for i in range(players)]
    )


def drawn(seed, sizes=(2, 3), states=3):
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(1, states, *sizes))
    return rng, common, dummies(rng, len(sizes), states, sizes), rng.dirichlet(np.ones(states), (states, *sizes))


def by_state(seed, sizes=(2, 3)):
    """Nobody moves the state; every stage game has a potential."""
    _, common, own, moves = drawn(seed, sizes)
    first = moves.reshape(3, -1, 3)[:, 0].reshape(3, *[1] * len(sizes), 3)
    return StochasticGame(common + own, np.broadcast_to(first, moves.shape), 0.8)


def one_mover(seed, sizes=(2, 3)):
    """Player 2 alone moves the state; what others earn beyond his payoffs does not depend on their own actions."""
    _, common, own, moves = drawn(seed, sizes)
    own[1] = 0.0
    for player in {*range(len(sizes))} - {1}:
        moves = np.broadcast_to(moves.take([0], axis=player + 1), moves.shape)
    return StochasticGame(common + own, moves, 0.8)


def shaped(seed, sizes=(2, 3)):
    """A team, but for a function of the state less its discounted next value, and a constant."""
    rng, common, _, moves = drawn(seed, sizes)
    h = rng.normal(size=(len(sizes), 3)) + 5.0
    here = h.reshape(len(sizes), 3, *[1] * len(sizes))
    later = np.einsum("s...t,it->is...", moves, h)
    return StochasticGame(common + here - 0.8 * later, moves, 0.8)


def team(seed, sizes=(2, 3)):
    _, common, _, moves = drawn(seed, sizes)
    return StochasticGame(np.repeat(common, len(sizes), axis=0), moves, 0.8)


def gains_of_all_cycles(game):
    """The largest sum of gains along cycles of four deterministic stationary policies of two players."""
    first, second = (list(itertools.product(range(size), repeat=game.num_states)) for size in game.num_actions)
    values = np.empty((2, len(first), len(second), game.num_states))
    rows = np.arange(game.num_states)
    for i, j in itertools.product(range(len(first)), range(len(second))):
        chain = np.eye(game.num_states) - game.discount[0] * game.transition[rows, first[i], second[j]]
        values[:, i, j] = np.linalg.solve(chain, game.payoff[:, rows, first[i], second[j]].T).T
    apart = values[0] - values[1]
    return np.abs(apart - apart[:1] - apart[:, :1] + apart[:1, :1]).max()


@pytest.mark.parametrize("kind", [by_state, one_mover, shaped, team])
@pytest.mark.parametrize("seed", range(3))
def test_constructed_potentials_are_potentials_of_all_policies(kind, seed):
    game = kind(seed)
    assert gains_of_all_cycles(game) < 1e-12
    trait = gt.classify(game).potential
    assert trait.holds, trait.reason
    assert gt.classify(game.sparse()).potential.holds
    solution = gt.solve(game)
    assert solution.method == ("team" if kind is team else "potential")
    assert solution.certificate.epsilon <= 1e-8 * game.payoff_span
    for policy in solution.profile:
        assert set(policy.ravel()) <= {0.0, 1.0}


@pytest.mark.parametrize("kind", [by_state, one_mover, shaped])
def test_three_players(kind):
    game = kind(7, (2, 2, 2))
    assert gt.classify(game).potential
    assert gt.solve(game).certificate.epsilon <= 1e-8 * game.payoff_span


@pytest.mark.parametrize("kind", [by_state, one_mover, shaped, team])
@pytest.mark.parametrize("size", [1e-6, 1.0])
def test_a_payoff_changed_breaks_it_and_a_cycle_shows_it(kind, size):
    game = kind(1)
    payoff = game.payoff.copy()
    payoff[0, 1, 1, 2] += size
    broken = StochasticGame(payoff, game.transition, game.discount)
    assert gains_of_all_cycles(broken) > 1e-3 * size
    trait = gt.classify(broken).potential
    assert trait.holds is False
    assert "gains add up to" in trait.reason
    assert gt.solve(broken, tol=1e-7, throw=False).method != "potential"


def test_a_part_that_the_own_action_does_not_change_is_not_enough_where_that_action_moves_the_state():
    _, common, own, moves = drawn(0)
    game = StochasticGame(common + own, moves, 0.8)
    assert gains_of_all_cycles(game) > 0.01
    assert gt.classify(game).potential.holds is False


def test_blocks_that_never_meet_have_one_though_no_condition_tells():
    # State 0 leads to a team of its own or to another, scaled, by chance alone; each player moves one of the two.
    rng = np.random.default_rng(5)
    payoff, moves = np.zeros((2, 4, 2, 2)), np.zeros((4, 2, 2, 4))
    payoff[0, 1] = rng.normal(size=(2, 1)) * np.ones((2, 2))
    payoff[1, 2] = rng.normal(size=(1, 2)) * np.ones((2, 2))
    moves[0] = [0, 0.5, 0.5, 0]
    moves[1, 0], moves[1, 1] = [0, 1, 0, 0], [0, 0, 0, 1]
    moves[2, :, 0], moves[2, :, 1] = [0, 0, 1, 0], [0, 0, 0, 1]
    moves[3] = [0, 0, 0, 1]
    game = StochasticGame(payoff, moves, 0.9)
    assert gains_of_all_cycles(game) < 1e-12
    trait = gt.classify(game).potential
    assert trait.holds
    assert "random cycles" in trait.reason


def test_without_a_future_states_stand_alone():
    _, common, own, moves = drawn(4)
    game = StochasticGame(common + own, moves, 0.0)
    assert gt.classify(game).potential
    assert gt.solve(game, "potential").certificate.epsilon < 1e-12


def test_a_decision_process_cut_short(monkeypatch):
    game = shaped(2)
    with pytest.raises(SolverError, match="potential stopped after max_iterations"):
        gt.solve(game, "potential", max_iterations=1)
    assert gt.solve(game, "potential", max_iterations=1, throw=False).status is Status.MAX_ITERATIONS

    def stop(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr("gametheory_rl.stochastic._certified._status", stop)
    with pytest.raises(KeyboardInterrupt):
        gt.solve(game, "potential")
    assert gt.solve(game, "potential", throw=False).status is Status.INTERRUPTED


def test_masks():
    rng, common, own, moves = drawn(6, (3, 3))
    legal = tuple(np.array([[True, True, False], [False, True, True], [True, True, True]]) for _ in range(2))
    illegal = ~(legal[0][:, :, None] & legal[1][:, None, :])
    payoff = common + own
    payoff[0, illegal] = rng.normal(size=illegal.sum())
    game = StochasticGame(payoff, np.broadcast_to(moves[:, :1, :1], moves.shape), 0.8, legal=legal)
    assert gt.classify(game).potential
    assert gt.solve(game).certificate.epsilon <= 1e-8 * game.payoff_span


def test_what_a_cycle_says_can_be_checked():
    trait = gt.classify(gt.load_game("big_match")).potential
    assert trait.holds is False
    # Of the four ways to play the one state that matters, two end at a value of 1 and two at 0; player 2 earns the opposite.
    expected = "on the cycle of 1's absorb and continue in play and 2's left and right in play, where all else are first actions, "
    assert trait.reason == expected + "gains add up to 4, not 0, from state play"
    game = gt.load_game("nosde")
    assert "from state" in gt.classify(game).potential.reason
    with pytest.raises(GameError, match="none was found; use homotopy"):
        gt.solve(game, "potential")


def test_discounts():
    game = by_state(2)
    apart = StochasticGame(game.payoff, game.transition, [0.8, 0.5])
    assert gt.classify(apart).potential.holds is False
    assert gt.solve(apart).method == "stage_game"
    endless = StochasticGame(game.payoff, game.transition, 1.0)
    assert gt.classify(endless).potential.holds is None
    with pytest.raises(GameError, match="discounts below 1"):
        gt.solve(endless, "potential")


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_any_size_of_payoffs(scale):
    game = by_state(3)
    assert gt.classify(StochasticGame(scale * game.payoff, game.transition, 0.8)).potential
    general = np.random.default_rng(0).normal(size=game.payoff.shape)
    assert gt.classify(StochasticGame(scale * general, game.transition, 0.8)).potential.holds is False


def test_states_that_nobody_moves_are_solved_one_by_one():
    rng = np.random.default_rng(8)
    game = by_state(0)
    general = StochasticGame(rng.normal(size=game.payoff.shape), game.transition, 0.8)
    solution = gt.solve(general)
    assert solution.method == "stage_game"
    assert solution.certificate.epsilon <= 1e-8 * general.payoff_span
    chosen = gt.solve(general, select="welfare")
    assert chosen.method == "stage_game"
    for state in range(3):
        stage = gt.equilibria.selector("welfare")(*general.payoff[:, state])
        np.testing.assert_allclose(chosen.profile[0][state], stage.profile[0], atol=1e-9)
