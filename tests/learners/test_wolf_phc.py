"""Policy hill-climbing: the paper's table by hand, WoLF spirals in where PHC goes round, nothing illegal is ever played."""

import numpy as np
import pytest

from gametheory_rl import GameError, learn, load_game, verify
from gametheory_rl._support._streams_kernels import stream_keys
from gametheory_rl.learners import PHC, Schedule, WoLFPHC, _loop
from gametheory_rl.learners._play_kernels import play_mixed
from tests.learners.games import random_game


def distances(game, learner, steps, starts=()):
    """How far from uniform each player ends; ``starts``: policies to begin with."""
    seed = _loop.fresh_seed(learner.init(game.spec), stream_keys(3, 1)[0])
    for player, start in enumerate(starts):
        play_mixed(seed.tables.play, 0, player, np.array(start))
    _loop.player_of(learner, _loop.world_of(game, None), seed.tables)(seed, 0, steps)
    return [np.abs(policy - 1 / policy.shape[1]).max() for policy in learner.profile(seed.tables)]


@pytest.mark.parametrize("name", ["matching_pennies", "rock_paper_scissors"])
def test_wolf_ends_at_the_mixed_equilibrium_and_phc_does_not(name):
    game = load_game(name)
    for learner, near in (("wolf_phc", True), ("phc", False)):
        run = learn(game, learner, steps=1_000_000, seeds=4, records=1)
        for profile in run.profiles:
            farthest = max(np.abs(policy - 1 / policy.shape[1]).max() for policy in profile)
            assert farthest < 0.02 if near else farthest > 0.05


@pytest.mark.parametrize(
    ("name", "starts"),
    [("matching_pennies", ([0.9, 0.1], [0.3, 0.7])), ("rock_paper_scissors", ([0.8, 0.1, 0.1], [0.1, 0.2, 0.7]))],
)
def test_so_it_does_from_afar(name, starts):
    game = load_game(name)
    # Longer than by the paper's schedules, which fall from the first step on and spend themselves on the way in.
    pace = {"delta_win": Schedule.by_visits(start=1 / 5000, scale=50_000), "delta_lose": Schedule.by_visits(start=4 / 5000, scale=50_000)}
    assert max(distances(game, WoLFPHC(**pace), 3_000_000, starts)) < 0.02
    assert max(distances(game, PHC(), 3_000_000, starts)) > 0.05


def test_an_equilibrium_that_is_not_uniform():
    game = load_game("biased_rock_paper_scissors")
    run = learn(game, "wolf_phc", steps=2_000_000, seeds=2, records=[1000])
    gaps = run.trace["nash_gap"]
    assert (gaps[:, -1] < 0.01).all()
    assert (gaps[:, -1] < 0.2 * gaps[:, 0]).all()


def test_shapleys_game_leads_away_from_its_only_equilibrium():
    run = learn(load_game("shapley_cycle"), "wolf_phc", steps=1_000_000, seeds=2, records=[100])
    gaps = run.trace["nash_gap"]
    assert (gaps[:, 0] < 0.01).all()  # it starts there
    assert (gaps[:, -1] > 0.2).all()


@pytest.mark.parametrize("learner", [WoLFPHC(0.3, 0.01, 0.05), PHC(0.3, 0.02)])
def test_every_step_is_the_papers_table(learner):
    game, rng = random_game(2, (2, 3, 2)), np.random.default_rng(0)
    tables, legal = learner.init(game.spec), game.legal
    q = [np.zeros(mask.shape) for mask in legal]
    policy = [mask / mask.sum(axis=1, keepdims=True) for mask in legal]
    average, count = [p.copy() for p in policy], np.zeros(6)
    for step in range(2000):
        state, following = rng.integers(6, size=2)
        actions = np.array([rng.choice(np.flatnonzero(mask[state])) for mask in legal])
        rewards, ended = rng.normal(size=3), bool(following == 5)
        tables.play.visits[state] += 1
        learner.update(tables, int(state), step, actions, rewards, int(following), ended)
        count[state] += 1
        for i, own in enumerate(legal):
            allowed = np.flatnonzero(own[state])
            future = 0.0 if ended else 0.8 * q[i][following][own[following]].max()
            q[i][state, actions[i]] += 0.3 * (rewards[i] + future - q[i][state, actions[i]])
            average[i][state] += (policy[i][state] - average[i][state]) / count[state]
            wins = policy[i][state] @ q[i][state] > average[i][state] @ q[i][state]
            delta = 0.02 if isinstance(learner, PHC) else 0.01 if wins else 0.05
            best = allowed[q[i][state][allowed].argmax()]
            for a in allowed:
                if a != best:
                    taken = min(policy[i][state, a], delta / (len(allowed) - 1))
                    policy[i][state, a] -= taken
                    policy[i][state, best] += taken
    for i, learned in enumerate(learner.profile(tables)):
        np.testing.assert_allclose(learned, policy[i], atol=1e-9)
        assert (learned[~legal[i]] == 0).all()


def test_policies_stay_mixed_actions_over_millions_of_steps():
    game = random_game(4, (5, 4), zero_sum=True)
    run = learn(game, WoLFPHC(delta_win=0.003, delta_lose=0.007), steps=1_000_000, records=1)
    for policy in run.profile:
        assert (policy >= 0).all()
        np.testing.assert_allclose(policy.sum(axis=1), 1.0, atol=1e-15)


def test_it_answers_players_who_stand_still():
    # One player: hill-climbing ends at the optimum of a decision process.
    game = random_game(5, (4,), 6, discount=0.7)
    for learner in (WoLFPHC(0.1, 0.001, 0.002, 0.5), PHC(0.1, 0.001, 0.5)):
        run = learn(game, learner, steps=300_000, records=1)
        assert verify(game, run.profile).epsilon < 0.02


def test_what_is_refused():
    for name, kind in (("delta_win", WoLFPHC), ("delta_lose", WoLFPHC), ("delta", PHC)):
        for bad in (-0.1, 1.5, float("nan"), "fast", None):
            with pytest.raises(GameError, match=name):
                kind(**{name: bad})
