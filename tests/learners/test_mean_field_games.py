"""Mean-field Q on games of three and more symmetric players, against logit equilibria that other code finds."""

from itertools import product
from math import comb

import numpy as np
import pytest

from gametheory_rl import GameError, StochasticGame, learn, load_game, verify
from gametheory_rl import equilibria as eq
from gametheory_rl.learners import MeanFieldQ, Schedule
from gametheory_rl.learners._mean_action import mean_actions
from tests.learners.games import symmetric_game


def pairwise_game(pair, players):
    """Each earns the mean of what its action earns against each other's."""
    pair = np.array(pair, float)
    payoff = np.zeros((players, *[len(pair)] * players))
    for joint in np.ndindex(*payoff.shape[1:]):
        for i, own in enumerate(joint):
            payoff[(i, *joint)] = np.mean([pair[own, other] for j, other in enumerate(joint) if j != i])
    return StochasticGame.from_matrix_game(payoff)


@pytest.mark.parametrize(("others", "count"), [(2, 1), (2, 2), (3, 3), (4, 2), (5, 4)])
def test_mean_actions_count_the_others(others, count):
    after, upto = mean_actions(others, count)
    assert upto.tolist() == [comb(k + count - 1, k) for k in range(others + 1)]
    numbers = {}
    for joint in product(range(count), repeat=others):
        met = 0
        for seen, action in enumerate(joint):
            assert met < upto[seen]
            met = after[met, action]
        assert numbers.setdefault(tuple(sorted(joint)), met) == met
    assert sorted(numbers.values()) == list(range(len(after)))


@pytest.mark.parametrize("temperature", [1.0, 0.3, 0.1])
def test_a_stage_games_profile_is_its_logit_equilibrium(temperature):
    game = load_game("congestion")
    run = learn(game, MeanFieldQ(temperature=temperature), steps=4000, records=[4000], seeds=2)
    exact = eq.logit(game.payoff[:, 0], 1 / temperature)
    for profile in run.profiles:
        for mixed in profile:
            np.testing.assert_allclose(mixed[0], exact.profile[0], atol=1e-8)
    assert run.trace["fixed_point_residual"].max() < 1e-11
    assert run.trace["nash_gap"][0, -1] == pytest.approx(exact.regret, abs=1e-8)


@pytest.mark.parametrize(("players", "actions"), [(3, 3), (4, 2), pytest.param(5, 2, marks=pytest.mark.slow)])
def test_random_symmetric_games_end_at_a_logit_equilibrium(players, actions):
    payoff = np.random.default_rng(0).permutation(np.arange(20.0))
    others = [tuple(sorted(joint)) for joint in product(range(actions), repeat=players - 1)]
    paid = dict(zip(product(range(actions), sorted(set(others))), payoff, strict=False))
    tensor = np.zeros((players, *[actions] * players))
    for joint in np.ndindex(*tensor.shape[1:]):
        for i, own in enumerate(joint):
            tensor[(i, *joint)] = paid[own, tuple(sorted(joint[:i] + joint[i + 1 :]))] / 20
    game = StochasticGame.from_matrix_game(tensor)
    run = learn(game, MeanFieldQ(temperature=0.5), steps=3000, records=[3000])
    mixed = run.profile[0][0]
    earned = tensor[0]
    for _ in range(players - 1):
        earned = earned @ mixed
    answer = np.exp(earned / 0.5) / np.exp(earned / 0.5).sum()
    np.testing.assert_allclose(answer, mixed, atol=1e-10)


def stationary_logit(game, temperature):
    """The game's logit equilibrium by sweeps of logit equilibria of its stage games, found by a path in the precision."""
    values, mixed = np.zeros((game.num_players, game.num_states)), []
    for _ in range(200):
        before = values.copy()
        mixed.clear()
        for state in range(game.num_states):
            stage = game.stage(state, values)
            keep = [np.flatnonzero(mask[state]) for mask in game.legal]
            small = stage[np.ix_(range(game.num_players), *keep)]
            solution = eq.logit(small, 1 / temperature)
            row = np.zeros(game.num_actions[0])
            row[keep[0]] = solution.profile[0]
            mixed.append(row)
            values[:, state] = 0 if game.terminal[state] else solution.values
        if np.abs(values - before).max() < 1e-9:
            break
    return np.array(mixed), values


