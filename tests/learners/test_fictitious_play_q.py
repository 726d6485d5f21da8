"""Fictitious-play Q-learning: beliefs and tables by hand; what the players have been seen to play becomes an equilibrium."""

import itertools

import numpy as np
import pytest

from gametheory_rl import GameError, StochasticGame, learn, load_game
from gametheory_rl.learners import FictitiousPlayQ, Schedule
from tests.learners.games import random_game


@pytest.mark.parametrize("seed", range(3))
def test_average_play_of_random_zero_sum_games_becomes_an_equilibrium(seed):
    game = random_game(seed, (3, 3), 5, zero_sum=True, discount=0.6)
    run = learn(game, "fictitious_play_q", steps=500_000, seeds=2, records=[3000])
    assert (run.trace["value_error"][:, -1] < 0.04).all()
    assert (run.trace["value_error"][:, -1] < run.trace["value_error"][:, 0]).all()
    assert (run.trace["average_nash_gap"][:, -1] < 0.05).all()


@pytest.mark.parametrize("name", ["matching_pennies", "rock_paper_scissors"])
def test_where_equilibrium_is_mixed_play_itself_stays_exploitable(name):
    run = learn(load_game(name), "fictitious_play_q", steps=100_000, seeds=2, records=10)
    assert (run.trace["nash_gap"] > 0.9).all()
    assert (run.trace["average_nash_gap"][:, -1] < 0.02).all()


def test_teams_settle_on_an_equilibrium():
    game = random_game(2, (2, 3, 2), 5)
    team = StochasticGame(game.payoff[:1].repeat(3, axis=0), game.transition, game.discount, legal=game.legal)
    run = learn(team, FictitiousPlayQ(exploration=Schedule.by_visits(0.33)), steps=200_000, seeds=2, records=1)
    assert (run.trace["nash_gap"][:, -1] < 1e-9).all()


def test_every_step_is_the_definition():
    game, rng = random_game(2, (2, 3, 2)), np.random.default_rng(0)
    learner, legal = FictitiousPlayQ(0.3, 0.2), game.legal
    tables = learner.init(game.spec)
    q, v = np.zeros((3, 6, 2, 3, 2)), np.zeros((3, 6))
    beliefs = [mask / mask.sum(axis=1, keepdims=True) for mask in legal]
    played: dict[int, list[int]] = {}
    for step in range(600):
        state, following = rng.integers(6, size=2)
        actions = np.array([rng.choice(np.flatnonzero(mask[state])) for mask in legal])
        rewards, ended = rng.normal(size=3), bool(following == 5)
        tables.play.visits[state] += 1
        learner.update(tables, int(state), step, actions, rewards, int(following), ended)
        for i, belief in enumerate(beliefs):
            belief[state] += 0.2 * (np.eye(belief.shape[1])[actions[i]] - belief[state])
            entry = (i, state, *actions)
            q[entry] += 0.3 * (rewards[i] + (0.0 if ended else 0.8 * v[i, following]) - q[entry])
        for i in range(3):
            earned = np.zeros(legal[i].shape[1])
            for joint in itertools.product(*(range(mask.shape[1]) for mask in legal)):
                others = np.prod([beliefs[j][state, joint[j]] for j in range(3) if j != i])
                earned[joint[i]] += others * q[(i, state, *joint)]
            earned[~legal[i][state]] = -np.inf
            v[i, state] = earned.max()
            played.setdefault(int(state), [0, 0, 0])[i] = int(earned.argmax())
    np.testing.assert_allclose(learner.values(tables), v, atol=1e-9)
    for i, policy in enumerate(learner.profile(tables)):
        assert all(policy[state, best[i]] == 1.0 for state, best in played.items())


def test_what_is_refused():
    for bad in (-0.1, 1.5, float("nan"), None):
        with pytest.raises(GameError, match="belief_step_size"):
            FictitiousPlayQ(belief_step_size=bad)
