"""Decentralised Q-learning: the paper's dynamics by hand, its fixed point at a fixed temperature, minimax values as it cools."""

import math

import numpy as np
import pytest

from gametheory_rl import GameError, learn, load_game
from gametheory_rl import equilibria as eq
from gametheory_rl.learners import DecentralisedQ, Schedule
from tests.learners.games import random_game


@pytest.mark.parametrize("seed", range(3))
def test_values_of_random_zero_sum_games_are_approached(seed):
    game = random_game(seed, (3, 3), 5, zero_sum=True, discount=0.6)
    run = learn(game, "decentralised_q", steps=1_000_000, seeds=2, records=[3000, 50_000])
    errors = run.trace["value_error"]
    assert (errors[:, -1] < 0.05).all()
    assert (errors[:, -1] < 0.3 * errors[:, 0]).all()
    # Values are what the theorem promises. As the softmax cools, the policy follows what noise is left in q; its average does not.
    assert (run.trace["average_nash_gap"][:, -1] < 0.1).all()


def test_the_papers_own_step_sizes_go_the_same_way_slowly():
    game = random_game(0, (3, 3), 5, zero_sum=True, discount=0.6)
    paper = DecentralisedQ(Schedule.by_visits(0.9), Schedule.by_visits(1.0), temperature=0.1, annealing=0.0, exploration=0.0)
    errors = learn(game, paper, steps=1_000_000, seeds=2, records=[3000, 50_000]).trace["value_error"]
    assert (errors[:, -1] < 0.25).all()
    assert (errors[:, -1] < 0.5 * errors[:, 0]).all()


@pytest.mark.parametrize("name", ["matching_pennies", "biased_rock_paper_scissors"])
@pytest.mark.parametrize("temperature", [0.3, 1.0])
def test_at_a_fixed_temperature_a_matrix_game_ends_in_its_logit_equilibrium(name, temperature):
    game = load_game(name)
    learner = DecentralisedQ(temperature=temperature, annealing=0.0, exploration=0.0)
    run = learn(game, learner, steps=400_000, records=1)
    exact = eq.logit(game.payoff[:, 0], 1 / temperature)
    for learned, wanted in zip(run.profile, exact.profile, strict=True):
        np.testing.assert_allclose(learned[0], wanted, atol=0.05)


def test_every_step_is_the_papers_table():
    game, rng = random_game(2, (2, 3, 2)), np.random.default_rng(0)
    learner = DecentralisedQ(0.05, 0.02, temperature=0.7, annealing=0.5, exploration=0.1)
    tables, legal = learner.init(game.spec), game.legal
    q, v, visits = [np.zeros(mask.shape) for mask in legal], np.zeros((3, 6)), np.zeros(6, int)
    policy = [mask / mask.sum(axis=1, keepdims=True) for mask in legal]
    for step in range(2000):
        state, following = rng.integers(6, size=2)
        actions = np.array([rng.choice(np.flatnonzero(mask[state])) for mask in legal])
        rewards, ended = rng.normal(size=3), bool(following == 5)
        tables.play.visits[state] += 1
        learner.update(tables, int(state), step, actions, rewards, int(following), ended)
        visits[state] += 1
        for i, own in enumerate(legal):
            allowed, a = np.flatnonzero(own[state]), actions[i]
            v[i, state] += 0.02 * (policy[i][state] @ q[i][state] - v[i, state])
            chance = 0.9 * policy[i][state, a] + 0.1 / len(allowed)
            future = 0.0 if ended else 0.8 * v[i, following]
            q[i][state, a] += min(1.0, 0.05 / chance) * (rewards[i] + future - q[i][state, a])
            heat = 0.7 / (1 + 0.5 * math.log(visits[state] + 1))
            weights = np.exp((q[i][state, allowed] - q[i][state, allowed].max()) / heat)
            policy[i][state, allowed] = weights / weights.sum()
    np.testing.assert_allclose(learner.values(tables), v, atol=1e-9)
    for i, learned in enumerate(learner.profile(tables)):
        np.testing.assert_allclose(learned, policy[i], atol=1e-9)


def test_what_is_refused():
    for name, values in (("temperature", (0.0, -1.0, float("nan"), None)), ("annealing", (-0.1, float("inf"), "log"))):
        for bad in values:
            with pytest.raises(GameError, match=name):
                DecentralisedQ(**{name: bad})
    with pytest.raises(GameError, match="value_step_size"):
        DecentralisedQ(value_step_size=2.0)