@pytest.mark.parametrize("shared", [True, False])
def test_several_states_end_at_the_stationary_logit_equilibrium(shared):
    game = symmetric_game(5, actions=3, discount=0.6)
    learner = MeanFieldQ(temperature=1.0, shared=shared, exploration=0.1)
    run = learn(game, learner, steps=200_000, records=[200_000])
    mixed, _ = stationary_logit(game, 1.0)
    alive = ~game.terminal
    for policy in run.profile:
        np.testing.assert_allclose(policy[alive], mixed[alive], atol=0.02)
    assert run.trace["nash_gap"][0, -1] == verify(game, run.profile).epsilon


def test_a_colder_policy_has_a_smaller_gap():
    game = load_game("congestion")
    gaps = [learn(game, MeanFieldQ(temperature=t), steps=4000, records=[4000]).trace["nash_gap"][0, -1] for t in (1.0, 0.1, 0.01)]
    assert gaps[0] > 5 * gaps[1] > 25 * gaps[2]


def test_tables_of_their_own_let_players_settle_apart():
    """Three drivers, three roads: alike they must mix, apart each takes a road, which is an equilibrium in pure actions."""
    run = learn(load_game("congestion"), MeanFieldQ(temperature=0.05, shared=False), steps=4000, records=[4000])
    assert run.trace["nash_gap"][0, -1] < 1e-6
    assert sorted(int(policy[0].argmax()) for policy in run.profile) == [0, 1, 2]


def test_where_there_is_no_rest_the_residual_says_so():
    """Rock-paper-scissors where losing costs more than winning earns: steps towards the answer spiral away from the middle."""
    game = pairwise_game([[0, -3, 1], [1, 0, -3], [-3, 1, 0]], 3)
    run = learn(game, MeanFieldQ(temperature=0.1, initial=(0.1, 0.0, 0.0)), steps=4000, records=[4000], seeds=2)
    assert run.trace["fixed_point_residual"].min() > 0.1
    calm = learn(game, MeanFieldQ(temperature=2.0, initial=(0.1, 0.0, 0.0)), steps=4000, records=[4000])
    np.testing.assert_allclose(calm.profile[0], 1 / 3, atol=1e-10)


def unlike(change):
    game = symmetric_game(1)
    payoff, transition, legal, discount = game.payoff.copy(), game.transition.copy(), [mask.copy() for mask in game.legal], [0.8] * 3
    change(payoff, transition, legal, discount)
    return StochasticGame(payoff, transition, discount, legal=legal)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda payoff, *_: payoff.__setitem__((1, 1, 0, 1, 1), 5.0), "where players 1 and 2 change places a payoff changes"),
        (
            lambda _, transition, *__: transition.__setitem__((1, 0, 0, 1), np.eye(4)[2]),
            "players 2 and 3 change places, play goes on elsewhere",
        ),
        (lambda _, __, legal, ___: legal[2].__setitem__((1, 0), False), "in state 1 players 1 and 3 have different legal actions"),
        (lambda *parts: parts[3].__setitem__(0, 0.5), r"discounts are \[0.5"),
    ],
)
def test_players_who_are_not_alike_are_refused(change, says):
    with pytest.raises(GameError, match=says) as caught:
        learn(unlike(change), "mean_field_q", steps=10)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("game", "learner", "says"),
    [
        (load_game("soccer"), MeanFieldQ(), "3 or more symmetric players, and this one has 2"),
        (symmetric_game(), MeanFieldQ(turns="stale"), "turns is 'stale', which is for populations"),
        (symmetric_game(), MeanFieldQ(target="sample"), "target is 'sample', which is for populations"),
        (symmetric_game(), MeanFieldQ(initial=(1.0, 2.0, 3.0)), "initial has 3 numbers"),
        (StochasticGame.from_matrix_game(np.zeros((3, 2, 3, 2))), MeanFieldQ(), "they have 2, 3, 2 actions"),
        (StochasticGame.from_matrix_game(np.zeros((3, 70, 70, 70))), MeanFieldQ(step_size=Schedule.by_steps()), None),
    ],
)
def test_what_it_does_not_play_is_said_in_a_sentence(game, learner, says):
    if says is None:
        assert learner.init(game.spec).q.shape == (1, 1, comb(71, 2), 70)
        return
    with pytest.raises(GameError, match=says) as caught:
        learn(game, learner, steps=10)
    assert "\n" not in str(caught.value)
